import { type FileHandle, lstat, open, rm } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import type { Handlers } from '#core/broker/handlers.ts';
import { randomWords } from '#core/crypto/random-words.ts';
import { syncDirectory } from '#core/store/atomic-file.ts';
import type { vaultContract } from '#shared/contract/vault.ts';
import { fail } from '#shared/rpc/fail.ts';
import { sealAge } from '../age/seal.ts';
import type { Core } from '../core.ts';
import { cancelled, notAFile, targetFull } from '../failures.ts';
import { safeFileName } from '../names.ts';
import { isFull } from '../places/places.ts';
import { giveName, isTaken } from '../pool/give-name.ts';
import { nodeOf } from './describe.ts';
import { badTarget, checkTarget, tryToWrite } from './export-target.ts';
import { readFile } from './read.ts';
import type { UnfinishedExports } from './unfinished-exports.ts';

const thereAlready = (path: string) =>
  fail('BAD_TARGET', `${path} is there already.`, {
    meaning: 'It was left as it is.',
    next: 'Move it away, or choose another directory.',
  });

/** For somebody without Hypha: a file of the vault as an age file under a passphrase. */
export function exportAgeHandlers(
  core: Core,
  unfinished: UnfinishedExports,
): Pick<Handlers<typeof vaultContract>, 'vault.exportAge' | 'vault.agePassphrase'> {
  return {
    'vault.agePassphrase': () => ({ passphrase: randomWords(10, core.deps.host.random) }),
    async 'vault.exportAge'(input, context) {
      const session = await core.session();
      const node = nodeOf(session, input.item);
      if (node.kind !== 'file') throw notAFile(node.name);
      // The agent's own working directory means nothing to the person.
      if (!isAbsolute(input.to)) throw badTarget(input.to, 'it is not a full path');
      const to = await checkTarget(core, resolve(input.to));
      const path = join(to, safeFileName(`${node.name}.age`, process.platform === 'win32' ? 'win32' : 'posix'));
      if (await lstat(path).catch(() => null)) throw thereAlready(path);
      await unfinished.sweep();
      const mark = unfinished.begin(to);
      const temporary = mark.temporary();
      const signal = AbortSignal.any([context.signal, session.signal]);
      let handle: FileHandle | null = null;
      let bytes = 0;
      try {
        await tryToWrite(to, temporary);
        context.step('seal', 'Sealing under the passphrase', { total: node.size, unit: 'bytes', pausable: true });
        handle = await open(temporary, 'wx', 0o644);
        const file = handle;
        let read = 0;
        const plain = async function* (): AsyncGenerator<Uint8Array> {
          for await (const piece of readFile(session, node.id, 0, node.size, signal)) {
            yield piece;
            read += piece.length;
            context.progress(read);
            await context.rest();
          }
        };
        const write = async (piece: Uint8Array): Promise<void> => {
          for (let from = 0; from < piece.length; ) {
            const { bytesWritten } = await file.write(piece, from);
            from += bytesWritten;
          }
          bytes += piece.length;
        };
        await sealAge(plain(), input.filePassphrase, write, signal);
        context.step('sync', 'Waiting for the disk');
        await handle.datasync();
        await handle.close();
        handle = null;
        giveName(temporary, path);
        await syncDirectory(to);
        return { path, bytes };
      } catch (error) {
        if (session.signal.aborted) throw session.signal.reason;
        if (context.signal.aborted) throw cancelled();
        if (isFull(error)) throw targetFull(to);
        if (isTaken(error)) throw thereAlready(path);
        throw error;
      } finally {
        await handle?.close().catch(() => {});
        await rm(temporary, { force: true }).catch(() => {});
        mark.end();
      }
    },
  };
}
