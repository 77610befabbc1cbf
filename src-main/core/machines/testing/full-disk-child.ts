import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isFail } from '#shared/rpc/fail.ts';
import { createMachines } from '../index.ts';
import { findByCommand } from '../qemu/process.ts';
import { fakeTask, realHost, silentLog, spec, testCache } from './rig.ts';

/**
 * Deploys on a small file system that fills up at a point of the deploy, one point after another; run by full-disk.test.ts in a mount
 * namespace of its own: `node full-disk-child.ts HOME RUNDIR`, HOME being the file system. Prints what became of each as JSON.
 */
const [home = '', runDir = ''] = process.argv.slice(2);
const filler = join(home, 'filler');
let at = '';

function fill(): void {
  const file = openSync(filler, 'w');
  try {
    for (const size of [1 << 20, 1 << 12]) {
      const block = Buffer.alloc(size);
      try {
        while (writeSync(file, block) === size);
      } catch {
        // Full, down to blocks of this size.
      }
    }
  } finally {
    closeSync(file);
  }
}

const { handlers, start, stop } = createMachines({
  host: realHost,
  log: silentLog,
  emit: () => {},
  home,
  runDir,
  cacheDir: testCache,
  settings: { qemuPath: () => '' },
  probe: (point) => void (point === at && fill()),
});
// The host's timers keep no process alive.
const awake = setInterval(() => {}, 1_000);
await start();
const rounds: unknown[] = [];
const points = [
  'image ready',
  'recorded',
  'disk made',
  'config written',
  'start recorded',
  'spawned',
  'connected',
  'running',
];
for (at of points) {
  const deploy = handlers['machines.deploy'](spec({ name: 'a', memoryMiB: 96, diskMiB: 16 }), fakeTask());
  const code = await Promise.resolve(deploy).then(
    () => 'done',
    (error: unknown) => (isFail(error) ? error.code : String(error)),
  );
  const [machine] = (await handlers['machines.list']({}, fakeTask())).machines;
  const command = (p: { command: string }) => p.command.includes('qemu-system');
  const qemus = (await findByCommand(`${runDir}/`)).filter(command).length;
  const all = await readdir(join(home, 'machines'), { recursive: true }).catch(() => []);
  const files = all.filter((f) => /\.(tmp|new)$/.test(f));
  rounds.push({ at, code, state: machine?.state ?? 'none', detail: machine?.detail ?? '', qemus, files });
  rmSync(filler, { force: true });
  if (machine !== undefined) await handlers['machines.delete']({ machine: machine.id }, fakeTask());
}
await stop();
clearInterval(awake);
process.stdout.write(JSON.stringify(rounds));
