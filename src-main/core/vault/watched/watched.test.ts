import { readdirSync } from 'node:fs';
import { chmod, lstat, mkdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { testContext } from '../testing/harness.ts';
import { type WatchBench, watchBench } from './testing/bench.ts';

let w: WatchBench;
afterEach(() => w?.close());

it('brings what is on either side to the other, with its time, and then has nothing to do', async () => {
  w = await watchBench();
  await w.write('a.txt', 'one');
  await w.write('deep/er/b.txt', 'two');
  await w.putInVault('from/vault.txt', 'three');
  const done = await w.sync();
  expect(done).toMatchObject({ state: 'current', files: 3, problems: [] });
  const all = {
    'a.txt': 'one',
    'deep/': '',
    'deep/er/': '',
    'deep/er/b.txt': 'two',
    'from/': '',
    'from/vault.txt': 'three',
  };
  expect(await w.inVault()).toEqual(all);
  expect(await w.here()).toEqual(all);
  expect((await stat(join(w.root, 'from/vault.txt'))).mtimeMs).toBe(1000);
  expect(await w.sync()).toMatchObject({ state: 'current', total: 0 });
});

it('takes changes, renames and deletions over, in both directions', async () => {
  w = await watchBench();
  for (const name of ['edit', 'gone', 'move', 'other/x', 'vedit', 'vgone', 'vmove']) await w.write(name, `old ${name}`);
  await w.sync();
  const before = (await w.h()['vault.history']({ item: w.item('move') }, testContext())).versions[0]?.id;
  await w.write('edit', 'new');
  await rm(join(w.root, 'gone'));
  await mkdir(join(w.root, 'sub'));
  await rename(join(w.root, 'move'), join(w.root, 'sub/moved'));
  await rename(join(w.root, 'other'), join(w.root, 'another'));
  await w.putInVault('vedit', 'vnew');
  await w.h()['vault.bin']({ items: [w.item('vgone')] }, testContext());
  await w.h()['vault.rename']({ item: w.item('vmove'), name: 'vmoved' }, testContext());
  await chmod(join(w.root, 'vedit'), 0o755);
  expect(await w.sync()).toMatchObject({ state: 'current' });
  const all = {
    ...{ edit: 'new', 'sub/': '', 'sub/moved': 'old move', 'another/': '', 'another/x': 'old other/x' },
    ...{ vedit: 'vnew', vmoved: 'old vmove' },
  };
  expect(await w.inVault()).toEqual(all);
  expect(await w.here()).toEqual(all);
  // It was renamed, not stored anew; and what may be run may still be.
  expect((await w.h()['vault.history']({ item: w.item('sub/moved') }, testContext())).versions[0]?.id).toBe(before);
  expect((await stat(join(w.root, 'vedit'))).mode & 0o777).toBe(0o755);
});

it('keeps both contents of a file that was changed on both sides', async () => {
  w = await watchBench();
  await w.write('plan.txt', 'first');
  await w.sync();
  await w.write('plan.txt', 'mine');
  await w.putInVault('plan.txt', 'theirs');
  await w.write('new.txt', 'here');
  await w.putInVault('new.txt', 'there');
  await w.write('same.txt', 'same');
  await w.putInVault('same.txt', 'same');
  expect(await w.sync()).toMatchObject({ state: 'current' });
  const all = await w.inVault();
  expect(await w.here()).toEqual(all);
  expect(all['plan.txt']).toBe('theirs');
  const copies = Object.keys(all).filter((name) =>
    /^(plan|new) \(conflict, .+, \d{4}-\d\d-\d\d \d\d\.\d\d\)\.txt$/.test(name),
  );
  expect(copies.map((name) => all[name]).sort()).toEqual(['here', 'mine']);
  expect(Object.keys(all)).toHaveLength(5);
});

it('lets a change win over a deletion', async () => {
  w = await watchBench();
  for (const name of ['a', 'b', 'dir/c', 'dir/d']) await w.write(name, 'old');
  await w.sync();
  await w.write('a', 'changed here');
  await w.h()['vault.bin']({ items: [w.item('a'), w.item('dir')] }, testContext());
  await rm(join(w.root, 'b'));
  await w.putInVault('b', 'changed there');
  await w.write('dir/c', 'changed in a folder that went');
  expect(await w.sync()).toMatchObject({ state: 'current' });
  const all = { a: 'changed here', b: 'changed there', 'dir/': '', 'dir/c': 'changed in a folder that went' };
  expect(await w.inVault()).toEqual(all);
  expect(await w.here()).toEqual(all);
});

it('asks before much is deleted at once, and does as it is told', async () => {
  w = await watchBench();
  for (let n = 0; n < 40; n++) await w.write(`f${n}`, `${n}`);
  await w.sync();
  for (let n = 0; n < 30; n++) await rm(join(w.root, `f${n}`));
  expect(await w.sync()).toMatchObject({ state: 'asking', question: { side: 'vault', files: 30, of: 40 } });
  expect(Object.keys(await w.inVault())).toHaveLength(40);
  const answer = (answer: 'keep' | 'delete') => w.h()['vault.answerWatched']({ watched: w.id, answer }, testContext());
  await answer('keep');
  expect(await w.sync()).toMatchObject({ state: 'current' });
  expect(Object.keys(await w.here())).toHaveLength(40);
  await expect(answer('keep')).rejects.toMatchObject({ code: 'NOTHING_ASKED' });

  for (let n = 0; n < 30; n++) await rm(join(w.root, `f${n}`));
  expect((await w.sync()).state).toBe('asking');
  await answer('delete');
  expect(await w.sync()).toMatchObject({ state: 'current', files: 10 });
  expect(Object.keys(await w.inVault())).toHaveLength(10);
  // The other way round.
  await w.h()['vault.bin']({ items: [...Array(10).keys()].map((n) => w.item(`f${n + 30}`)) }, testContext());
  expect(await w.sync()).toMatchObject({ state: 'asking', question: { side: 'here', files: 10 } });
  expect(Object.keys(await w.here())).toHaveLength(10);
});

it('deletes nothing when the directory or the folder is not there, or another is in its place', async () => {
  w = await watchBench();
  await w.write('a', 'one');
  await w.sync();
  await rename(w.root, `${w.root}-away`);
  expect(await w.sync()).toMatchObject({ state: 'stopped', problem: { code: 'MISSING' } });
  await mkdir(w.root);
  expect(await w.sync()).toMatchObject({ state: 'stopped', problem: { code: 'OTHER_DIRECTORY' } });
  await rm(w.root, { recursive: true });
  await rename(`${w.root}-away`, w.root);
  expect(await w.sync()).toMatchObject({ state: 'current' });
  expect(await w.inVault()).toEqual({ a: 'one' });
  await w.h()['vault.bin']({ items: [w.folder] }, testContext());
  expect(await w.sync()).toMatchObject({ state: 'stopped', problem: { code: 'FOLDER_GONE' } });
  expect(await w.here()).toEqual({ a: 'one' });
});

it('follows no link, leaves out what it cannot hold, and says so', async () => {
  w = await watchBench();
  await w.write('ok', 'ok');
  await symlink('/etc', join(w.root, 'etc'));
  await writeFile(Buffer.concat([Buffer.from(`${w.root}/bad`), Buffer.from([0xff])]), 'x');
  await w.write('e\u0301', 'decomposed');
  await w.write('\u00e9', 'composed');
  await w.write('.DS_Store', 'junk');
  await w.write('.a.txt.swp', 'editor');
  const done = await w.sync();
  expect(done.state).toBe('current');
  expect(done.problems.map(({ code }) => code).sort()).toEqual(['ALIKE', 'LINK', 'NAME_VAULT']);
  expect(Object.keys(await w.inVault()).sort()).toEqual(['ok']);
  // What lies in the vault where a link is here stays there, and nothing is written through the link.
  await w.putInVault('etc/passwd', 'never');
  expect((await w.sync()).state).toBe('current');
  expect((await lstat(join(w.root, 'etc'))).isSymbolicLink()).toBe(true);
  expect((await w.inVault())['etc/passwd']).toBe('never');
});

it('waits for a file until nobody writes to it', async () => {
  w = await watchBench();
  await writeFile(join(w.root, 'now'), 'half');
  const soon = w.bench.host.now() / 1000;
  await utimes(join(w.root, 'now'), soon, soon);
  expect(await w.sync()).toMatchObject({ state: 'waiting', busy: 1 });
  expect(await w.inVault()).toEqual({});
  w.bench.host.setNow(w.bench.host.now() + 5000);
  expect(await w.sync()).toMatchObject({ state: 'current', busy: 0 });
  expect(await w.inVault()).toEqual({ now: 'half' });
});

it('goes on soon when the clock was set back', async () => {
  w = await watchBench();
  await w.sync();
  const { host } = w.bench;
  host.setNow(host.now() - 5 * 3_600_000);
  await w.h()['vault.makeFolder']({ parent: '/sync', name: 'new' }, testContext());
  host.advance(61_000);
  await expect.poll(() => w.here()).toEqual({ 'new/': '' });
});

it('remembers over a restart and a lock, and can be paused and stopped', async () => {
  w = await watchBench();
  await w.write('a', 'one');
  await w.sync();
  await w.bench.restart();
  await w.h()['vault.status']({}, testContext());
  await rm(join(w.root, 'a'));
  await w.write('b', 'two');
  expect(await w.sync()).toMatchObject({ state: 'current' });
  expect(await w.inVault()).toEqual({ b: 'two' });
  const root = w.bench.keys.root();
  w.bench.keys.set(null);
  await expect(w.state()).rejects.toMatchObject({ code: 'LOCKED' });
  w.bench.keys.set(root);
  await w.write('c', 'three');
  expect(await w.sync()).toMatchObject({ state: 'current', files: 2 });
  const context = testContext();
  await w.h()['vault.changeWatched']({ watched: w.root, paused: true }, context);
  await w.write('d', 'four');
  await w.write('c', 'edited meanwhile');
  expect((await w.sync()).state).toBe('paused');
  expect(Object.keys(await w.inVault())).toEqual(['b', 'c']);
  await w.h()['vault.changeWatched'](context.undone[0]?.input as never, testContext());
  expect((await w.sync()).state).toBe('current');
  // What was agreed on before is still known: no edit is taken for a conflict.
  expect(await w.inVault()).toEqual({ b: 'two', c: 'edited meanwhile', d: 'four' });
  await w.h()['vault.unwatch']({ watched: w.id }, testContext());
  expect((await w.h()['vault.watched']({}, testContext())).folders).toEqual([]);
  expect(Object.keys(await w.here())).toEqual(['b', 'c', 'd']);
});

it('refuses directories that cannot be watched', async () => {
  w = await watchBench();
  const watch = (directory: string, folder = 'root') => w.h()['vault.watch']({ directory, folder }, testContext());
  await expect(watch('relative')).rejects.toMatchObject({ code: 'BAD_TARGET' });
  await expect(watch(join(w.bench.home, 'x'))).rejects.toMatchObject({ code: 'BAD_TARGET' });
  await expect(watch('/')).rejects.toMatchObject({ code: 'BAD_TARGET' });
  await expect(watch(join(w.root, 'inside'))).rejects.toMatchObject({ code: 'ALREADY_WATCHED' });
  await expect(watch(`${w.root}-2`)).rejects.toMatchObject({ code: 'ALREADY_WATCHED' });
  await rm(`${w.root}-2`, { recursive: true, force: true });
});

it('clears away what a killed agent left', async () => {
  w = await watchBench();
  await w.write('a', 'one');
  await w.write('b', 'two');
  await w.sync();
  const tag = await tagOf(w);
  await writeFile(join(w.root, `.hypha-${tag}-7.part`), 'half');
  await mkdir(join(w.root, `.hypha-${tag}-8.old`));
  await rename(join(w.root, 'a'), join(w.root, `.hypha-${tag}-8.old`, 'a'));
  expect(await w.sync()).toMatchObject({ state: 'current' });
  expect(await w.here()).toEqual({ a: 'one', b: 'two' });
});

/** It shows in the names of files that are on their way. */
async function tagOf(bench: WatchBench): Promise<string> {
  let tag = '';
  await bench.bench.restart({
    probe(point) {
      if (point !== 'watched-written') return;
      tag = /\.hypha-([0-9a-f]{16})-/.exec(readdirSync(bench.root).join(' '))?.[1] ?? '';
    },
  });
  await bench.putInVault('tag', 'tag');
  await bench.sync();
  await rm(join(bench.root, 'tag'));
  await bench.sync();
  return tag;
}
