import type { EntryId } from '../model/records.ts';
import type { Entry } from '../model/registers.ts';
import type { Draft } from './absorb.ts';

/**
 * Before something is written about an entry that was deleted, or about what lies in it: all that it is, anew. Others may have forgotten
 * it by now, and one write alone would tell them of a file without a name or bytes.
 */
export function createReviver(entries: ReadonlyMap<EntryId, Entry>, write: (draft: Draft) => void) {
  const revived = new Set<EntryId>();
  return (start: EntryId | null): void => {
    for (let at = start; at !== null && !revived.has(at); ) {
      const entry: Entry | undefined = entries.get(at);
      if (!entry?.place) return;
      revived.add(at);
      if (entry.state?.state === 'gone') {
        const { parent, type, name } = entry.place;
        write({ kind: 'place', entry: at, parent, type, name });
        write({ kind: 'state', entry: at, state: 'here', seen: [] });
        for (const { content, size, modified, past, author, seq } of entry.contents) {
          const seen = past.filter(([one]) => one !== author);
          const withOwn = [...seen, [author, seq] as const].sort(([a], [b]) => (a < b ? -1 : 1));
          write({ kind: 'content', entry: at, content, size, modified, past: withOwn });
        }
      }
      at = entry.place.parent;
    }
  };
}
