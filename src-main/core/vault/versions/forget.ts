import type { Core, Session } from '../core.ts';
import { chunksOf, dropUnseen } from '../store/past.ts';

/** Forget snapshots and what no other sees. Durable when it returns; the space is freed by {@link freeSpace}. */
export function forgetSnapshots(core: Core, session: Session, numbers: readonly number[]): void {
  const { catalogue, keys } = session;
  catalogue.transaction(() => {
    for (const number of numbers) {
      const { sealed } = catalogue.one<{ sealed: 0 | 1 }>(
        'SELECT sealed IS NOT NULL AS sealed FROM snapshots WHERE number = ?',
        number,
      ) ?? { sealed: 0 };
      catalogue.run('DELETE FROM snapshots WHERE number = ?', number);
      if (sealed === 1) {
        catalogue.run(
          `INSERT OR REPLACE INTO gone VALUES ('snapshot', ?, (SELECT generation FROM vault))`,
          String(number),
        );
      }
    }
    dropUnseen(catalogue, (item, sealed) => chunksOf(keys, item, sealed));
  });
  core.deps.probe?.('snapshots-forgotten');
  core.changed([]);
}

/** Snapshots that a crash left without a signature. */
export function forgetUnfinished(core: Core, session: Session): void {
  const rows = session.catalogue.all<{ number: number }>('SELECT number FROM snapshots WHERE sealed IS NULL');
  if (rows.length > 0)
    forgetSnapshots(
      core,
      session,
      rows.map(({ number }) => number),
    );
}

/** Give the room of what nobody refers to any more back. @returns bytes freed on all places */
export function freeSpace(session: Session, signal: AbortSignal): Promise<number> {
  const { maintenance, ingest, publisher, keys } = session;
  return maintenance.freeingAlone(async () => {
    maintenance.collect(ingest.pinned);
    if (!signal.aborted) await maintenance.compact(keys, ingest, signal);
    maintenance.collect(ingest.pinned);
    // The copy on the places must not name what is deleted before its bytes go.
    return (await publisher.publish()) ? maintenance.sweep() : 0;
  });
}
