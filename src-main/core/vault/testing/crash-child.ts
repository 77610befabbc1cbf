// Run by crash.ts: `node crash-child.ts HOME SOURCE ROUND KILL_AT`. Works on the vault in HOME and kills itself, as a
// power cut would, at the KILL_AT-th point of writing. Every line on stdout is a promise that must hold afterwards.
import { writeSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemRandom } from '#core/crypto/random.ts';
import { createVault } from '../index.ts';
import { quietLog, testContext, testKeys } from './harness.ts';

const [home = '', source = '', round = '0', killAt = '0'] = process.argv.slice(2);
let points = 0;
const host = {
  shell: 'test' as const,
  now: Date.now,
  random: systemRandom,
  setTimer: () => () => {},
  keyring: null,
  keyringDetail: '',
  resources: '',
};
const probe = (): void => {
  points++;
  if (points === Number(killAt)) process.kill(process.pid, 'SIGKILL');
};
const say = (line: string): void => void writeSync(1, `${line}\n`);
const vault = createVault({ host, log: quietLog, emit: () => {}, home, keys: testKeys(), workers: 0, probe });
const h = vault.handlers;
await vault.start();
if ((await h['vault.status']({}, testContext())).state === 'none') {
  await h['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
}
const folder = join(source, round);
const put = await h['vault.put']({ paths: [folder], into: 'root', clash: 'both' }, testContext());
for (const name of await readdir(folder)) say(`stored ${name}`);
const { snapshot } = await h['vault.takeSnapshot']({ name: '' }, testContext());
say(`snapshot ${snapshot.number} ${round}`);
if (Number(round) % 5 === 0) await h['vault.rotateKeys']({}, testContext());
await h['vault.repair']({}, testContext());
const [top] = put.items;
if (top && Number(round) % 3 === 0) {
  await h['vault.bin']({ items: [top] }, testContext());
  for (const name of await readdir(folder)) say(`binned ${name}`);
  await h['vault.purge']({}, testContext());
}
if (Number(round) % 4 === 0) {
  const oldest = (await h['vault.snapshots']({}, testContext())).snapshots.at(-1)?.number ?? 0;
  say(`forgetting ${oldest}`);
  await h['vault.removeSnapshots']({ snapshots: [oldest] }, testContext());
}
await vault.stop();
say(`finished after ${points} points`);
