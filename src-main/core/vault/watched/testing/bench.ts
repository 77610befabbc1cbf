import { lstat, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Watched } from '#shared/contract/vault.ts';
import type { VaultDeps } from '../../ports.ts';
import { openBench, readAll, testContext } from '../../testing/harness.ts';

/** A vault and a directory that is watched, driven by hand: time stands still, and every look is asked for. */
export async function watchBench(deps: Partial<VaultDeps> = {}, before?: (root: string) => Promise<void>) {
  const bench = await openBench(deps);
  const root = await mkdtemp(join(tmpdir(), 'hypha-watched-'));
  const h = () => bench.vault.handlers;
  if ((await h()['vault.status']({}, testContext())).state === 'none') {
    await h()['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
  }
  let clock = 1_600_000_000;
  /** Written long ago, and each at another time: a look need not wait for it to rest. */
  const write = async (path: string, bytes: string | Uint8Array): Promise<void> => {
    const full = join(root, path);
    await mkdir(dirname(full), { recursive: true });
    await writeFile(full, bytes);
    await utimes(full, clock, clock++);
  };
  await before?.(root);
  const folder = await h()['vault.makeFolder']({ parent: 'root', name: 'sync' }, testContext());
  const { watched } = await h()['vault.watch']({ directory: root, folder: folder.item.id }, testContext());
  const sync = async (): Promise<Watched> =>
    (await h()['vault.syncWatched']({ watched: watched.id }, testContext())).watched;
  const state = async (): Promise<Watched> => {
    const found = (await h()['vault.watched']({}, testContext())).folders.find(({ id }) => id === watched.id);
    if (!found) throw new Error('not watched');
    return found;
  };

  /** Path to content below the vault's folder; folders end in a slash. */
  const inVault = async (): Promise<Record<string, string>> => {
    const out: Record<string, string> = {};
    const look = async (id: string, path: string): Promise<void> => {
      const { items } = await h()['vault.list'](
        { folder: id, offset: 0, limit: 5000, sort: 'name', descending: false } as never,
        testContext(),
      );
      for (const item of items) {
        if (item.kind === 'folder') {
          out[`${path}${item.name}/`] = '';
          await look(item.id, `${path}${item.name}/`);
        } else {
          const stream = h()['vault.read']({ item: item.id, offset: 0 }, testContext());
          out[path + item.name] = (await readAll(stream)).toString();
        }
      }
    };
    await look(folder.item.id, '');
    return out;
  };
  const here = async (): Promise<Record<string, string>> => {
    const out: Record<string, string> = {};
    for (const name of (await readdir(root, { recursive: true })).sort()) {
      const info = await lstat(join(root, name));
      if (info.isDirectory()) out[`${name}/`] = '';
      else out[name] = info.isFile() ? (await readFile(join(root, name))).toString() : '(other)';
    }
    return out;
  };
  let uploads = 0;
  /** As another program or device would: a file in the vault, over the one that is there. */
  const putInVault = async (path: string, content: string): Promise<void> => {
    const context = testContext();
    const bytes = Buffer.from(content);
    const { upload } = await h()['vault.uploadOpen'](
      { into: folder.item.id, path: path.split('/'), size: bytes.length, modified: 1000 * ++uploads, clash: 'replace' },
      context,
    );
    if (bytes.length > 0) await h()['vault.uploadWrite']({ upload, offset: 0, bytes }, context);
    await h()['vault.uploadCommit']({ upload }, context);
  };
  const item = (path: string): string => `/sync/${path}`;
  return {
    ...{ bench, root, write, sync, state, inVault, here, putInVault, item, id: watched.id, folder: folder.item.id },
    h,
    async close() {
      await bench.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
export type WatchBench = Awaited<ReturnType<typeof watchBench>>;
