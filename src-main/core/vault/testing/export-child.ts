// Run by tests: `node export-child.ts HOME TARGET [age]`. Exports what is in the vault in HOME (with `age`, one file as an age file)
// and kills itself, as a power cut would, while a file is being written.
import { readdirSync } from 'node:fs';
import { systemRandom } from '#core/crypto/random.ts';
import { createVault } from '../index.ts';
import { quietLog, testContext, testKeys } from './harness.ts';

const [home = '', to = '', how = ''] = process.argv.slice(2);
const host = {
  shell: 'test' as const,
  now: Date.now,
  random: systemRandom,
  setTimer: () => () => {},
  keyring: null,
  keyringDetail: '',
  resources: '',
};
const vault = createVault({
  host,
  log: quietLog,
  emit: () => {},
  home,
  keys: testKeys(),
  workers: 0,
  wrapStore: (store) => ({
    ...store,
    read(...args) {
      if (readdirSync(to).some((name) => name.endsWith('.part'))) process.kill(process.pid, 'SIGKILL');
      return store.read(...args);
    },
  }),
});
await vault.start();
if (how === 'age') {
  const input = { item: 'd/large', to, filePassphrase: 'correct-horse-battery-staple' };
  await vault.handlers['vault.exportAge'](input, testContext());
} else {
  await vault.handlers['vault.export']({ items: ['d'], to }, testContext());
}
