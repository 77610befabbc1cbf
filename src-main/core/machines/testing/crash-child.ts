import { createMachines } from '../index.ts';
import { fakeTask, realHost, silentLog, spec, testCache } from './rig.ts';

/**
 * One deploy in a process of its own that kills itself: `node crash-child.ts HOME RUNDIR`, then a line `POINT DELAY` on stdin. It
 * dies DELAY ms after the POINT-th failpoint, as SIGKILL would take it anywhere.
 */
const [home = '', runDir = ''] = process.argv.slice(2);

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

process.stdout.write('loaded\n');
process.stdin.once('data', async (line: Buffer) => {
  const [point = 0, delay = 0] = line.toString().trim().split(' ').map(Number);
  let passed = 0;
  const machines = createMachines({
    host: realHost,
    log: silentLog,
    emit: () => {},
    home,
    runDir,
    cacheDir: testCache,
    settings: { qemuPath: () => '' },
    probe() {
      if (passed++ !== point) return;
      if (delay === 0) die();
      setTimeout(die, delay);
    },
  });
  await machines.start();
  await machines.handlers['machines.deploy'](spec({ name: 'victim', diskMiB: 32, memoryMiB: 96 }), fakeTask());
  // The point was never reached: say so by a normal end.
  process.exit(0);
});
