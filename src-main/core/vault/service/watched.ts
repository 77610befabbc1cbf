import { lstat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import type { Checks, Handlers } from '#core/broker/handlers.ts';
import { randomId } from '#core/crypto/ids.ts';
import type { vaultWatchedContract } from '#shared/contract/vault/watched.ts';
import type { Watched } from '#shared/contract/vault.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Core, Session } from '../core.ts';
import { clash, whereabouts } from '../places/directory/apart.ts';
import { defaultIgnore } from '../watched/plan/ignore.ts';
import type { WatchedRecord } from '../watched/record.ts';
import type { WatchedFolders } from '../watched/watched.ts';
import { folderOf, pathOf } from './describe.ts';
import { badTarget, checkTarget, tryToWrite } from './export-target.ts';
import { listOwn } from './own-directories.ts';

const most = 32;
const shownProblems = 200;
const examples = 5;

export function watchedHandlers(core: Core, watched: WatchedFolders): Handlers<typeof vaultWatchedContract> {
  /** By its id, or by its directory. @throws Fail NOT_FOUND */
  const find = (session: Session, ref: string): [string, WatchedRecord] => {
    const all = [...watched.list(session)];
    const wanted = isAbsolute(ref) ? resolve(ref) : ref;
    const found = all.find(([id, { directory }]) => id === ref || directory === wanted);
    if (found) return found;
    throw fail('NOT_FOUND', `${ref} is not watched.`, { next: 'Look at the list: hypha vault watched.' });
  };
  const told = (session: Session, id: string): Watched => {
    const record = watched.list(session).get(id);
    if (!record) throw fail('NOT_FOUND', 'It is not watched any more.', { next: 'Look at the list again.' });
    return describe(session, id, record);
  };

  const describe = (session: Session, id: string, record: WatchedRecord): Watched => {
    const node = record.folder === null ? null : session.tree.get(record.folder);
    const at = watched.runner(id)?.view();
    const { directory, ignore } = record;
    return {
      ...{ id, directory, ignore, folder: node ? `/${pathOf(session, node)}` : '/' },
      state: record.paused ? 'paused' : (at?.state ?? 'looking'),
      ...{ files: at?.files ?? 0, done: at?.done ?? 0, total: at?.total ?? 0, busy: at?.busy ?? 0 },
      agreedAt: at?.agreedAt ?? null,
      ...(at?.halt ? { problem: at.halt } : {}),
      ...(at?.question
        ? {
            question: {
              ...{ side: at.question.side, files: at.question.files.length, of: at.question.of },
              examples: at.question.files.slice(0, examples),
            },
          }
        : {}),
      problems: [...(at?.problems ?? [])].slice(0, shownProblems),
      problemCount: at?.problems.length ?? 0,
      ...(at?.hintProblem ? { slow: at.hintProblem } : {}),
    };
  };

  /** Neither may lie in one that is watched, or hold one: each change would come back another way. */
  const apart = async (session: Session, directory: string, folder: string | null): Promise<void> => {
    const already = (what: string, other: WatchedRecord) =>
      fail('ALREADY_WATCHED', `${what} ${other.directory} is watched already.`, {
        meaning: 'Nothing was changed.',
        next: 'Stop watching that one first, or choose a directory and a folder apart from it.',
        data: { directory: other.directory },
      });
    const where = await whereabouts(directory);
    const path = (id: string | null): string[] => {
      const node = id === null ? null : session.tree.get(id);
      return node ? session.tree.path(node).map((one) => one.id) : [];
    };
    const mine = path(folder);
    for (const other of watched.list(session).values()) {
      if (clash(where, [await whereabouts(other.directory)]))
        throw already('This directory, or one around or in it:', other);
      const theirs = path(other.folder);
      const [short, long] = theirs.length < mine.length ? [theirs, mine] : [mine, theirs];
      if (short.every((id, i) => long[i] === id))
        throw already('This folder of the vault, or one around or in it: with', other);
    }
  };

  return {
    async 'vault.watched'() {
      const session = await core.session();
      return { folders: [...watched.list(session)].map(([id, record]) => describe(session, id, record)) };
    },

    async 'vault.watch'(input, context) {
      const session = await core.session();
      const folder = folderOf(session, input.folder);
      if (watched.list(session).size >= most) {
        throw fail('TOO_MANY', `${most} directories are watched already.`, {
          next: 'Stop watching one of them first.',
        });
      }
      // The agent's own working directory means nothing to the person.
      if (!isAbsolute(input.directory)) throw badTarget(input.directory, 'it is not a full path');
      const tag = Buffer.from(core.deps.host.random(8)).toString('hex');
      await aroundNothing(core, resolve(input.directory));
      const directory = await checkTarget(core, resolve(input.directory));
      await apart(session, directory, folder);
      await tryToWrite(directory, `${directory}/.hypha-${tag}-0.part`);
      const { ino } = await lstat(directory, { bigint: true });
      const id = randomId(core.deps.host.random);
      await watched.set(session, id, {
        ...{ directory, folder, inode: String(ino), tag, paused: false },
        ...{ ignore: [...(input.ignore ?? defaultIgnore)], added: core.deps.host.now() },
      });
      context.undo('vault.unwatch', { watched: id });
      return { watched: told(session, id) };
    },

    async 'vault.changeWatched'(input, context) {
      const session = await core.session();
      const [id, before] = find(session, input.watched);
      const { paused = before.paused, ignore = before.ignore } = input;
      await watched.set(session, id, { ...before, paused, ignore });
      context.undo('vault.changeWatched', { watched: id, paused: before.paused, ignore: before.ignore });
      return { watched: told(session, id) };
    },

    async 'vault.unwatch'(input, context) {
      const session = await core.session();
      const [id, { directory, folder, ignore }] = find(session, input.watched);
      await watched.drop(session, id);
      context.undo('vault.watch', { directory, folder: folder ?? 'root', ignore });
      return {};
    },

    async 'vault.syncWatched'(input, context) {
      const session = await core.session();
      const [id] = find(session, input.watched);
      context.step('sync', 'Bringing both sides together', { total: null, unit: 'steps' });
      await watched.runner(id)?.now((done, total) => context.progress(done, total));
      session.signal.throwIfAborted();
      return { watched: told(session, id) };
    },

    async 'vault.answerWatched'(input) {
      const session = await core.session();
      const [id] = find(session, input.watched);
      if (!watched.runner(id)?.answer(input.answer)) {
        throw fail('NOTHING_ASKED', 'Nothing waits for an answer there.', { next: 'Look at the list again.' });
      }
      return { watched: told(session, id) };
    },
  };
}

/** A directory that holds the vault's own would store the vault in itself. */
async function aroundNothing(core: Core, directory: string): Promise<void> {
  const found = clash(
    await whereabouts(directory),
    await Promise.all(listOwn(core).map(({ path }) => whereabouts(path))),
  );
  if (found) throw badTarget(directory, 'it holds, or lies in, what the vault itself is made of');
}

export const watchedChecks = (core: Core): Checks<typeof vaultWatchedContract> => ({
  'vault.watch': async ({ folder }) => void folderOf(await core.session(), folder),
});
