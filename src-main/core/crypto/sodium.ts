import sodium from 'libsodium-wrappers-sumo';

/*
 * libsodium (WebAssembly), for what node:crypto has not in both runtimes: Argon2id and XChaCha20-Poly1305. It is ready
 * only after a promise, so that everything here is reached through `loadSodium`.
 */

export interface Sodium {
  /**
   * Argon2id version 1.3 (RFC 9106), one lane. Blocks the thread: use `argon2id` of argon2.ts, which runs it in a worker.
   *
   * @param memory bytes
   * @returns 32 bytes unless told otherwise
   */
  argon2id(passphrase: Uint8Array, salt: Uint8Array, passes: number, memory: number, length?: number): Uint8Array;
  /** XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), 32-byte key, 24-byte nonce. Answers ciphertext || 16-byte tag. */
  sealXChaCha(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array, aad: Uint8Array): Uint8Array;
  /** Null when key, nonce, aad and sealed bytes do not belong together. */
  openXChaCha(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Uint8Array | null;
}

export const argon2SaltBytes = 16;
export const xchachaNonceBytes = 24;
export const xchachaTagBytes = 16;

export async function loadSodium(): Promise<Sodium> {
  await sodium.ready;
  return loaded;
}

const loaded: Sodium = {
  argon2id(passphrase, salt, passes, memory, length = 32) {
    return sodium.crypto_pwhash(length, passphrase, salt, passes, memory, sodium.crypto_pwhash_ALG_ARGON2ID13);
  },
  sealXChaCha(key, nonce, plain, aad) {
    return sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, aad, null, nonce, key);
  },
  openXChaCha(key, nonce, sealed, aad) {
    if (sealed.length < xchachaTagBytes) return null;
    try {
      return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, sealed, aad, nonce, key);
    } catch {
      return null;
    }
  },
};
