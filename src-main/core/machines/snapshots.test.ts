import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { Host } from '#core/host.ts';
import { usualQemu } from './host-capability.ts';
import { diskInfo } from './images/qemu-img.ts';
import { endpoint } from './qemu/endpoint.ts';
import { qemuImgBeside } from './qemu/locate.ts';
import { connectQmp } from './qemu/qmp.ts';
import { createRig, fakeTask, missingParts, type Rig, realHost, spec } from './testing/rig.ts';

const missing = await missingParts();
if (missing !== null) console.warn(`snapshots.test.ts is skipped: ${missing}.`);
const run = promisify(execFile);

describe.skipIf(missing !== null || process.platform === 'win32')('snapshots', { timeout: 120_000 }, () => {
  let rig: Rig;
  afterEach(() => rig?.close());
  const deploy = async () =>
    (await rig.machines.handlers['machines.deploy'](spec({ name: 'a', memoryMiB: 96, diskMiB: 64 }), fakeTask()))
      .machine;
  const rescue = (id: string) => connectQmp(endpoint(rig.runDir, id, '', 'qmp2'), realHost);

  it('are taken while somebody watches a QEMU too busy to answer for its figures', async () => {
    // Figures have two seconds; here they are always late.
    const impatient: Host = { ...realHost, setTimer: (ms, fire) => realHost.setTimer(ms === 2_000 ? 0 : ms, fire) };
    rig = await createRig({ host: impatient });
    await deploy();
    const { handlers } = rig.machines;
    const watching = new AbortController();
    let samples = 0;
    const watch = (async () => {
      for await (const _ of handlers['machines.metrics']({ machine: 'a' }, fakeTask(watching.signal))) samples += 1;
    })();
    for (let n = 0; n < 4 || samples < 3; n++) {
      await handlers['machines.snapshot']({ machine: 'a', name: `s${n % 4}` }, fakeTask());
      await handlers['machines.deleteSnapshot']({ machine: 'a', name: `s${n % 4}` }, fakeTask());
    }
    watching.abort();
    await watch;
    const { machine } = await handlers['machines.get']({ machine: 'a' }, fakeTask());
    expect(machine).toMatchObject({ state: 'running', detail: '' });
  });

  it('that QEMU ended after they were given up take no space once another is taken', async () => {
    rig = await createRig();
    const { id } = await deploy();
    const { handlers } = rig.machines;
    const qmp = await rescue(id);
    await qmp.execute('human-monitor-command', { 'command-line': 'savevm "hypha lost"' }, 60_000);
    qmp.destroy();
    await handlers['machines.snapshot']({ machine: 'a', name: 'kept' }, fakeTask());
    const program = qemuImgBeside((await usualQemu('')) ?? '');
    const disk = join(rig.home, 'machines', id, 'disk.qcow2');
    const tags = async () => (await diskInfo(program, disk, 'qcow2')).snapshots?.map((s) => s.name);
    expect(await tags()).toEqual(['hypha kept']);
    await handlers['machines.stop']({ machine: 'a', force: true }, fakeTask());
    await run(program, ['snapshot', '-c', 'hypha lost', disk]);
    await handlers['machines.snapshot']({ machine: 'a', name: 'second' }, fakeTask());
    expect(await tags()).toEqual(['hypha kept', 'hypha second']);
  });

  it('that are not in the disk any more cannot be put back, and the machine goes on', async () => {
    rig = await createRig();
    const { id } = await deploy();
    const { handlers } = rig.machines;
    await handlers['machines.snapshot']({ machine: 'a', name: 'kept' }, fakeTask());
    const qmp = await rescue(id);
    await qmp.execute('human-monitor-command', { 'command-line': 'delvm "hypha kept"' }, 60_000);
    const back = handlers['machines.restoreSnapshot']({ machine: 'a', name: 'kept' }, fakeTask());
    await expect(back).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await qmp.execute('query-status')).toMatchObject({ status: 'running' });
    qmp.destroy();
    expect((await handlers['machines.get']({ machine: 'a' }, fakeTask())).machine.state).toBe('running');
    await handlers['machines.deleteSnapshot']({ machine: 'a', name: 'kept' }, fakeTask());
  });
});
