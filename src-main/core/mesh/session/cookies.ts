import { equalBytes } from '#core/crypto/equal.ts';
import { hmacSha256 } from '#core/crypto/hash.ts';
import { cookieBytes } from './wire.ts';

/**
 * Proof that who begins a handshake heard from us a moment ago, without our keeping anything about it: a recorded handshake
 * that is played back later carries a cookie that is no longer ours. That is why no time of day is needed, which WireGuard
 * has in its place and which a computer without a clock gets wrong after a restart.
 *
 * A cookie is the first 16 bytes of HMAC-SHA-256 over the peer's public key and the nonce of its hello, under a random key
 * of ours that is replaced every minute and valid for one more.
 */
export interface Cookies {
  make(now: number, publicKey: Uint8Array, nonce: Uint8Array): Uint8Array;
  check(now: number, publicKey: Uint8Array, nonce: Uint8Array, cookie: Uint8Array): boolean;
}

export const cookieKeyLife = 60_000;
/** No cookie is taken after this. */
export const cookieLife = 2 * cookieKeyLife;

export function createCookies(now: number, random: (n: number) => Uint8Array): Cookies {
  let key = random(32);
  let before: Uint8Array | null = null;
  let since = now;
  const rotate = (time: number): void => {
    if (time - since < cookieKeyLife) return;
    before = time - since < cookieLife ? key : null;
    key = random(32);
    since = time;
  };
  const under = (secret: Uint8Array, publicKey: Uint8Array, nonce: Uint8Array): Uint8Array =>
    hmacSha256(secret, publicKey, nonce).subarray(0, cookieBytes);
  return {
    make(time, publicKey, nonce) {
      rotate(time);
      return under(key, publicKey, nonce);
    },
    check(time, publicKey, nonce, cookie) {
      rotate(time);
      if (equalBytes(under(key, publicKey, nonce), cookie)) return true;
      return before !== null && equalBytes(under(before, publicKey, nonce), cookie);
    },
  };
}
