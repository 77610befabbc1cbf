import { type AesGcm, aesGcmNonceBytes, createAesGcm } from '#core/crypto/aead.ts';
import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { hkdfSha512 } from '#core/crypto/kdf.ts';
import { wipe } from '#core/crypto/wipe.ts';

/* What both sides compute from the handshake, and how they speak after it. */

export function commitmentTo(body: Uint8Array): Uint8Array {
  return sha256(utf8('hypha/v1/pairing/commit\n'), body);
}

/**
 * The six digits that both screens show. They follow from everything that identifies the two (both keys, both nonces, the
 * joining device and its name), in an order in which each side is bound before it learns what the other chose: whoever stands
 * between has one try in a million.
 */
export function shortCode(offer: Uint8Array, body: Uint8Array): string {
  const hash = sha256(utf8('hypha/v1/pairing/code\n'), sha256(offer), sha256(body));
  let value = 0;
  for (const byte of hash.subarray(0, 6)) value = value * 256 + byte;
  return String(value % 1_000_000).padStart(6, '0');
}

/** Two secrets, each for one holder of a key that went into the code; both are needed. */
export function sessionKeys(
  forB: Uint8Array,
  forA: Uint8Array,
  messages: readonly Uint8Array[],
): { fromA: Uint8Array; fromB: Uint8Array } {
  const secret = concatBytes(forB, forA);
  const transcript = sha256(utf8('hypha/v1/pairing\n'), ...messages.map((message) => sha256(message)));
  const keys = hkdfSha512(secret, transcript, 'hypha/v1/pairing', 64);
  wipe(secret, forA, forB);
  return { fromA: keys.slice(0, 32), fromB: keys.slice(32) };
}

/** One direction. Keys are fresh for each pairing, so a counter is a safe nonce; a lost or repeated message does not open. */
export class Direction {
  readonly #cipher: AesGcm;
  #count = 0;

  constructor(key: Uint8Array) {
    this.#cipher = createAesGcm(key);
    wipe(key);
  }

  #nonce(): Uint8Array {
    const nonce = new Uint8Array(aesGcmNonceBytes);
    new DataView(nonce.buffer).setUint32(8, this.#count++);
    return nonce;
  }

  seal(plain: Uint8Array): Uint8Array {
    return this.#cipher.seal(this.#nonce(), plain, new Uint8Array(0));
  }

  open(sealed: Uint8Array): Uint8Array | null {
    return this.#cipher.open(this.#nonce(), sealed, new Uint8Array(0));
  }
}
