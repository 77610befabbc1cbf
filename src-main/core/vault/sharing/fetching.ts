import type { ItemId } from '#shared/model/ids.ts';
import { failures } from './failures.ts';
import { pieceBytes, type SharedEntry } from './format/asking.ts';
import type { Taken } from './records.ts';
import type { Remote } from './remote.ts';

/** Questions for pieces of one file that are on their way at one time. */
const ahead = 3;
/** What a share is followed to: deeper or more is no folder that somebody made. */
const deepest = 64;
const entriesMost = 200_000;

export interface Page {
  readonly item: SharedEntry;
  readonly path: readonly { readonly id: ItemId; readonly name: string }[];
  readonly entries: readonly SharedEntry[];
  readonly total: number;
  readonly more: boolean;
}

/** A file or folder of a share with the names that lead to it, from what was chosen down. */
export interface Found {
  readonly entry: SharedEntry;
  readonly path: readonly string[];
}

export interface Fetching {
  look(
    fresh: () => Taken,
    item: ItemId | null,
    after: string | null,
    signal: AbortSignal,
    patient?: boolean,
  ): Promise<Page>;
  /** Bytes of a file in order, in pieces of at most 1 MiB; exactly `length` of them, or it throws. */
  read(
    fresh: () => Taken,
    item: ItemId,
    offset: number,
    length: number,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array>;
  /** Everything below, folders before what lies in them. */
  walk(fresh: () => Taken, items: readonly ItemId[], signal: AbortSignal): AsyncGenerator<Found>;
}

export function createFetching(remote: Remote, nameOf: (share: Taken) => string): Fetching {
  const look: Fetching['look'] = async (fresh, item, after, signal, patient = false) => {
    const {
      item: at,
      path,
      entries,
      total,
      more,
    } = await remote.ask(fresh, { ask: 'look', item, after }, 'looked', signal, patient);
    return { item: at, path, entries, total, more };
  };

  return {
    look,
    async *read(fresh, item, offset, length, signal) {
      const stop = new AbortController();
      const either = AbortSignal.any([signal, stop.signal]);
      const end = offset + length;
      let next = offset;
      const queue: { readonly size: number; readonly bytes: Promise<Uint8Array> }[] = [];
      const more = (): void => {
        while (queue.length < ahead && next < end) {
          const size = Math.min(pieceBytes, end - next);
          const asked = remote.ask(fresh, { ask: 'read', item, offset: next, length: size }, 'bytes', either, true);
          const bytes = asked.then((answer) => answer.bytes);
          bytes.catch(() => {});
          queue.push({ size, bytes });
          next += size;
        }
      };
      try {
        more();
        for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
          more();
          const bytes = await one.bytes;
          // A file never changes under its id: fewer bytes are none of it.
          if (bytes.length !== one.size) throw failures.strange(nameOf(fresh()));
          yield bytes;
          more();
        }
      } finally {
        stop.abort();
      }
    },
    async *walk(fresh, items, signal) {
      let entries = 0;
      const seen = new Set<string>();
      // Without recursion: how deep folders lie in one another is for others to choose.
      const stack: { id: ItemId | null; path: readonly string[] }[] = [];
      const tops: (ItemId | null)[] = items.length === 0 ? [null] : [...items];
      for (const top of tops) {
        const { item } = await look(fresh, top, null, signal, true);
        if (seen.has(item.id)) continue;
        seen.add(item.id);
        yield { entry: item, path: [item.name] };
        if (item.kind === 'folder') stack.push({ id: item.id, path: [item.name] });
        for (let folder = stack.pop(); folder !== undefined; folder = stack.pop()) {
          for (let after: string | null = null, more = true; more; ) {
            const page: Page = await look(fresh, folder.id, after, signal, true);
            for (const entry of page.entries) {
              // An owner that answers in circles is not followed.
              if (++entries > entriesMost || folder.path.length >= deepest) throw failures.strange(nameOf(fresh()));
              if (seen.has(entry.id)) continue;
              seen.add(entry.id);
              const path: readonly string[] = [...folder.path, entry.name];
              yield { entry, path };
              if (entry.kind === 'folder') stack.push({ id: entry.id, path });
            }
            const last: string | undefined = page.entries.at(-1)?.name;
            more = page.more && last !== undefined && last !== after;
            after = last ?? null;
          }
        }
      }
    },
  };
}
