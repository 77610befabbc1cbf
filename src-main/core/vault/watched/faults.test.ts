import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, it, vi } from 'vitest';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { noise, testContext } from '../testing/harness.ts';
import { type WatchBench, watchBench } from './testing/bench.ts';

/** The system has no room for files that are made in this directory. */
const full = vi.hoisted(() => ({ directory: null as string | null }));
vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  const open: typeof fs.open = (path, ...rest) =>
    full.directory !== null && String(path).startsWith(full.directory) && rest[0] === 'wx'
      ? Promise.reject(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }))
      : fs.open(path, ...rest);
  return { ...fs, default: fs, open };
});

let w: WatchBench;
afterEach(async () => {
  full.directory = null;
  await w?.close();
});

it('waits while the places of the vault are full, and goes on when there is room', async () => {
  let room = true;
  w = await watchBench({
    wrapStore: (store) => ({
      ...store,
      async put(name, ...rest) {
        if (!room) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        await store.put(name, ...rest);
      },
    }),
  });
  await w.write('a', 'one');
  await w.sync();
  room = false;
  await w.write('a', 'two');
  await w.write('b', noise(300_000, 3));
  expect(await w.sync()).toMatchObject({ state: 'stopped', problem: { code: 'VAULT' } });
  expect(Object.keys(await w.here())).toEqual(['a', 'b']);
  room = true;
  expect(await w.sync()).toMatchObject({ state: 'current', files: 2 });
  expect((await w.inVault())['a']).toBe('two');
});

it('waits while the disk of the directory is full, leaves nothing half, and goes on when there is room', async () => {
  w = await watchBench();
  await w.write('a', 'one');
  await w.sync();
  await w.putInVault('big', noise(300_000, 5).toString('latin1'));
  await w.putInVault('a', noise(300_000, 6).toString('latin1'));
  full.directory = w.root;
  expect(await w.sync()).toMatchObject({ state: 'stopped', problem: { code: 'FULL' } });
  expect(await w.here()).toEqual({ a: 'one' });
  full.directory = null;
  expect(await w.sync()).toMatchObject({ state: 'current', files: 2 });
  expect(await w.here()).toEqual(await w.inVault());
});

it('keeps a file that is damaged in the vault as a problem of that file alone, and deletes it nowhere', async () => {
  let lost = false;
  w = await watchBench({
    wrapStore: (store) => ({
      ...store,
      read: async (name, offset, target) => (lost && name.startsWith('p') ? false : store.read(name, offset, target)),
      size: async (name) => (lost && name.startsWith('p') ? null : store.size(name)),
    }),
  });
  await w.write('a', 'one');
  await w.sync();
  await w.putInVault('new', 'there');
  lost = true;
  const done = await w.sync();
  expect(done.problems).toMatchObject([{ path: 'new', code: 'DAMAGED' }]);
  expect(await w.here()).toEqual({ a: 'one' });
  lost = false;
  expect(await w.sync()).toMatchObject({ state: 'current', problems: [] });
  expect(await w.here()).toEqual({ a: 'one', new: 'there' });
});

it('deletes nothing here while a part of the vault’s list of files cannot be read', async () => {
  w = await watchBench();
  await w.write('dir/a', 'one');
  await w.write('b', 'two');
  await w.sync();
  const { id } = await w.h()['vault.get']({ item: w.item('dir/a') }, testContext());
  await w.bench.vault.stop();
  const db = new DatabaseSync(join(w.bench.home, 'vault', 'catalogue.db'));
  db.prepare('UPDATE items SET sealed = zeroblob(length(sealed)) WHERE id = ?').run(id);
  db.close();
  await w.bench.vault.start();
  expect(await w.sync()).toMatchObject({ state: 'stopped', problem: { code: 'VAULT' } });
  expect(w.bench.vault.notices()).toMatchObject([{ code: 'VAULT_UNREADABLE' }]);
  expect(await w.here()).toEqual({ 'dir/': '', 'dir/a': 'one', b: 'two' });
});

it('notices by itself what changes on either side', { timeout: 60_000 }, async () => {
  const host = {
    ...createFakeHost({ seed: 5 }),
    now: Date.now,
    setTimer(ms: number, fire: () => void) {
      const timer = setTimeout(fire, ms).unref();
      return () => clearTimeout(timer);
    },
  };
  w = await watchBench({ host });
  await w.write('deep/a', 'one');
  const until = (what: () => Promise<unknown>) => vi.waitFor(what, { timeout: 30_000, interval: 100 });
  await until(async () => expect(await w.inVault()).toEqual({ 'deep/': '', 'deep/a': 'one' }));
  await until(async () => expect((await w.state()).state).toBe('current'));
  await w.putInVault('deep/b', 'two');
  await until(async () => expect(await w.here()).toEqual({ 'deep/': '', 'deep/a': 'one', 'deep/b': 'two' }));
  // Just written: it follows when it rests.
  await writeFile(join(w.root, 'deep/c'), 'three');
  await until(async () => expect((await w.inVault())['deep/c']).toBe('three'));
  await rm(join(w.root, 'deep/a'));
  await until(async () => expect(Object.keys(await w.inVault())).toEqual(['deep/', 'deep/b', 'deep/c']));
});

it('writes through no link that was put in the place of a directory', async () => {
  w = await watchBench();
  await w.write('dir/a', 'one');
  await w.sync();
  const { symlink, rename, mkdtemp } = await import('node:fs/promises');
  const elsewhere = await mkdtemp(`${w.root}-elsewhere-`);
  // Between the look and the writing: the probe is called when the bytes lie under their hidden names.
  await w.bench.restart({
    wrapStore: (store) => ({
      ...store,
      async read(name, offset, target) {
        const names = await readdir(w.root);
        if (!names.includes('was')) {
          await rename(join(w.root, 'dir'), join(w.root, 'was'));
          await symlink(elsewhere, join(w.root, 'dir'));
        }
        return store.read(name, offset, target);
      },
    }),
  });
  await w.putInVault('dir/b', 'two');
  await w.sync();
  expect(await readdir(elsewhere)).toEqual([]);
  await rm(elsewhere, { recursive: true, force: true });
  await w.h()['vault.watched']({}, testContext());
});
