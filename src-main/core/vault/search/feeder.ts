import type { Host, Logger } from '#core/host.ts';
import type { Session } from '../core.ts';
import { decodeManifest } from '../format/manifest.ts';
import { openRow } from '../format/row.ts';
import type { Outcome } from './index/meta.ts';
import { contentKey, readWords } from './read-words.ts';
import { type IndexStore, NoRoom } from './store.ts';
import { ThreadGone } from './work/link.ts';
import { readableNow, stampOf, type WorkList } from './work-list.ts';

/** Gathered words that are written as one segment: about 4 MiB of text. */
const flushTerms = 800_000;
/** Gathered files, however few words they have. */
const flushItems = 4096;
/** How long the thread that writes stays when there is nothing to do. */
const idleMs = 20_000;
/** How long a full disk is left alone. */
const fullMs = 60_000;
/** No rest is longer, whatever the clock did meanwhile: one file takes no more than this. */
const mostRestMs = 30_000;
/** However much is being stored, the index is not put off longer than this. */
const patienceMs = 300_000;

/** How much of the computer the index may take. */
export interface Pace {
  /** It waits until nothing was stored for so long. */
  readonly quietMs: number;
  /** After work it rests so many times as long as that took. */
  readonly rest: number;
}
export const usualPace: Pace = { quietMs: 2_000, rest: 1 };

export interface FeederDeps {
  readonly host: Pick<Host, 'setTimer' | 'now'>;
  readonly log: Logger;
  readonly pace: Pace;
  readonly session: Session;
  readonly store: IndexStore;
  readonly list: WorkList;
  /** More can be found now. */
  readonly grown: () => void;
}

export type FeederState = 'reading' | 'current' | 'full';

export interface Feeder {
  /** Something in the vault changed: these files, or anything. */
  changed(ids: readonly string[]): void;
  state(): FeederState;
  /** Files waiting to be read or written down. */
  waiting(): number;
  /** Files whose bytes were read since the unlock. */
  read(): number;
  /** Settles when it came to rest: everything is in the index, or the disk is full. */
  settled(): Promise<void>;
  /** Ends with the session's signal. */
  run(): Promise<void>;
}

/** Brings files into the index one after the other, in the background, for one unlocked session. */
export function createFeeder({ host, log, pace, session, store, list, grown }: FeederDeps): Feeder {
  const { known } = store;
  /** Gathered and not yet durable, and the contents among them. */
  const gathered = new Map<string, number>();
  const contents = new Set<string>();
  let terms = 0;
  let read = 0;
  let state: FeederState = 'reading';
  let dirty = true;
  let lastChange = host.now();
  let wake: (() => void) | null = null;
  const resting: (() => void)[] = [];

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      if (ms <= 0) return void setImmediate(resolve);
      const done = (): void => {
        cancel();
        session.signal.removeEventListener('abort', done);
        resolve();
      };
      const cancel = host.setTimer(ms, done);
      session.signal.addEventListener('abort', done);
    });

  const sleep = async (ms: number): Promise<void> => {
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    for (const one of resting.splice(0)) one();
    await Promise.race([woken, ms === Number.POSITIVE_INFINITY ? woken : pause(ms)]);
    wake = null;
  };

  /** Everything gathered is lost: it comes again. */
  const gatherAgain = (): void => {
    list.again([...gathered.keys()]);
    gathered.clear();
    contents.clear();
    terms = 0;
  };

  const note = async (item: string, stamp: number, outcome: Outcome, content = ''): Promise<void> => {
    gathered.set(item, stamp);
    ({ terms } = await store.note({ kind: 'note', entries: [{ item, stamp, outcome, content }] }));
  };

  const one = async (item: string): Promise<void> => {
    const node = session.tree.get(item);
    const sealed = node?.kind === 'file' ? session.catalogue.manifest(item) : null;
    if (!node || !sealed) return;
    const stamp = stampOf(sealed);
    if ((known.items.get(item)?.stamp ?? gathered.get(item)) === stamp) return;
    const plain = openRow(session.keys, 'manifest', item, sealed);
    const manifest = plain && decodeManifest(plain);
    if (!manifest) return note(item, stamp, 'unreadable');
    const content = contentKey(manifest.chunks);
    if (known.contents.has(content) || contents.has(content)) return note(item, stamp, 'text', content);
    let words: Awaited<ReturnType<typeof readWords>>;
    try {
      words = await readWords(session, node, manifest.chunks);
    } catch (error) {
      session.signal.throwIfAborted();
      // A place is away, or too much of it is lost: it is tried again after the next unlock.
      log.debug({ error: String(error) }, 'a file could not be read for the search index');
      return;
    }
    if ('none' in words) return note(item, stamp, words.none);
    read++;
    gathered.set(item, stamp);
    try {
      const answer = await store.add({ kind: 'add', entry: { item, stamp, content }, ...words });
      terms = answer.terms;
      if (answer.outcome === 'text') contents.add(content);
    } catch (error) {
      if (!(error instanceof ThreadGone) || session.signal.aborted) throw error;
      // This file ended the thread, by its size or by its time; the others did nothing.
      log.warn({ item }, 'a file could not be taken into the search index');
      gathered.delete(item);
      gatherAgain();
      await note(item, stamp, 'unreadable');
    }
  };

  const flush = async (): Promise<void> => {
    if (gathered.size === 0) return;
    try {
      await store.flush();
      gathered.clear();
      contents.clear();
      terms = 0;
    } catch (error) {
      gatherAgain();
      await store.rest();
      throw error;
    }
    grown();
    await tidy();
  };

  const tidy = async (): Promise<void> => {
    while (!session.signal.aborted && (await store.merge()));
  };

  const untilQuiet = async (): Promise<void> => {
    const began = host.now();
    while (pace.quietMs > 0 && !session.signal.aborted) {
      // Either way: a clock that was set back must not keep it waiting until that time comes again.
      const quiet = Math.abs(host.now() - lastChange);
      if (quiet >= pace.quietMs || Math.abs(host.now() - began) > patienceMs) return;
      await pause(pace.quietMs - quiet);
    }
  };

  const round = async (): Promise<void> => {
    if (dirty) {
      dirty = false;
      await list.look(session);
    }
    await untilQuiet();
    const item = list.next();
    if (item === null) {
      await flush();
      await tidy();
      if (dirty || list.size > 0) return;
      state = 'current';
      const idle = host.setTimer(idleMs, () => void store.rest());
      await sleep(Number.POSITIVE_INFINITY);
      idle();
      return;
    }
    state = 'reading';
    const began = host.now();
    await one(item);
    if (terms >= flushTerms || gathered.size >= flushItems) await flush();
    await pause(Math.min(mostRestMs, (host.now() - began) * pace.rest));
  };

  return {
    changed(ids) {
      if (ids.length > 0) lastChange = host.now();
      const renamed = readableNow(session, known, ids);
      for (const id of renamed) known.forget(id);
      list.again(renamed);
      dirty = true;
      wake?.();
    },
    state: () => state,
    waiting: () => list.size + gathered.size,
    read: () => read,
    settled: () =>
      wake !== null && !dirty && (list.size === 0 || state === 'full')
        ? Promise.resolve()
        : new Promise<void>((resolve) => void resting.push(resolve)),
    async run() {
      session.signal.addEventListener('abort', () => {
        wake?.();
        for (const one of resting.splice(0)) one();
      });
      await store.ready();
      for (let failures = 0; !session.signal.aborted; ) {
        try {
          await round();
          failures = 0;
        } catch (error) {
          if (session.signal.aborted) return;
          if (error instanceof NoRoom) {
            state = 'full';
            log.warn({}, 'the search index waits for room on the disk');
            await sleep(fullMs);
            continue;
          }
          // Never more than the search is worth: it rests, and tries again.
          log.error({ error: String(error) }, 'the search index met a fault');
          gatherAgain();
          await store.rest();
          failures++;
          if (failures >= 5) await sleep(fullMs);
        }
      }
    },
  };
}
