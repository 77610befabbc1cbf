import type { Core, Reading, Session } from '../core.ts';
import { openRow, sealRow } from '../format/row.ts';
import {
  decodeSnapshot,
  encodeSnapshot,
  isSigned,
  type SignedSnapshot,
  type Snapshot,
  signSnapshot,
  statementHash,
} from '../format/snapshot.ts';
import { createMerkle, leafOf } from './merkle.ts';
import { manifestsBetween, rowsOf } from './rows.ts';

const noSnapshot = new Uint8Array(32);

/** All that are whole, oldest first. One that cannot be opened is left out: it is as good as gone. */
export function snapshotsOf({ catalogue, keys }: Pick<Reading, 'catalogue' | 'keys'>): SignedSnapshot[] {
  const rows = catalogue.all<{ number: number; sealed: Uint8Array }>(
    'SELECT number, sealed FROM snapshots WHERE sealed IS NOT NULL ORDER BY number',
  );
  return rows.flatMap(({ number, sealed }) => {
    const plain = openRow(keys, 'snapshot', String(number), sealed);
    const signed = plain && decodeSnapshot(plain);
    return signed && signed.snapshot.number === number ? [signed] : [];
  });
}

/** Whether anything changed since the last snapshot was taken. */
export function changedSince({ catalogue }: Session): boolean {
  const { next } = catalogue.one<{ next: number }>('SELECT next FROM snapshot_state') ?? { next: 1 };
  return (
    catalogue.one('SELECT 1 FROM items WHERE born = ? LIMIT 1', next) !== null ||
    catalogue.one('SELECT 1 FROM past_items WHERE died = ? LIMIT 1', next) !== null
  );
}

/** Merkle root over what a snapshot sees, and how many rows that is. */
async function rootOf(
  { catalogue }: Pick<Reading, 'catalogue'>,
  number: number,
  signal: AbortSignal,
): Promise<{ root: Uint8Array; rows: number }> {
  const merkle = createMerkle();
  let count = 0;
  for await (const rows of rowsOf(catalogue, number, signal)) {
    const manifests = manifestsBetween(catalogue, rows[0]?.id ?? '', rows.at(-1)?.id ?? '');
    for (const { id, sealed } of rows) merkle.add(leafOf(id, sealed, manifests.get(id) ?? null));
    count += rows.length;
  }
  return { root: merkle.root(), rows: count };
}

/**
 * Keep the vault as it is at this moment. From its first line on nothing it sees is lost by later changes; it counts when it is
 * signed, and one that was never finished is forgotten at the next start ({@link forgetUnfinished}).
 */
export async function takeSnapshot(
  core: Core,
  session: Session,
  about: { readonly automatic: boolean; readonly name: string },
  signal: AbortSignal,
): Promise<Snapshot> {
  const { catalogue, keys, tree } = session;
  const before = snapshotsOf(session).at(-1);
  const number = catalogue.transaction(() => {
    const { next } = catalogue.one<{ next: number }>('SELECT next FROM snapshot_state') ?? { next: 1 };
    catalogue.run('INSERT INTO snapshots VALUES (?, NULL, 0)', next);
    catalogue.run('UPDATE snapshot_state SET next = ?', next + 1);
    return next;
  });
  const { files, folders, size } = tree.counts();
  core.deps.probe?.('snapshot-begun');
  const { root, rows } = await rootOf(session, number, signal);
  const snapshot: Snapshot = {
    number,
    at: core.deps.host.now(),
    ...about,
    ...{ files, folders, size, rows, root },
    previous: before ? statementHash(keys.vaultId, before.snapshot) : noSnapshot,
  };
  const plain = encodeSnapshot(signSnapshot(keys, snapshot));
  const sealed = sealRow(keys, core.deps.host.random, 'snapshot', String(number), plain);
  catalogue.run(
    'UPDATE snapshots SET sealed = ?, gen = (SELECT generation FROM vault) WHERE number = ?',
    sealed,
    number,
  );
  core.deps.probe?.('snapshot-taken');
  core.changed([]);
  return snapshot;
}

/** What is wrong with a snapshot, in plain words; null when it is what was signed. */
export async function problemWith(
  session: Pick<Reading, 'catalogue' | 'keys'>,
  number: number,
  signal: AbortSignal,
): Promise<string | null> {
  const all = snapshotsOf(session);
  const at = all.findIndex(({ snapshot }) => snapshot.number === number);
  const signed = all[at];
  if (!signed || !isSigned(session.keys, signed)) return 'Its signature is not one of yours.';
  const { root, rows } = await rootOf(session, number, signal);
  if (rows !== signed.snapshot.rows || Buffer.compare(root, signed.snapshot.root) !== 0)
    return 'What it holds is not what was signed when it was taken.';
  const earlier = all[at - 1]?.snapshot;
  // Of those between that were removed nothing is known any more.
  if (earlier?.number !== number - 1) return null;
  const follows = Buffer.compare(statementHash(session.keys.vaultId, earlier), signed.snapshot.previous) === 0;
  return follows ? null : `It does not follow on snapshot ${earlier.number}.`;
}
