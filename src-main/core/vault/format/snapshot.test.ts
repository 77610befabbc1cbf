import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vaultKeys } from './keys.ts';
import { decodeSnapshot, encodeSnapshot, isSigned, type Snapshot, signSnapshot, statementHash } from './snapshot.ts';

const keys = vaultKeys(new Uint8Array(32).fill(1), new Uint8Array(16).fill(2));
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const anySnapshot: fc.Arbitrary<Snapshot> = fc.record({
  number: fc.integer({ min: 1, max: 2 ** 40 }),
  at: fc.nat(8.64e15),
  automatic: fc.boolean(),
  name: fc.string({ maxLength: 100 }),
  files: fc.nat(),
  folders: fc.nat(),
  size: fc.maxSafeNat(),
  rows: fc.nat(),
  root: hash,
  previous: hash,
});
const signature = new Uint8Array(64 + 3309).fill(7);

describe('a snapshot', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(anySnapshot, (snapshot) => {
        expect(decodeSnapshot(encodeSnapshot({ snapshot, signature }))).toEqual({ snapshot, signature });
      }),
    );
  });

  it('is nothing when any bytes are read, and never a crash', () => {
    const whole = encodeSnapshot({ snapshot: fc.sample(anySnapshot, 1)[0] as Snapshot, signature });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(whole.length - 1), fc.nat(255), (any, at, byte) => {
        decodeSnapshot(any);
        const changed = whole.slice();
        changed[at] = byte;
        decodeSnapshot(changed);
        expect(decodeSnapshot(whole.subarray(0, at))).toBeNull();
      }),
    );
  });

  it('holds by both signatures only, for this vault and this person only, and not when anything of it is changed', () => {
    const [snapshot] = fc.sample(anySnapshot, { numRuns: 1, seed: 7 }) as [Snapshot];
    const signed = signSnapshot(keys, snapshot);
    expect(isSigned(keys, signed)).toBe(true);
    expect(signSnapshot(keys, snapshot).signature).toEqual(signed.signature);
    const otherVault = vaultKeys(new Uint8Array(32).fill(1), new Uint8Array(16).fill(3));
    const otherPerson = vaultKeys(new Uint8Array(32).fill(9), new Uint8Array(16).fill(2));
    expect(isSigned(otherVault, signed)).toBe(false);
    expect(isSigned(otherPerson, signed)).toBe(false);
    for (const at of [0, 63, 64, 64 + 3308]) {
      const broken = signed.signature.slice();
      broken[at] = (broken[at] ?? 0) ^ 1;
      expect(isSigned(keys, { snapshot, signature: broken })).toBe(false);
    }
    const changed = { ...snapshot, size: snapshot.size === 0 ? 1 : snapshot.size - 1 };
    expect(isSigned(keys, { ...signed, snapshot: changed })).toBe(false);
    expect(statementHash(keys.vaultId, changed)).not.toEqual(statementHash(keys.vaultId, snapshot));
  });
});
