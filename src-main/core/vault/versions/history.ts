import type { Session } from '../core.ts';
import { decodeItem, type ItemRecord, openRow } from '../format/row.ts';
import type { Snapshot } from '../format/snapshot.ts';
import type { Node } from '../tree.ts';
import { snapshotsOf } from './take.ts';

export interface Version {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly modified: number;
  readonly added: number;
  readonly snapshots: { readonly first: Snapshot; readonly last: Snapshot } | null;
  readonly now: 'there' | 'binned' | 'gone';
}

interface Seen {
  record: ItemRecord;
  readonly numbers: Set<number>;
}

/**
 * What had this place in this folder over time, newest first: an item never changes its bytes, one that replaces it is another. Also the
 * names that the item itself had elsewhere.
 */
export function historyOf(session: Session, { id, parent, name }: Pick<Node, 'id' | 'parent' | 'name'>): Version[] {
  const { catalogue, keys, tree } = session;
  const snapshots = snapshotsOf(session).map(({ snapshot }) => snapshot);
  const seen = new Map<string, Seen>();
  const isOurs = (item: string, record: ItemRecord): boolean =>
    record.kind === 'file' && (item === id || (record.parent === parent && record.name === name));
  const note = (item: string, record: ItemRecord, numbers: readonly number[]): void => {
    const entry = seen.get(item) ?? { record, numbers: new Set<number>() };
    for (const number of numbers) entry.numbers.add(number);
    seen.set(item, entry);
  };
  const bornOf = (item: string): number =>
    catalogue.one<{ born: number }>('SELECT born FROM items WHERE id = ?', item)?.born ?? Number.POSITIVE_INFINITY;

  for (const node of tree.nodes()) {
    if (!isOurs(node.id, node)) continue;
    const born = bornOf(node.id);
    note(
      node.id,
      node,
      snapshots.filter(({ number }) => number >= born).map(({ number }) => number),
    );
  }
  for (const row of catalogue.all<{ item: string; born: number; died: number; sealed: Uint8Array }>(
    'SELECT item, born, died, sealed FROM past_items ORDER BY item, died DESC',
  )) {
    const plain = openRow(keys, 'item', row.item, row.sealed);
    const record = plain && decodeItem(plain);
    if (!record || !isOurs(row.item, record)) continue;
    const numbers = snapshots.filter(({ number }) => number >= row.born && number < row.died);
    note(
      row.item,
      record,
      numbers.map(({ number }) => number),
    );
  }

  const versions = [...seen].map(([item, { record, numbers }]): Version => {
    const by = snapshots.filter(({ number }) => numbers.has(number));
    const [first, last] = [by[0], by.at(-1)];
    const node = tree.get(item);
    const { size, modified, added } = record;
    return {
      ...{ id: item, name: record.name, size, modified, added },
      snapshots: first && last ? { first, last } : null,
      now: node === null ? 'gone' : tree.inBin(node) ? 'binned' : 'there',
    };
  });
  return versions.sort((a, b) => b.added - a.added || (a.id < b.id ? -1 : 1));
}
