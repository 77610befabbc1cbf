import { join } from 'node:path';
import { extractText } from '../extract/extract.ts';
import type { Plan } from '../extract/plan.ts';
import { BlockCache } from '../index/block-cache.ts';
import { type Builder, createBuilder } from '../index/builder.ts';
import { mergeSource } from '../index/merge.ts';
import type { ItemEntry, Outcome } from '../index/meta.ts';
import { openSegment, type Segment } from '../index/segment-reader.ts';
import { writeSegment } from '../index/segment-writer.ts';
import { Damaged } from '../index/varint.ts';
import { segmentFile } from './names.ts';

/** What the thread that makes the index is asked for. Ids of new segments come along: randomness is not its own. */
export type IndexJob =
  /** Take the words out of a file and gather them. */
  | {
      readonly kind: 'add';
      readonly entry: Omit<ItemEntry, 'outcome'>;
      readonly as: Reading;
      readonly bytes: Uint8Array;
    }
  /** Files without words, or with words that are known. */
  | { readonly kind: 'note'; readonly entries: readonly ItemEntry[] }
  /** Write what was gathered. */
  | { readonly kind: 'flush'; readonly id: string; readonly sequence: number }
  | {
      readonly kind: 'merge';
      readonly id: string;
      readonly inputs: readonly { readonly segment: string; readonly live: Uint8Array }[];
      readonly items: readonly ItemEntry[];
    };
export type Reading = Exclude<Plan['kind'], 'none' | 'too-large'>;
export type IndexAnswer<J extends IndexJob> = J extends { kind: 'add' }
  ? { readonly outcome: Outcome; readonly terms: number }
  : J extends { kind: 'note' }
    ? { readonly terms: number }
    : /** `damaged`: a segment that does not read; nothing was written. */
      { readonly written: boolean; readonly damaged: string | null };

/** For merging, which reads every block once. */
const cacheBytes = 1024 * 1024;

/** The part of the index that writes, without the thread around it. */
export function createIndexer({ directory, key }: { directory: string; key: Uint8Array }) {
  let builder: Builder = createBuilder();

  const add = ({ entry, as, bytes }: IndexJob & { kind: 'add' }): IndexAnswer<IndexJob & { kind: 'add' }> => {
    const text = extractText(as, bytes);
    const passages = text === null ? 0 : builder.addText(Buffer.from(entry.content, 'latin1'), text);
    const outcome: Outcome = passages > 0 ? 'text' : 'none';
    builder.addItem({ ...entry, outcome, content: passages > 0 ? entry.content : '' });
    return { outcome, terms: builder.terms() };
  };

  const merge = ({ id, inputs, items }: IndexJob & { kind: 'merge' }): { written: boolean; damaged: string | null } => {
    const cache = new BlockCache(cacheBytes);
    const opened: { segment: Segment; live: Uint8Array }[] = [];
    let reading = '';
    try {
      for (const { segment, live } of inputs) {
        reading = segment;
        opened.push({ segment: openSegment(join(directory, segmentFile(segment)), key, cache), live });
      }
      reading = '';
      const source = mergeSource(opened, items, (segment) => {
        reading = segment.id;
      });
      writeSegment(join(directory, segmentFile(id)), key, Buffer.from(id, 'hex'), source);
      return { written: true, damaged: null };
    } catch (error) {
      const gone = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (reading !== '' && (error instanceof Damaged || gone)) return { written: false, damaged: reading };
      throw error;
    } finally {
      for (const { segment } of opened) segment.close();
    }
  };

  return {
    run(job: IndexJob): IndexAnswer<IndexJob> {
      switch (job.kind) {
        case 'add':
          return add(job);
        case 'note':
          for (const entry of job.entries) builder.addItem(entry);
          return { terms: builder.terms() };
        case 'flush': {
          const full = builder;
          builder = createBuilder();
          if (full.items() === 0) return { written: false, damaged: null };
          const path = join(directory, segmentFile(job.id));
          writeSegment(path, key, Buffer.from(job.id, 'hex'), full.source(job.sequence));
          return { written: true, damaged: null };
        }
        case 'merge':
          return merge(job);
      }
    },
  };
}
