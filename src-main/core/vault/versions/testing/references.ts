import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { vaultKeys } from '../../format/keys.ts';
import { decodeManifest } from '../../format/manifest.ts';
import { openRow } from '../../format/row.ts';
import type { Bench } from '../../testing/harness.ts';

/**
 * Chunks whose count of references is not what all manifests, those that only snapshots see too, say; and manifests that name a
 * chunk nobody has. An empty list: nothing that is needed can be swept, and nothing stays that nobody needs.
 */
export async function wrongReferences({ home, keys: source }: Pick<Bench, 'home' | 'keys'>): Promise<string[]> {
  const root = source.root();
  if (!root) throw new Error('locked');
  const db = new DatabaseSync(join(home, 'vault', 'catalogue.db'), { readOnly: true });
  try {
    const vault = db.prepare('SELECT id FROM vault').get() as { id: Uint8Array };
    const keys = vaultKeys(root, vault.id);
    const counts = new Map<string, number>();
    const rows = db.prepare(
      'SELECT item, sealed FROM manifests UNION ALL SELECT item, sealed FROM past_manifests',
    ) as unknown as { all(): { item: string; sealed: Uint8Array }[] };
    for (const { item, sealed } of rows.all()) {
      const plain = openRow(keys, 'manifest', item, sealed);
      const manifest = plain && decodeManifest(plain);
      if (!manifest) throw new Error(`the manifest of ${item} cannot be opened`);
      for (const { id } of manifest.chunks) {
        const key = Buffer.from(id).toString('hex');
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    const wrong: string[] = [];
    for (const { id, refs } of db.prepare('SELECT id, refs FROM chunks').all() as unknown as {
      id: Uint8Array;
      refs: number;
    }[]) {
      const key = Buffer.from(id).toString('hex');
      const expected = counts.get(key) ?? 0;
      if (expected !== refs) wrong.push(`${key}: ${refs} and not ${expected}`);
      counts.delete(key);
    }
    for (const key of counts.keys()) wrong.push(`${key}: missing`);
    const unseen = db
      .prepare(
        'SELECT item FROM past_items WHERE NOT EXISTS (SELECT 1 FROM snapshots WHERE number >= born AND number < died)',
      )
      .all() as { item: string }[];
    for (const { item } of unseen) wrong.push(`${item}: kept for nobody`);
    return wrong;
  } finally {
    db.close();
  }
}
