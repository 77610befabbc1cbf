import type { z } from 'zod';
import { type AesGcm, aesGcmNonceBytes, createAesGcm } from '#core/crypto/aead.ts';
import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { hkdfSha512 } from '#core/crypto/kdf.ts';
import { wipe } from '#core/crypto/wipe.ts';
import { pack, unpack } from './packed.ts';

/**
 * Records that a room of the vault keeps on this computer, each sealed by itself: nonce 12 || AES-256-GCM of the packed record, associated
 * data "KIND ID", so that none can stand in another's place.
 *
 * @param label of the key: HKDF-SHA-512(the vault's root, salt = "", info = label, 32)
 */
export function sealedRecords<Kind extends string, S extends { readonly [K in Kind]: z.ZodType }>(
  schemas: S & { readonly [K in Kind]: z.ZodType },
  label: string,
) {
  return {
    recordKey(root: Uint8Array): AesGcm {
      const derived = hkdfSha512(root, new Uint8Array(0), label, 32);
      const made = createAesGcm(derived);
      wipe(derived);
      return made;
    },
    sealRecord<K extends Kind>(
      key: AesGcm,
      kind: K,
      id: string,
      record: z.infer<S[K]>,
      random: (n: number) => Uint8Array,
    ): Uint8Array {
      const nonce = random(aesGcmNonceBytes);
      return concatBytes(nonce, key.seal(nonce, pack(record), utf8(`${kind} ${id}`)));
    },
    /** Null for what was not sealed as this record. */
    openRecord<K extends Kind>(key: AesGcm, kind: K, id: string, sealed: Uint8Array): z.infer<S[K]> | null {
      if (sealed.length < aesGcmNonceBytes) return null;
      const [nonce, body] = [sealed.subarray(0, aesGcmNonceBytes), sealed.subarray(aesGcmNonceBytes)];
      const plain = key.open(nonce, body, utf8(`${kind} ${id}`));
      const schema: S[K] = schemas[kind];
      return plain && unpack(schema, plain);
    },
  };
}
