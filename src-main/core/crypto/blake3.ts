import { blake3 as noble } from '@noble/hashes/blake3.js';

/** BLAKE3 (plain hash mode) of the bytes; 32 bytes. */
export function blake3(bytes: Uint8Array): Uint8Array {
  return noble(bytes);
}

export interface Blake3 {
  update(bytes: Uint8Array): void;
  /** 32 bytes; once. */
  digest(): Uint8Array;
}

/** BLAKE3 of what arrives piece by piece. */
export function createBlake3(): Blake3 {
  const hash = noble.create();
  return {
    update(bytes) {
      hash.update(bytes);
    },
    digest: () => hash.digest(),
  };
}
