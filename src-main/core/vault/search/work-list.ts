import type { Session } from '../core.ts';
import { planFor } from './extract/plan.ts';
import type { Known } from './known.ts';

/** Rows looked at in one turn. */
const batch = 2000;
/** Of a sealed row its first bytes are a random nonce: another whenever the row was written anew. */
const stampBytes = 6;

export const stampOf = (sealed: Uint8Array): number =>
  Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength).readUIntBE(0, stampBytes);

/** Which files the index does not know as they are now. */
export interface WorkList {
  /** Look at rows of the catalogue that changed since the last look; the first time at all. */
  look(session: Session): Promise<void>;
  /** Files to read again whatever is known of them. */
  again(items: readonly string[]): void;
  next(): string | null;
  readonly size: number;
  forget(): void;
}

export function createWorkList(known: Known): WorkList {
  /** What came last comes first: a person looks for what she just stored. */
  const fresh = new Set<string>();
  let backlog: string[] = [];
  let from = 0;

  return {
    async look(session) {
      const { catalogue, tree, signal } = session;
      const first = from === 0;
      // Rows of this generation may change once more within it; they are looked at again.
      const generation = catalogue.vault()?.generation ?? 0;
      const missing: string[] = [];
      for (let gen = from, row = -1; ; ) {
        signal.throwIfAborted();
        const rows = catalogue.all<{ item: string; gen: number; row: number; head: Uint8Array }>(
          `SELECT item, gen, rowid AS row, substr(sealed, 1, ${stampBytes}) AS head FROM manifests
           WHERE (gen, rowid) > (?, ?) ORDER BY gen, rowid LIMIT ?`,
          gen,
          row,
          batch,
        );
        for (const { item, head } of rows) {
          if (head.length < stampBytes || known.items.get(item)?.stamp === stampOf(head)) continue;
          if (tree.get(item)) missing.push(item);
        }
        const last = rows.at(-1);
        if (!last || rows.length < batch) break;
        gen = last.gen;
        row = last.row;
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      from = generation;
      if (!first) for (const item of missing) fresh.add(item);
      else {
        const modified = (item: string): number => tree.get(item)?.modified ?? 0;
        // The newest at the end, where it is taken from.
        backlog = missing.sort((a, b) => modified(a) - modified(b));
      }
      // Deleted for good, or never read because of an ending that it has no more.
      const count = catalogue.one<{ n: number }>('SELECT count(*) AS n FROM manifests')?.n ?? 0;
      if (known.items.size > count) for (const item of [...known.items.keys()]) if (!tree.get(item)) known.forget(item);
    },
    again(items) {
      for (const item of items) fresh.add(item);
    },
    next() {
      for (const item of fresh) {
        fresh.delete(item);
        return item;
      }
      return backlog.pop() ?? null;
    },
    get size() {
      return fresh.size + backlog.length;
    },
    forget() {
      fresh.clear();
      backlog = [];
      from = 0;
    },
  };
}

/** Renamed files that had nothing to read by their old ending and have by the new one. */
export function readableNow(session: Session, known: Known, ids: readonly string[]): string[] {
  return ids.filter((id) => {
    const node = session.tree.get(id);
    const was = known.items.get(id)?.outcome;
    if (node?.kind !== 'file' || (was !== 'none' && was !== 'too-large')) return false;
    const { kind } = planFor(node.name, node.mime, node.size);
    return kind === 'office' || kind === 'text' || kind === 'html' || kind === 'rtf';
  });
}
