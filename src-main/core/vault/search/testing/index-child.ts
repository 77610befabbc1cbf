// Run by faults.test.ts: `node index-child.ts HOME SOURCE ROUND`. Stores files and brings the index up to date, telling each step on stdout, until
// somebody kills it.

import { writeSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemRandom } from '#core/crypto/random.ts';
import { createVault } from '../../index.ts';
import { quietLog, testContext, testKeys } from '../../testing/harness.ts';

const [home = '', source = '', round = '0'] = process.argv.slice(2);
const host = {
  shell: 'test' as const,
  now: Date.now,
  random: systemRandom,
  setTimer: () => () => {},
  keyring: null,
  keyringDetail: '',
  resources: '',
};
await mkdir(home, { recursive: true });
const search = { pace: { quietMs: 0, rest: 0 } };
const vault = createVault({ host, log: quietLog, emit: () => {}, home, keys: testKeys(), workers: 0, search });
const h = vault.handlers;
await vault.start();
if ((await h['vault.status']({}, testContext())).state === 'none')
  await h['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
for (let i = 0; i < 20; i++) {
  const name = `word${round}x${i}`;
  const path = join(source, `${name}.txt`);
  await writeFile(path, `${'many other words. '.repeat(i * 20)} all about ${name} and more`);
  await h['vault.put']({ paths: [path], into: 'root', clash: 'both' }, testContext());
  writeSync(1, `stored ${name}\n`);
  // Every second one is killed while the index is at work.
  if (i % 2 === 0) {
    await vault.indexed();
    writeSync(1, 'indexed\n');
  }
}
await vault.stop();
