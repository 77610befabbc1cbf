import type { CatalogueRecord } from '../format/catalogue.ts';
import type { VaultKeys } from '../format/keys.ts';
import { decodeManifest, type ManifestChunk } from '../format/manifest.ts';
import { openRow } from '../format/row.ts';
import type { Catalogue } from './catalogue.ts';

/*
 * What snapshots keep of rows that changed or went (docs/formats/vault.md, "Snapshots"). A row of `past_items` is seen by the
 * snapshots from `born` up to, and without, `died`. The manifest of an item never changes; of one that was deleted it is
 * kept, and the chunks it names with it, as long as any snapshot sees some version of the item.
 */

type PastRecord = Extract<CatalogueRecord, ['snapshot' | 'past' | 'past-manifest', ...unknown[]]>;

/** A record of a catalogue that lay on the places. */
export function applyPast(catalogue: Catalogue, record: PastRecord): void {
  const gen = '(SELECT generation FROM vault)';
  if (record[0] === 'snapshot') {
    catalogue.run(`INSERT OR REPLACE INTO snapshots VALUES (?, ?, ${gen})`, record[1], record[2]);
  } else if (record[0] === 'past') {
    const [, item, born, died, sealed] = record;
    catalogue.run(`INSERT OR REPLACE INTO past_items VALUES (?, ?, ?, ?, ${gen})`, item, born, died, sealed);
  } else {
    catalogue.run(`INSERT OR REPLACE INTO past_manifests VALUES (?, ?, ${gen})`, record[1], record[2]);
  }
}

/** After a rebuild: what no snapshot sees goes, what is kept is referred to, and numbers go on where they were. */
export function relinkPast(catalogue: Catalogue, keys: VaultKeys): void {
  catalogue.run(
    `UPDATE snapshot_state SET next = 1 + max(coalesce((SELECT max(number) FROM snapshots), 0),
     coalesce((SELECT max(born) - 1 FROM items), 0), coalesce((SELECT max(died) - 1 FROM past_items), 0))`,
  );
  dropUnseen(catalogue, () => []);
  for (const { item, sealed } of catalogue.all<{ item: string; sealed: Uint8Array }>(
    'SELECT item, sealed FROM past_manifests',
  )) {
    for (const { id } of chunksOf(keys, item, sealed)) catalogue.reference(id, 1);
  }
}

/**
 * Forget what no snapshot sees any more. In a transaction of the caller's.
 *
 * @param chunks of a manifest that goes: each is referred to once less
 */
export function dropUnseen(
  catalogue: Catalogue,
  chunks: (item: string, sealed: Uint8Array) => readonly ManifestChunk[],
): void {
  catalogue.run(
    `DELETE FROM past_items WHERE NOT EXISTS
     (SELECT 1 FROM snapshots WHERE number >= past_items.born AND number < past_items.died)`,
  );
  for (const { item, sealed } of catalogue.all<{ item: string; sealed: Uint8Array }>(
    `SELECT item, sealed FROM past_manifests WHERE NOT EXISTS (SELECT 1 FROM past_items WHERE past_items.item = past_manifests.item)
     OR EXISTS (SELECT 1 FROM manifests WHERE manifests.item = past_manifests.item)`,
  )) {
    for (const { id } of chunks(item, sealed)) catalogue.reference(id, -1);
    catalogue.run('DELETE FROM past_manifests WHERE item = ?', item);
  }
}

/** @returns nothing for a manifest that cannot be opened: it frees nothing then */
export function chunksOf(keys: VaultKeys, item: string, sealed: Uint8Array): readonly ManifestChunk[] {
  const plain = openRow(keys, 'manifest', item, sealed);
  return (plain && decodeManifest(plain)?.chunks) ?? [];
}
