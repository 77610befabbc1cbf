// Run by kill.ts: `node kill-child.ts HOME SOURCE PLACES ROUND KILL_AT`. In round 0 it makes the vault over PLACES directories in
// SOURCE and stores what is there; then, each round forty days later, the vault keeps itself whole, and kills itself at the KILL_AT-th point of that, as a
// power cut would.
import { writeSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemRandom } from '#core/crypto/random.ts';
import { createVault } from '../../index.ts';
import { quietLog, testContext, testKeys } from '../../testing/harness.ts';

const [home = '', source = '', places = '4', round = '0', killAt = '0'] = process.argv.slice(2);
const times = 12;
let ahead = Number(round) * 40 * 24 * 60 * 60_000;
let points = 0;
let counting = false;
const host = {
  shell: 'test' as const,
  now: () => Date.now() + ahead,
  random: systemRandom,
  setTimer: () => () => {},
  keyring: null,
  keyringDetail: '',
  resources: '',
};
const probe = (): void => {
  if (!counting) return;
  points++;
  if (points === Number(killAt)) process.kill(process.pid, 'SIGKILL');
};
const vault = createVault({ host, log: quietLog, emit: () => {}, home, keys: testKeys(), workers: 0, probe });
const h = vault.handlers;
await vault.start();
if (round === '0') {
  const paths = Array.from({ length: Number(places) }, (_, i) => join(source, `place${i + 1}`));
  await h['vault.setup']({ profile: { k: 2, m: 2 }, paths }, testContext());
  // One after the other: a pack for each.
  for (const name of await readdir(join(source, 'files')))
    await h['vault.put']({ paths: [join(source, 'files', name)], into: 'root', clash: 'both' }, testContext());
} else {
  await h['vault.status']({}, testContext());
  counting = true;
  for (let i = 0; i < times; i++) {
    ahead += 5 * 60_000;
    await vault.tend();
  }
  const { repairing, counts } = await h['vault.upkeep']({}, testContext());
  writeSync(1, `${JSON.stringify({ repairing, counts, points })}\n`);
}
await vault.stop();
