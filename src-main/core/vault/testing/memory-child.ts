// `node memory-child.ts FILE DIRECTORY`: store FILE in a new vault below DIRECTORY and export it again, with the worker
// threads of a real agent. Prints the most memory the process held after each step (VmHWM, bytes), as JSON lines.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemRandom } from '#core/crypto/random.ts';
import { createVault } from '../index.ts';
import { quietLog, testContext, testKeys } from './harness.ts';

const [file = '', directory = ''] = process.argv.slice(2);
const host = {
  shell: 'test' as const,
  now: Date.now,
  random: systemRandom,
  setTimer: () => () => {},
  keyring: null,
  keyringDetail: '',
  resources: '',
};
const say = (step: string): void => {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ step, peak: Number(kib) * 1024, cpuMs: Math.round((user + system) / 1000) }));
};
const home = join(directory, 'home');
const vault = createVault({ host, log: quietLog, emit: () => {}, home, keys: testKeys() });
await vault.start();
await vault.handlers['vault.setup']({ profile: { k: 4, m: 2 } }, testContext());
say('set up');
const put = await vault.handlers['vault.put']({ paths: [file], into: 'root', clash: 'both' }, testContext());
say('stored');
await vault.handlers['vault.export']({ items: put.items, to: join(directory, 'out') }, testContext());
say('exported');
await vault.stop();
