import type { Opened } from '../core.ts';
import type { PackRow } from '../store/catalogue.ts';
import type { Found } from './check-shard.ts';
import type { Records } from './records.ts';

/** Write down what was found of a shard, unless it was moved or deleted while it was read. @returns whether it was found to be lost */
export function noteFound(
  { catalogue, packs, engine }: Pick<Opened, 'catalogue' | 'packs' | 'engine'>,
  records: Records,
  pack: PackRow,
  idx: number,
  place: string,
  found: Found,
): boolean {
  const row = catalogue.shards(pack.seq)[idx];
  const same = row?.place === place && row.state === 'ok' && catalogue.pack(pack.seq)?.state === 'stored';
  if (!same || found === 'unread') return false;
  const now = engine.deps.host.now();
  if (found === 'right') {
    catalogue.transaction(() => {
      catalogue.shardsVerified(pack.seq, [{ idx, place }], now);
      records.count({ checked: 1 });
    });
    return false;
  }
  packs.note(pack, [{ idx, place, state: found }]);
  catalogue.transaction(() => {
    records.count({ checked: 1, [found]: 1 });
    records.event('found', place, 1, now);
    records.set(place, { faults: records.place(place, now).faults + 1 });
  });
  return true;
}
