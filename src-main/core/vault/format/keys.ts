import { type AesGcm, createAesGcm } from '#core/crypto/aead.ts';
import { hmacSha256 } from '#core/crypto/hash.ts';
import { hkdfSha512 } from '#core/crypto/kdf.ts';

/**
 * The key hierarchy of a vault, format version 1 (docs/formats/vault.md, "Keys").
 *
 *     root (32 bytes, from the person's phrase)
 *       HKDF-SHA-512, salt = vault id
 *         epoch e     -> pack key (salt = pack id) -> chunk key = HMAC-SHA-256(pack key, u32 index)
 *                     -> wrap e: wraps pack keys that are random (wrapped-key.ts)
 *                     -> rows e: seals rows, from epoch 2 on
 *         ids         keyed chunk ids (deduplication)
 *         chunker     gear table
 *         catalogue   seals rows of epoch 1
 *         integrity   shard tags; not secret from this computer, so that scrub and repair work while locked
 *         check       tells that this root opens this vault
 *         sources     names directories that files were put from, on this computer only
 *         index       seals the search index, which lies on this computer only
 *         snapshot ed25519, snapshot ml-dsa-65   seeds of the keys that sign snapshots
 *
 * A pack id is 16 random bytes and a pack is written once, so a chunk key seals exactly one message: nonces are safe
 * by construction. The epoch is in every shard's header; a new one changes the keys of what is written from then on.
 */
export interface VaultKeys {
  readonly vaultId: Uint8Array;
  readonly ids: Uint8Array;
  readonly chunker: Uint8Array;
  /** What seals rows in an epoch. */
  rows(epoch: number): AesGcm;
  /** What wraps the keys of packs in an epoch. */
  wrap(epoch: number): AesGcm;
  /** The epoch that rows are sealed in now. */
  now(): number;
  /** A new one begins, or was found to have begun; never an earlier one. */
  begin(epoch: number): void;
  readonly integrity: Uint8Array;
  readonly check: Uint8Array;
  /** Names what is known of the directories of this computer that files were put from. */
  sources(): Uint8Array;
  /** A fresh copy of the key of this computer's search index (docs/formats/search-index.md), for the caller to wipe. */
  index(): Uint8Array;
  epoch(epoch: number): Uint8Array;
  /** Seeds of the keys that sign snapshots, 32 bytes each. */
  signing(): { readonly ed25519: Uint8Array; readonly mlDsa65: Uint8Array };
}

export const firstEpoch = 1;

/** Nobody rotates so often; a row that claims a later one is no row. */
export const lastEpoch = 65_535;

/**
 * All keys of one vault, which is in this epoch as far as is known. The caller may wipe `root` afterwards, as locking does while packs are still being written: keys
 * asked for later must not come from a wiped root.
 */
export function vaultKeys(root: Uint8Array, vaultId: Uint8Array, epoch: number = firstEpoch): VaultKeys {
  const own = root.slice();
  const derive = (label: string, length = 32): Uint8Array =>
    hkdfSha512(own, vaultId, `hypha vault ${label} v1`, length);
  // Asked for with every chunk that is read.
  const epochs = new Map<number, Uint8Array>();
  const epochKey = (epoch: number): Uint8Array => {
    const key = epochs.get(epoch) ?? derive(`epoch ${epoch}`);
    epochs.set(epoch, key);
    return key;
  };
  const remember = (made: (epoch: number) => Uint8Array): ((epoch: number) => AesGcm) => {
    const known = new Map<number, AesGcm>();
    return (epoch) => {
      const key = known.get(epoch) ?? createAesGcm(made(epoch));
      known.set(epoch, key);
      return key;
    };
  };
  const ofEpoch = (epoch: number, label: string): Uint8Array =>
    hkdfSha512(epochKey(epoch), vaultId, `hypha vault ${label} v1`, 32);
  let now = epoch;
  let sources: Uint8Array | null = null;
  return {
    vaultId,
    ids: derive('ids'),
    chunker: derive('chunker'),
    // The first release had one key for all rows, before there were epochs of them.
    rows: remember((e) => (e === firstEpoch ? derive('catalogue') : ofEpoch(e, 'rows'))),
    wrap: remember((e) => ofEpoch(e, 'pack wrap')),
    now: () => now,
    begin(next) {
      now = Math.max(now, next);
    },
    integrity: derive('integrity'),
    check: derive('check', 16),
    sources: () => {
      sources ??= derive('sources');
      return sources;
    },
    index: () => derive('index'),
    epoch: epochKey,
    signing: () => ({ ed25519: derive('snapshot ed25519'), mlDsa65: derive('snapshot ml-dsa-65') }),
  };
}

export function packKey(epochKey: Uint8Array, packId: Uint8Array): Uint8Array {
  return hkdfSha512(epochKey, packId, 'hypha vault pack v1', 32);
}

export function chunkKey(key: Uint8Array, index: number): Uint8Array {
  return hmacSha256(key, u32(index));
}

/** The key that seals the interface's offline cache of listings; independent of any vault. */
export function offlineCacheKey(root: Uint8Array): Uint8Array {
  return hkdfSha512(root, new Uint8Array(0), 'hypha vault offline cache v1', 32);
}

export function u32(value: number): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value, true);
  return out;
}
