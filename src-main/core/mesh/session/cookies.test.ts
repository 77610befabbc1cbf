import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '#core/testing/fake-host.ts';
import { cookieKeyLife, cookieLife, createCookies } from './cookies.ts';

const bytes = (n: number) => fc.uint8Array({ minLength: n, maxLength: n });

describe('cookies', () => {
  it('are good for one to two minutes, whatever happens in between', () => {
    fc.assert(
      fc.property(bytes(32), bytes(16), fc.nat(10 * cookieLife), fc.nat(3 * cookieLife), (key, nonce, at, after) => {
        const cookies = createCookies(0, seededRandom(1));
        const cookie = cookies.make(at, key, nonce);
        const good = cookies.check(at + after, key, nonce, cookie);
        if (after < cookieKeyLife) expect(good).toBe(true);
        if (after >= cookieLife) expect(good).toBe(false);
      }),
    );
  });

  it('are for one peer, one nonce, and the node that made them', () => {
    const cookies = createCookies(0, seededRandom(1));
    const [key, nonce] = [new Uint8Array(32).fill(1), new Uint8Array(16).fill(2)];
    const cookie = cookies.make(0, key, nonce);
    expect(cookie).toHaveLength(16);
    expect(cookies.check(0, key, nonce, cookie)).toBe(true);
    expect(cookies.check(0, new Uint8Array(32), nonce, cookie)).toBe(false);
    expect(cookies.check(0, key, new Uint8Array(16), cookie)).toBe(false);
    expect(cookies.check(0, key, nonce, cookie.subarray(1))).toBe(false);
    expect(createCookies(0, seededRandom(2)).check(0, key, nonce, cookie)).toBe(false);
  });
});
