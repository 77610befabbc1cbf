import { openAesGcm, sealAesGcm } from '#core/crypto/aead.ts';
import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { hmacSha256, sha256 } from '#core/crypto/hash.ts';
import { wipe } from '#core/crypto/wipe.ts';
import { putU64 } from '../wire/big-endian.ts';

/**
 * The running state of a Noise handshake with AESGCM and SHA256: every message changes the hash, every secret the chaining
 * key. Source: The Noise Protocol Framework, revision 34, sections 5.1 and 5.2.
 */
export interface SymmetricState {
  mixHash(bytes: Uint8Array): void;
  /** The secret is the caller's to wipe. */
  mixKey(secret: Uint8Array): void;
  encryptAndHash(plain: Uint8Array): Uint8Array;
  /** @returns null when it was not encrypted in the same state; the state is of no use then */
  decryptAndHash(sealed: Uint8Array): Uint8Array | null;
  /** The two transport keys, 32 bytes each: of what the initiator sends, and of what the responder does. Wipes the state. */
  split(): readonly [Uint8Array, Uint8Array];
  /** 32 bytes: the same on both sides exactly when they saw the same handshake. */
  hash(): Uint8Array;
  /** Another one that goes its own way from here. */
  copy(): SymmetricState;
  wipe(): void;
}

interface Values {
  readonly hash: Uint8Array;
  readonly chain: Uint8Array;
  readonly key: Uint8Array | null;
  readonly counter: number;
}

const none = new Uint8Array(0);

export function createSymmetricState(protocolName: string): SymmetricState {
  const name = utf8(protocolName);
  const hash = name.length > 32 ? sha256(name) : concatBytes(name, new Uint8Array(32 - name.length));
  return stateOf({ hash, chain: hash.slice(), key: null, counter: 0 });
}

function stateOf(values: Values): SymmetricState {
  let { hash, chain, key, counter } = values;

  const mixHash = (bytes: Uint8Array): void => {
    hash = sha256(hash, bytes);
  };
  /** Noise's HKDF with two outputs. */
  const derive = (secret: Uint8Array): readonly [Uint8Array, Uint8Array] => {
    const extracted = hmacSha256(chain, secret);
    const first = hmacSha256(extracted, Uint8Array.of(1));
    const second = hmacSha256(extracted, first, Uint8Array.of(2));
    wipe(extracted);
    return [first, second];
  };
  const nonce = (): Uint8Array => {
    const bytes = new Uint8Array(12);
    putU64(bytes, 4, counter++);
    return bytes;
  };
  const forget = (): void => {
    wipe(chain, key);
    key = null;
  };

  return {
    mixHash,
    mixKey(secret) {
      const [nextChain, nextKey] = derive(secret);
      wipe(chain, key);
      chain = nextChain;
      key = nextKey;
      counter = 0;
    },
    encryptAndHash(plain) {
      const sealed = key === null ? plain : sealAesGcm(key, nonce(), plain, hash);
      mixHash(sealed);
      return sealed;
    },
    decryptAndHash(sealed) {
      const plain = key === null ? sealed : openAesGcm(key, nonce(), sealed, hash);
      if (plain !== null) mixHash(sealed);
      return plain;
    },
    split() {
      const keys = derive(none);
      forget();
      return keys;
    },
    hash: () => hash.slice(),
    copy: () => stateOf({ hash, chain: chain.slice(), key: key?.slice() ?? null, counter }),
    wipe: forget,
  };
}
