import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { lastEpoch, packKey, u32, type VaultKeys } from './keys.ts';

/*
 * The key of a pack, wrapped under its epoch (docs/formats/vault.md, "Keys"), 64 bytes:
 *
 *      0   4  epoch, >= 1
 *      4  12  nonce, random
 *     16  48  AES-256-GCM of the pack key (32 bytes) and its tag, associated data "pack key" || 0 || pack id
 *
 * It is kept in the row of the pack, not in its shards: it can be wrapped anew while they stay as they are.
 */

export const wrappedKeyBytes = 64;
const context = utf8('pack key\0');

/** Wrap a pack's key in the epoch that it is now. */
export function wrapPackKey(
  keys: VaultKeys,
  random: (n: number) => Uint8Array,
  packId: Uint8Array,
  key: Uint8Array,
  epoch: number = keys.now(),
): Uint8Array {
  const nonce = random(12);
  return concatBytes(u32(epoch), nonce, keys.wrap(epoch).seal(nonce, key, concatBytes(context, packId)));
}

/** @returns null for anything that was not wrapped for this pack by these keys */
export function unwrapPackKey(keys: VaultKeys, packId: Uint8Array, wrapped: Uint8Array): Uint8Array | null {
  const epoch = wrappedEpoch(wrapped);
  if (epoch === null) return null;
  return keys.wrap(epoch).open(wrapped.subarray(4, 16), wrapped.subarray(16), concatBytes(context, packId));
}

/** @returns null for anything that is no wrapped key */
export function wrappedEpoch(wrapped: Uint8Array): number | null {
  if (wrapped.length !== wrappedKeyBytes) return null;
  const epoch = new DataView(wrapped.buffer, wrapped.byteOffset, 4).getUint32(0, true);
  return epoch >= 1 && epoch <= lastEpoch ? epoch : null;
}

interface KeyedPack {
  readonly id: Uint8Array;
  readonly epoch: number;
  /** Null: derived from the key of the pack's epoch, as the first release made it and copies of the catalogue have it. */
  readonly wrapped: Uint8Array | null;
}

/** The key that a pack's chunks are sealed under. @returns null when it is wrapped and does not open */
export function keyOfPack(keys: VaultKeys, { id, epoch, wrapped }: KeyedPack): Uint8Array | null {
  return wrapped === null ? packKey(keys.epoch(epoch), id) : unwrapPackKey(keys, id, wrapped);
}
