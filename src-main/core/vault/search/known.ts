import { contentKeyBytes, type ItemEntry, latin1 } from './index/meta.ts';
import type { OpenedSegment } from './work/searcher.ts';

/** What is known of a segment besides its words. */
export interface KnownSegment {
  readonly id: string;
  readonly sequence: number;
  readonly keys: Uint8Array;
  readonly docs: number;
  readonly passages: number;
  readonly terms: number;
  readonly bytes: number;
  /** By document the files that have this content; a document of none is of no use. */
  readonly owners: (string | string[] | undefined)[];
  /** Documents with owners. */
  live: number;
  /** Files whose entry is in this segment. */
  items: number;
}

export interface KnownItem extends Omit<ItemEntry, 'item'> {
  readonly segment: string;
}

/**
 * Which files the index knows and where their words are: the bookkeeping of the core's thread, made anew from the segments after every
 * unlock. It holds ids and keys of contents, no names and no words.
 */
export class Known {
  readonly items = new Map<string, KnownItem>();
  readonly segments = new Map<string, KnownSegment>();
  /** By content key, where its document is. */
  readonly contents = new Map<string, { readonly segment: KnownSegment; readonly doc: number }>();

  /**
   * Take a segment's documents and entries up, those of greater sequence later. `wanted`: entries to take; of a merged segment those
   * that are still the newest.
   */
  add(opened: OpenedSegment, wanted: (entry: ItemEntry) => boolean = () => true): void {
    const { id, sequence, keys, passages, terms, bytes } = opened;
    const docs = keys.length / contentKeyBytes;
    const segment: KnownSegment = {
      ...{ id, sequence, keys, docs, passages, terms, bytes },
      owners: Array.from({ length: docs }, () => undefined),
      live: 0,
      items: 0,
    };
    this.segments.set(id, segment);
    for (let doc = 0; doc < docs; doc++) {
      const key = keyAt(keys, doc);
      if (!this.contents.has(key)) this.contents.set(key, { segment, doc });
    }
    for (const entry of opened.items) if (wanted(entry)) this.put(entry, segment);
  }

  put({ item, ...entry }: ItemEntry, segment: KnownSegment): void {
    this.forget(item);
    this.items.set(item, { ...entry, segment: segment.id });
    segment.items++;
    if (entry.outcome === 'text') this.#own(item, entry.content);
  }

  /** A file that is no more, or will be read again. */
  forget(item: string): void {
    const known = this.items.get(item);
    if (!known) return;
    this.items.delete(item);
    const segment = this.segments.get(known.segment);
    if (segment) segment.items--;
    if (known.outcome === 'text') this.#disown(item, known.content);
  }

  /** Entries whose content no segment has: a segment was lost. @returns the files, forgotten */
  dropLost(): string[] {
    const lost = [...this.items]
      .filter(([, { outcome, content }]) => outcome === 'text' && !this.contents.has(content))
      .map(([item]) => item);
    for (const item of lost) this.forget(item);
    return lost;
  }

  /** A segment that is no more, with all that only it knew. @returns files to read again, forgotten */
  lose(id: string): string[] {
    const segment = this.segments.get(id);
    if (!segment) return [];
    const own = [...this.items].filter(([, known]) => known.segment === id).map(([item]) => item);
    for (const item of own) this.forget(item);
    this.#dropContents(segment);
    this.segments.delete(id);
    return [...own, ...this.dropLost()];
  }

  /** What a merge of segments must keep. */
  mergeInput(ids: readonly string[]): {
    inputs: { segment: string; live: Uint8Array }[];
    items: ItemEntry[];
  } {
    const inputs = ids.flatMap((id) => {
      const segment = this.segments.get(id);
      if (!segment) return [];
      return [{ segment: id, live: Uint8Array.from(segment.owners, (owner) => (owner === undefined ? 0 : 1)) }];
    });
    const merged = new Set(ids);
    const items: ItemEntry[] = [];
    for (const [item, { segment, stamp, outcome, content }] of this.items)
      if (merged.has(segment)) items.push({ item, stamp, outcome, content });
    return { inputs, items };
  }

  /** A merge is done: what was in `ids` is now in `opened`. */
  replace(ids: readonly string[], opened: OpenedSegment): void {
    const merged = new Set(ids);
    // Files of other segments may own contents that have moved.
    const owners = new Map<string, string | string[]>();
    for (const id of ids) {
      const old = this.segments.get(id);
      if (!old) continue;
      old.owners.forEach((owner, doc) => void (owner !== undefined && owners.set(keyAt(old.keys, doc), owner)));
      this.#dropContents(old);
    }
    this.add({ ...opened, items: [] });
    const segment = this.segments.get(opened.id) as KnownSegment;
    for (const [content, owner] of owners) {
      const at = this.contents.get(content);
      if (!at) continue;
      at.segment.owners[at.doc] = owner;
      at.segment.live++;
    }
    for (const [item, known] of this.items) {
      if (!merged.has(known.segment)) continue;
      this.items.set(item, { ...known, segment: opened.id });
      segment.items++;
    }
    for (const id of ids) this.segments.delete(id);
  }

  #own(item: string, content: string): void {
    const at = this.contents.get(content);
    if (!at) return;
    const { owners } = at.segment;
    const now = owners[at.doc];
    if (now === undefined) at.segment.live++;
    owners[at.doc] = now === undefined ? item : typeof now === 'string' ? [now, item] : [...now, item];
  }

  #disown(item: string, content: string): void {
    const at = this.contents.get(content);
    if (!at) return;
    const now = at.segment.owners[at.doc];
    const left = typeof now === 'string' ? (now === item ? [] : [now]) : (now ?? []).filter((one) => one !== item);
    if (now !== undefined && left.length === 0) at.segment.live--;
    at.segment.owners[at.doc] = left.length > 1 ? left : left[0];
  }

  #dropContents(segment: KnownSegment): void {
    for (let doc = 0; doc < segment.docs; doc++) {
      const key = keyAt(segment.keys, doc);
      if (this.contents.get(key)?.segment === segment) this.contents.delete(key);
    }
  }
}

const keyAt = (keys: Uint8Array, doc: number): string =>
  latin1(keys.subarray(doc * contentKeyBytes, (doc + 1) * contentKeyBytes));
