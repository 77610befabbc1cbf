import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '#core/testing/fake-host.ts';
import { vaultKeys } from './keys.ts';
import { openSecret, sealSecret } from './place-secret.ts';

const keys = vaultKeys(new Uint8Array(32).fill(1), new Uint8Array(16).fill(2));
const random = seededRandom(9);
const text = fc.string({ minLength: 1, maxLength: 40 }).filter((s) => s.trim() === s && s !== '');
const secret = fc.record(
  { password: text, secretKey: text, privateKey: text, keyPassword: text },
  { requiredKeys: [] },
);

describe('what opens a place', () => {
  it('comes back whole, for this place and with these keys only, and is nothing where nothing is needed', () => {
    fc.assert(
      fc.property(secret, (one) => {
        const sealed = sealSecret(keys, random, 'p1', one);
        if (Object.keys(one).length === 0) return void expect(sealed).toBeNull();
        if (sealed === null) throw new Error('not sealed');
        expect(openSecret(keys, 'p1', sealed)).toEqual(one);
        expect(openSecret(keys, 'p2', sealed)).toBeNull();
        const others = vaultKeys(new Uint8Array(32).fill(3), new Uint8Array(16).fill(2));
        expect(openSecret(others, 'p1', sealed)).toBeNull();
      }),
    );
  });

  it('shows nothing of it, and does not open with any bit changed', () => {
    const sealed = sealSecret(keys, random, 'p', { password: 'correct horse battery' });
    if (sealed === null) throw new Error('not sealed');
    expect(Buffer.from(sealed).includes('horse')).toBe(false);
    fc.assert(
      fc.property(fc.nat(sealed.length * 8 - 1), (bit) => {
        const changed = Uint8Array.from(sealed);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(openSecret(keys, 'p', changed)).toBeNull();
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(openSecret(keys, 'p', bytes)).toBeNull();
      }),
    );
  });
});
