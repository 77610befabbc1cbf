import { pbkdf2 } from 'node:crypto';
import { asBytes } from './bytes.ts';

/**
 * PBKDF2 (RFC 8018) with HMAC-SHA-256, off the main thread. Only where a standard asks for it: what protects passphrases here is
 * Argon2id (argon2.ts).
 *
 * @param length bytes wanted
 */
export function pbkdf2Sha256(
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  length: number,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    pbkdf2(password, salt, iterations, length, 'sha256', (error, key) => {
      if (error) reject(error);
      else resolve(asBytes(key));
    });
  });
}
