import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { BlockCache } from '../index/block-cache.ts';
import { evaluate, type Found } from '../index/evaluate.ts';
import type { ItemEntry } from '../index/meta.ts';
import type { Clause } from '../index/occurrences.ts';
import { openSegment, type Segment } from '../index/segment-reader.ts';
import { makeSnippet, type Snippet } from '../query/snippet.ts';
import { segmentFile } from './names.ts';

/** A passage of the index, as {@link Found} names it. */
export interface PassageRef {
  readonly segment: string;
  readonly passage: number;
}

/** What the thread that reads the index is asked for. */
export type SearchJob =
  /** Take segments up. */
  | { readonly kind: 'open'; readonly segments: readonly string[] }
  /** Let go of segments and delete their files. */
  | { readonly kind: 'drop'; readonly segments: readonly string[] }
  | { readonly kind: 'find'; readonly clauses: readonly Clause[]; readonly weights: readonly number[] }
  | { readonly kind: 'snippets'; readonly of: readonly PassageRef[]; readonly clauses: readonly Clause[] }
  | { readonly kind: 'texts'; readonly of: readonly PassageRef[] };

/** A segment as it was found, for the bookkeeping of who asks. */
export interface OpenedSegment {
  readonly id: string;
  readonly sequence: number;
  readonly keys: Uint8Array;
  readonly passages: number;
  readonly terms: number;
  readonly bytes: number;
  readonly items: readonly ItemEntry[];
  readonly replaces: readonly string[];
}
export type SearchAnswer<J extends SearchJob> = (J extends { kind: 'open' }
  ? { readonly opened: readonly OpenedSegment[] }
  : J extends { kind: 'find' }
    ? { readonly found: readonly Found[] }
    : J extends { kind: 'snippets' }
      ? { readonly snippets: readonly (Snippet | null)[] }
      : J extends { kind: 'texts' }
        ? { readonly texts: readonly (string | null)[] }
        : unknown) & {
  /** Segments that did not read; they are let go of. */
  readonly damaged: readonly string[];
};

/** Opened blocks kept: what common words need, a fraction of what the index may be. */
const cacheBytes = 24 * 1024 * 1024;

/** The part of the index that reads, without the thread around it. */
export function createSearcher({ directory, key }: { directory: string; key: Uint8Array }) {
  const cache = new BlockCache(cacheBytes);
  const segments = new Map<string, Segment>();
  const letGo = (id: string): void => {
    segments.get(id)?.close();
    segments.delete(id);
  };

  /** What reading a passage gives, or null where it does not read. */
  const each = <T>(of: readonly PassageRef[], damaged: Set<string>, read: (text: string) => T): (T | null)[] =>
    of.map(({ segment: id, passage }) => {
      const segment = segments.get(id);
      if (!segment) return null;
      try {
        return read(segment.text(passage));
      } catch {
        damaged.add(id);
        letGo(id);
        return null;
      }
    });

  const open = (ids: readonly string[], damaged: Set<string>): OpenedSegment[] =>
    ids.flatMap((id) => {
      letGo(id);
      try {
        const segment = openSegment(join(directory, segmentFile(id)), key, cache);
        segments.set(id, segment);
        const { sequence, passages, length, bytes, replaces } = segment;
        const items = segment.takeItems();
        return [{ id, sequence, keys: segment.keys.slice(), passages, terms: length, bytes, items, replaces }];
      } catch {
        // Whatever is wrong with it, it is made again.
        damaged.add(id);
        return [];
      }
    });

  return {
    run(job: SearchJob): SearchAnswer<SearchJob> {
      const damaged = new Set<string>();
      const answer = (): object => {
        switch (job.kind) {
          case 'open':
            return { opened: open(job.segments, damaged) };
          case 'drop':
            for (const id of job.segments) {
              letGo(id);
              remove(join(directory, segmentFile(id)));
            }
            return {};
          case 'find': {
            const found = evaluate([...segments.values()], job.clauses, job.weights, ({ id }) => {
              damaged.add(id);
              letGo(id);
            });
            return { found };
          }
          case 'snippets':
            return { snippets: each(job.of, damaged, (text) => makeSnippet(text, job.clauses)) };
          case 'texts':
            return { texts: each(job.of, damaged, (text) => text) };
        }
      };
      return { ...answer(), damaged: [...damaged] } as SearchAnswer<SearchJob>;
    },
  };
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Gone already; or in the way until the next start, where it is found to be replaced.
  }
}
