// `node disk-child.ts DIRECTORY`: a vault below DIRECTORY with its disk on, and the worker threads of a real agent. Prints a
// line of JSON with its address, its password (null where it had one) and the most memory the process held (VmHWM, bytes); when its input ends, the
// memory once more, and stops.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { systemRandom } from '#core/crypto/random.ts';
import { createVault } from '../../index.ts';
import { quietLog, testContext, testKeys } from '../../testing/harness.ts';

const [home = ''] = process.argv.slice(2);
const host = {
  shell: 'test' as const,
  now: Date.now,
  random: systemRandom,
  setTimer: () => () => {},
  keyring: null,
  keyringDetail: '',
  resources: '',
};
const peak = (): number => Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
const vault = createVault({ host, log: quietLog, emit: () => {}, home, keys: testKeys() });
await vault.start();
if ((await vault.handlers['vault.status']({}, testContext())).state === 'none')
  await vault.handlers['vault.setup']({ profile: { k: 4, m: 2 } }, testContext());
const { address, password } = await vault.handlers['vault.webdavOn']({ newPassword: false }, testContext());
console.log(JSON.stringify({ address, password, peak: peak() }));
process.stdin.resume();
await once(process.stdin, 'end');
console.log(JSON.stringify({ peak: peak() }));
await vault.stop();
