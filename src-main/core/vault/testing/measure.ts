// Time a put and a read of given paths: `node measure.ts PATH...` prints MB/s and the largest resident size.
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRandom as randomBytes } from '#core/crypto/random.ts';
import type { ItemId } from '#shared/model/ids.ts';
import { createVault } from '../index.ts';
import { quietLog, testContext, testKeys } from './harness.ts';

const home = await mkdtemp(join(process.env.MEASURE_DIR ?? tmpdir(), 'hypha-measure-'));
const host = {
  shell: 'test' as const,
  now: Date.now,
  random: randomBytes,
  setTimer: (ms: number, fire: () => void) => {
    const timer = setTimeout(fire, ms).unref();
    return () => clearTimeout(timer);
  },
  keyring: null,
  keyringDetail: '',
  resources: '',
};
let peak = 0;
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 20);
watch.unref();
const vault = createVault({ host, log: quietLog, emit: () => {}, home, keys: testKeys() });
const timed = async <T>(name: string, bytes: number, work: () => Promise<T>): Promise<T> => {
  peak = 0;
  const cpu = process.cpuUsage();
  const from = performance.now();
  const result = await work();
  const seconds = (performance.now() - from) / 1000;
  const used = process.cpuUsage(cpu);
  const rate = bytes > 0 ? ` ${(bytes / 1e6 / seconds).toFixed(0)} MB/s` : '';
  console.log(
    `${name}: ${seconds.toFixed(2)} s${rate} cpu ${(used.user / 1e6).toFixed(2)}+${(used.system / 1e6).toFixed(2)} s, peak RSS ${(peak / 1e6).toFixed(0)} MB`,
  );
  return result;
};
const size = async (path: string): Promise<number> => {
  const info = await lstat(path);
  if (!info.isDirectory()) return info.size;
  let sum = 0;
  for (const name of await readdir(path)) sum += await size(join(path, name));
  return sum;
};

console.log('loaded', (process.memoryUsage.rss() / 1e6).toFixed(0));
await vault.start();
await vault.handlers['vault.setup']({ profile: { k: 4, m: 2 } }, testContext());
console.log('set up', (process.memoryUsage.rss() / 1e6).toFixed(0));
for (const path of process.argv.slice(2)) {
  const bytes = await size(path);
  const put = await timed(`store ${path} (${(bytes / 1e6).toFixed(0)} MB)`, bytes, async () =>
    vault.handlers['vault.put']({ paths: [path], into: 'root', clash: 'both' }, testContext()),
  );
  const status = await vault.handlers['vault.status']({}, testContext());
  console.log(
    `  ${put.files} files, ${put.skipped.length} skipped, on the places ${(status.stored / 1e6).toFixed(0)} MB`,
  );
  const readTree = async (item: ItemId, kind: string): Promise<void> => {
    if (kind === 'folder') {
      for (let offset = 0; ; offset += 5000) {
        const page = await vault.handlers['vault.list'](
          { folder: item, sort: 'name', descending: false, offset, limit: 5000 },
          testContext(),
        );
        for (const child of page.items) await readTree(child.id, child.kind);
        if (offset + 5000 >= page.total) return;
      }
    }
    for await (const _ of vault.handlers['vault.read']({ item, offset: 0 }, testContext()));
  };
  await timed(`read  ${path}`, bytes, async () => {
    for (const item of put.items) {
      const info = await vault.handlers['vault.get']({ item }, testContext());
      await readTree(item, info.kind);
    }
  });
}
await vault.stop();
await rm(home, { recursive: true, force: true });
