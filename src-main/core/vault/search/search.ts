import { join } from 'node:path';
import type { Core, Session } from '../core.ts';
import type { Node } from '../tree.ts';
import { combine, type Hit, pageOf } from './combine.ts';
import { createFeeder, type Feeder, usualPace } from './feeder.ts';
import type { Found } from './index/evaluate.ts';
import type { Clause } from './index/occurrences.ts';
import { Known } from './known.ts';
import { createNames, nameMarks } from './name-search.ts';
import { parseQuery, type Query } from './query/parse.ts';
import type { Snippet } from './query/snippet.ts';
import { createIndexStore, type IndexStore } from './store.ts';
import type { PassageRef } from './work/searcher.ts';
import { createWorkList } from './work-list.ts';

/** How far the index is. `off`: there is none here; names are found all the same. */
export interface IndexStatus {
  readonly state: 'off' | 'reading' | 'current' | 'full';
  /** Files that can be found by their words, or have none. */
  readonly files: number;
  /** Files that are not in it yet. */
  readonly waiting: number;
  /** Bytes on this computer's disk. */
  readonly bytes: number;
  /** Files whose bytes were read since the unlock. */
  readonly read: number;
}

export interface SearchInput {
  readonly query: string;
  readonly offset: number;
  readonly limit: number;
  /** The last word may be unfinished. */
  readonly typing: boolean;
}
export interface SearchHit extends Hit {
  readonly nameMarks: readonly (readonly [number, number])[];
  readonly snippet: Snippet | null;
}
export interface SearchResult {
  readonly hits: readonly SearchHit[];
  readonly total: number;
  /** Folders of the query that are not there. */
  readonly missing: readonly string[];
}

/** A passage for who works with texts: the assistant. */
export interface FoundPassage {
  readonly item: string;
  readonly path: string;
  readonly name: string;
  readonly text: string;
  readonly score: number;
}

export interface Search {
  find(session: Session, input: SearchInput): Promise<SearchResult>;
  /** The best passages for a question, of different files: any of its words counts. */
  passages(session: Session, words: string, limit: number): Promise<FoundPassage[]>;
  status(): IndexStatus;
  /** When everything there is now is in the index, or the disk is full. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/** What exists of the index while unlocked. */
interface Running {
  readonly session: Session;
  readonly store: IndexStore;
  readonly feeder: Feeder;
}

export function createSearch(core: Core): Search {
  const { deps } = core;
  const names = createNames();
  let running: Running | null = null;
  let starting: Promise<void> = Promise.resolve();
  let ending: Promise<unknown> = Promise.resolve();

  const begin = (session: Session): void => {
    if (running?.session === session || session.signal.aborted || !deps.search) return;
    end();
    const { pace = usualPace, indexerUrl, searcherUrl, room } = deps.search;
    const store = createIndexStore({
      host: deps.host,
      directory: join(deps.home, 'vault', 'index'),
      key: session.keys.index(),
      lost: (items) => {
        list.again(items);
        feeder.changed([]);
      },
      ...{ indexerUrl, searcherUrl, room },
    });
    const list = createWorkList(store.known);
    const grown = (): void => core.changed([], false);
    const feeder = createFeeder({ host: deps.host, log: deps.log, pace, session, store, list, grown });
    running = { session, store, feeder };
    const before = ending;
    // The threads of a session that is over may still be ending; they wrote into the same directory.
    before
      .then(() => feeder.run())
      .catch((error: unknown) => {
        if (!session.signal.aborted) deps.log.error({ error: String(error) }, 'the search index did not start');
      });
  };

  /** Nothing of it is left in memory but what the collector has not taken yet; the threads' memory goes with them. */
  const end = (): void => {
    names.forget();
    const over = running;
    running = null;
    if (over) ending = Promise.all([ending, over.store.close()]).catch(() => {});
  };

  core.onLock(end);
  core.onChange((ids) => {
    if (!deps.search) return;
    if (running && running.session === core.current()) {
      running.feeder.changed(ids);
      return;
    }
    // The session that is being opened now, if one is.
    starting = core.session().then(begin, () => {});
  });

  const found = async (clauses: readonly Clause[], weights: readonly number[]): Promise<readonly Found[]> => {
    if (!running || clauses.every(({ terms }) => terms.length === 0)) return [];
    try {
      return await running.store.find({ kind: 'find', clauses, weights });
    } catch (error) {
      running?.session.signal.throwIfAborted();
      // Names are found all the same.
      deps.log.warn({ error: String(error) }, 'texts could not be searched');
      return [];
    }
  };

  const read = async <T>(
    ask: (store: IndexStore) => Promise<readonly (T | null)[]>,
  ): Promise<readonly (T | null)[]> => {
    if (!running) return [];
    return await ask(running.store).catch(() => []);
  };

  return {
    async find(session, { query: text, offset, limit, typing }) {
      const query = parseQuery(text, deps.host.now(), typing);
      const { inFolder, missing } = foldersOf(session, query);
      const clauses = [...query.all, ...query.none].map(({ clause }): Clause => clause ?? nothing);
      const weights = [...query.all.map(() => 1), ...query.none.map(() => 0)];
      const inTexts = await found(clauses, weights);
      session.signal.throwIfAborted();
      const known = running?.store.known;
      const hits = known ? combine(session.tree, known, names, query, inTexts, inFolder) : [];
      const all = known ? hits : combine(session.tree, noIndex, names, query, [], inFolder);
      const page = pageOf(all, offset, limit);
      const wanted = clauses.slice(0, query.all.length);
      const of = page.flatMap(({ passage }) => passage ?? []);
      const snippets =
        of.length === 0 ? [] : await read((store) => store.snippets({ kind: 'snippets', of, clauses: wanted }));
      session.signal.throwIfAborted();
      let next = 0;
      return {
        hits: page.map(
          (hit): SearchHit => ({
            ...hit,
            nameMarks: hit.where === 'text' ? [] : nameMarks(hit.node.name, query.all),
            snippet: hit.passage ? (snippets[next++] ?? null) : null,
          }),
        ),
        total: all.length,
        missing,
      };
    },

    async passages(session, words, limit) {
      const clauses = parseQuery(words, deps.host.now()).all.flatMap(({ clause }) => clause ?? []);
      const inTexts = await found(
        clauses,
        clauses.map(() => 1),
      );
      session.signal.throwIfAborted();
      const known = running?.store.known;
      if (!known) return [];
      const best: { node: Node; score: number; passage: PassageRef }[] = [];
      for (const { segment, score, best: passages } of inTexts) {
        const owners = known.segments.get(segment)?.owners ?? [];
        for (let doc = 0; doc < score.length; doc++) {
          const owner = owners[doc];
          const worth = score[doc] as number;
          if (worth === 0 || owner === undefined || (best.length >= limit && worth <= (best.at(-1)?.score ?? 0)))
            continue;
          const node = (typeof owner === 'string' ? [owner] : owner)
            .map((item) => session.tree.get(item))
            .find((one) => one && !session.tree.inBin(one));
          if (!node) continue;
          best.push({ node, score: worth, passage: { segment, passage: passages[doc] as number } });
          best.sort((a, b) => b.score - a.score);
          best.length = Math.min(best.length, limit);
        }
      }
      const texts = await read((store) => store.texts({ kind: 'texts', of: best.map(({ passage }) => passage) }));
      session.signal.throwIfAborted();
      return best.flatMap(({ node, score }, i) => {
        const text = texts[i];
        const path = session.tree.path(node).map(({ name }) => name);
        return text ? [{ item: node.id, path: `/${path.join('/')}`, name: node.name, text, score }] : [];
      });
    },

    status() {
      if (!running) return { state: 'off', files: 0, waiting: 0, bytes: 0, read: 0 };
      const { store, feeder } = running;
      const bytes = [...store.known.segments.values()].reduce((sum, segment) => sum + segment.bytes, 0);
      return {
        state: feeder.state(),
        files: store.known.items.size,
        waiting: feeder.waiting(),
        bytes,
        read: feeder.read(),
      };
    },

    async settled() {
      await starting;
      await running?.feeder.settled();
    },

    async stop() {
      end();
      await ending;
    },
  };
}

const nothing: Clause = { terms: [], prefix: false };
const noIndex = new Known();

/** What `in:` and `-in:` leave. A folder that is not there holds nothing. */
function foldersOf({ tree }: Session, { filters }: Query): { inFolder: (node: Node) => boolean; missing: string[] } {
  const missing: string[] = [];
  const find = (path: string): Node | 'root' | null => {
    if (/^\/*$/.test(path) || path === 'root') return 'root';
    const folder = tree.find(path);
    if (!folder?.children) missing.push(path);
    return folder?.children ? folder : null;
  };
  const wanted = filters.folders.map(find);
  const left = filters.notFolders.map(find);
  if (wanted.length + left.length === 0) return { inFolder: () => true, missing };
  const inFolder = (node: Node): boolean => {
    const above = new Set<Node | 'root' | null>(tree.path(node).slice(0, -1));
    above.add('root');
    return (
      (wanted.length === 0 || wanted.some((one) => one !== null && above.has(one))) &&
      !left.some((one) => one !== null && above.has(one))
    );
  };
  return { inFolder, missing };
}
