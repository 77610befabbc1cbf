import { createMachines } from '../index.ts';
import { fakeTask, realHost, silentLog, spec, testCache } from './rig.ts';

const crashKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ada@desk';

/**
 * One action in a process of its own that kills itself: `node crash-child.ts HOME RUNDIR`, then a line `ACTION POINT DELAY` on stdin. A
 * deploy dies DELAY ms after its POINT-th failpoint; the other actions work on the machine `victim`, and die DELAY ms after they began,
 * or right after they were done when it is negative.
 */
const [home = '', runDir = ''] = process.argv.slice(2);

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

process.stdout.write('loaded\n');
process.stdin.once('data', async (line: Buffer) => {
  const [action = '', ...numbers] = line.toString().trim().split(' ');
  const [point = 0, delay = 0] = numbers.map(Number);
  let passed = 0;
  const { handlers, start } = createMachines({
    host: realHost,
    log: silentLog,
    emit: () => {},
    home,
    runDir,
    cacheDir: testCache,
    settings: { qemuPath: () => '' },
    probe() {
      if (action !== 'deploy' || passed++ !== point) return;
      if (delay === 0) die();
      setTimeout(die, delay);
    },
  });
  await start();
  const machine = 'victim';
  if (action !== 'deploy' && delay >= 0) setTimeout(die, delay);
  if (action === 'deploy')
    await handlers['machines.deploy'](spec({ name: machine, diskMiB: 32, memoryMiB: 96 }), fakeTask());
  if (action === 'delete') await handlers['machines.delete']({ machine }, fakeTask());
  if (action === 'stop') await handlers['machines.stop']({ machine, force: point === 1 }, fakeTask());
  if (action === 'resize') await handlers['machines.resize']({ machine, diskMiB: 48, memoryMiB: 128 }, fakeTask());
  if (action === 'configure')
    await handlers['machines.configure']({ machine, autostart: true, addSshKeys: [crashKey] }, fakeTask());
  if (action === 'snapshot') await handlers['machines.snapshot']({ machine, name: 'kept' }, fakeTask());
  // The deploy's point was never reached: say so by a normal end. The others end by their own hand, done or not.
  if (action === 'deploy') process.exit(0);
  process.stdout.write('done\n', () => {
    if (delay < 0) die();
  });
});
