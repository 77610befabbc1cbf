// `node kill-child.ts HOME ROOT ROUND AT`: opens the vault of HOME, changes some files in it as another device would, then brings the
// watched ROOT and the vault together and kills itself at the AT-th point of writing in that. Every line on stdout is a fact by then:
// `stored CONTENT` is in the vault, `let-go CONTENT` may be gone, `done`: both sides hold the same.
import { writeSync } from 'node:fs';
import { systemRandom } from '#core/crypto/random.ts';
import { createVault } from '../../index.ts';
import { quietLog, readAll, testContext, testKeys } from '../../testing/harness.ts';

const [home = '', root = '', round = '', at = ''] = process.argv.slice(2);
let left = Number.POSITIVE_INFINITY;
const host = {
  ...{ shell: 'test' as const, now: Date.now, random: systemRandom, setTimer: () => () => {} },
  ...{ keyring: null, keyringDetail: '', resources: '' },
};
const probe = (): void => {
  if (--left === 0) process.kill(process.pid, 'SIGKILL');
};
const say = (line: string): void => void writeSync(1, `${line}\n`);
const vault = createVault({ host, log: quietLog, emit: () => {}, home, keys: testKeys(), workers: 0, probe });
const h = vault.handlers;
await vault.start();
if ((await h['vault.status']({}, testContext())).state === 'none') {
  await h['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
  await h['vault.makeFolder']({ parent: 'root', name: 'sync' }, testContext());
  await h['vault.watch']({ directory: root, folder: '/sync' }, testContext());
}
let state = Number(round) * 7919 + 17;
const random = (n: number): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * n);
};
const page = { offset: 0, limit: 5000, sort: 'name', descending: false } as const;
const list = async (folder: string) => (await h['vault.list']({ folder, ...page }, testContext())).items;
const into = (await list('root'))[0]?.id ?? ('' as never);
for (let n = 0; n < 4; n++) {
  const name = `f${random(12)}`;
  const there = (await list('/sync')).find((item) => item.name === name);
  if (there && n === 1) {
    await h['vault.rename']({ item: there.id, name: `m${round}` }, testContext());
    continue;
  }
  if (there) say(`let-go ${await readAll(h['vault.read']({ item: there.id, offset: 0 }, testContext()))}`);
  if (there && n === 0) {
    await h['vault.bin']({ items: [there.id] }, testContext());
    continue;
  }
  const content = `vault-${round}-${n}`;
  const bytes = Buffer.from(content);
  const open = { into, path: [name], size: bytes.length, modified: 1, clash: 'replace' } as const;
  const { upload } = await h['vault.uploadOpen']({ ...open, path: [name] }, testContext());
  await h['vault.uploadWrite']({ upload, offset: 0, bytes }, testContext());
  await h['vault.uploadCommit']({ upload }, testContext());
  say(`stored ${content}`);
}
left = Number(at);
const { watched } = await h['vault.syncWatched']({ watched: root }, testContext());
left = Number.POSITIVE_INFINITY;
say(watched.state === 'current' ? 'done' : `left ${JSON.stringify(watched)}`);
await vault.stop();
