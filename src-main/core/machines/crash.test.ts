import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '#core/testing/fake-host.ts';
import { fail } from '#shared/rpc/fail.ts';
import { usualQemu } from './host-capability.ts';
import { diskInfo } from './images/qemu-img.ts';
import { qemuImgBeside } from './qemu/locate.ts';
import { findByCommand } from './qemu/process.ts';
import { createRig, fakeTask, missingParts, type Rig, spec } from './testing/rig.ts';

const missing = await missingParts();
if (missing !== null) console.warn(`crash.test.ts is skipped: ${missing}.`);

const points = 50;
/** Of each other action. */
const rounds = 5;
/** Failpoints of a deploy before the guest is waited for; the wait itself is covered by the delays after the last. */
const failpoints = 11;
const seed = Number(process.env.HYPHA_SEED ?? 20261122);

/** A process that has loaded everything and waits for its orders. */
async function warmChild(rig: Rig): Promise<ChildProcess> {
  const file = join(dirname(fileURLToPath(import.meta.url)), 'testing', 'crash-child.ts');
  const child = spawn(process.execPath, ['--no-warnings', file, rig.home, rig.runDir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (child.stdout) await once(child.stdout, 'data');
  return child;
}

describe.skipIf(missing !== null)('an agent killed in the middle of a deploy', { timeout: 600_000 }, () => {
  it(`leaves no unknown QEMU and no half machine, at ${points} seeded points`, async () => {
    const rig = await createRig();
    const random = seededRandom(seed);
    const dice = (n: number): number => ((random(2)[0] ?? 0) * 256 + (random(1)[0] ?? 0)) % n;
    const seen = new Map<string, number>();
    try {
      await rig.machines.stop();
      let next = warmChild(rig);
      for (let round = 0; round < points; round++) {
        const child = await next;
        const point = round % failpoints;
        const delay = round < failpoints ? 0 : dice(120);
        const order = `seed ${seed} round ${round} point ${point} delay ${delay}`;
        const ended = once(child, 'exit');
        child.stdin?.write(`deploy ${point} ${delay}\n`);
        const [, signal] = await ended;
        expect(signal, order).toBe('SIGKILL');
        next = warmChild(rig);

        const agent = await rig.restart();
        const { machines } = await agent.handlers['machines.list']({}, fakeTask());
        const running = machines.filter((m) => m.state === 'running').map((m) => m.id);
        const alive = await findByCommand(`${rig.runDir}/`);
        const qemus = alive.filter((p) => p.command.includes('qemu-system'));
        // Every QEMU is a machine that is shown as running, and the other way round.
        expect(qemus.length, order).toBe(running.length);
        for (const id of running)
          expect(
            qemus.some((p) => p.command.includes(id)),
            order,
          ).toBe(true);
        // Every directory is a machine that is shown; one that does not run says why.
        expect(await readdir(join(rig.home, 'machines')).catch(() => []), order).toEqual(machines.map((m) => m.id));
        for (const m of machines) {
          expect(['running', 'failed'], order).toContain(m.state);
          if (m.state === 'failed') expect(m.detail, order).toMatch(/again, or delete it/);
        }
        const state = machines[0]?.state ?? 'none';
        seen.set(state, (seen.get(state) ?? 0) + 1);
        for (const m of machines) await agent.handlers['machines.delete']({ machine: m.id }, fakeTask());
        expect(
          (await findByCommand(`${rig.runDir}/`)).filter((p) => p.command.includes('qemu-system')),
          order,
        ).toEqual([]);
        await agent.stop();
      }
      (await next).kill('SIGKILL');
      // The points were spread over all three outcomes, or the test proves little.
      expect([...seen.keys()].sort()).toEqual(['failed', 'none', 'running']);
    } finally {
      await rig.close();
    }
  });
});

describe.skipIf(missing !== null)('an agent killed in the middle of another action', { timeout: 600_000 }, () => {
  it(`loses nothing acknowledged by delete, stop, snapshot, resize or configure, at ${rounds} seeded moments each`, async () => {
    const rig = await createRig();
    const random = seededRandom(seed + 1);
    const dice = (n: number): number => ((random(2)[0] ?? 0) * 256 + (random(1)[0] ?? 0)) % n;
    const qemus = async () =>
      (await findByCommand(`${rig.runDir}/`)).filter((p) => p.command.includes('qemu-system')).length;
    const qemuImg = qemuImgBeside((await usualQemu('')) ?? '');
    const finished = { delete: 0, stop: 0, snapshot: 0, resize: 0, configure: 0 };
    const actions = ['delete', 'stop', 'snapshot', 'resize', 'configure'] as const;
    try {
      for (const action of actions) {
        for (let round = 0; round < rounds; round++) {
          // Spread over the action; the last is killed right after it was acknowledged, however slow this computer is.
          const delay = round === rounds - 1 ? -1 : Math.floor((round * 160) / rounds) + dice(20);
          const order = `seed ${seed} ${action} round ${round} delay ${delay}`;
          let { handlers } = rig.machines;
          // Running, but not waited for: its state is what is looked at, not its guest.
          const leave = () => {
            const running = new AbortController();
            const hypha = fail('CANCELLED', 'x', { data: { stopping: true } });
            const step = (key: string) => void (key === 'ready' && running.abort(hypha));
            return { ...fakeTask(running.signal), step };
          };
          const wanted = spec({ name: 'victim', diskMiB: 32, memoryMiB: 96 });
          if ((await handlers['machines.list']({}, fakeTask())).machines.length === 0)
            await expect(handlers['machines.deploy'](wanted, leave()), order).rejects.toMatchObject({
              code: 'CANCELLED',
            });
          await rig.machines.stop();

          const child = await warmChild(rig);
          let done = false;
          child.stdout?.on('data', () => {
            done = true;
          });
          const ended = once(child, 'close');
          child.stdin?.write(`${action} 1 ${delay}\n`);
          const [, signal] = await ended;
          expect(signal, order).toBe('SIGKILL');
          if (done) finished[action] += 1;

          ({ handlers } = await rig.restart());
          const { machines } = await handlers['machines.list']({}, fakeTask());
          const [machine] = machines;
          expect(await readdir(join(rig.home, 'machines')), order).toEqual(machines.map((m) => m.id));
          if (action === 'delete' && done) expect(machines, order).toEqual([]);
          const { state } =
            machine === undefined
              ? { state: 'gone' }
              : (await handlers['machines.get']({ machine: 'victim' }, fakeTask())).machine;
          // A stop that had begun is ended after the restart, in its own time.
          if (action === 'stop')
            expect(done ? ['stopped'] : ['running', 'stopping', 'stopped'], order).toContain(state);
          if (action === 'snapshot') {
            expect(state, order).toBe('running');
            if (done) expect(machine?.snapshots, order).toMatchObject([{ name: 'kept', memory: true }]);
            // Acknowledged or not, the name can be used, and what is there can be deleted.
            if (machine?.snapshots.length === 0)
              await handlers['machines.snapshot']({ machine: 'victim', name: 'kept' }, fakeTask());
            await handlers['machines.deleteSnapshot']({ machine: 'victim', name: 'kept' }, fakeTask());
          } else if (machine !== undefined) {
            const { spec: now } = machine;
            const changed = {
              resize: now.diskMiB === 48 && now.memoryMiB === 128,
              configure: now.autostart && now.sshKeys.length === 1,
            };
            const untouched = now.diskMiB === 32 && now.memoryMiB === 96 && !now.autostart && now.sshKeys.length === 0;
            if (action === 'resize' || action === 'configure')
              expect(done ? changed[action] : changed[action] || untouched, order).toBe(true);
            if (action === 'resize' && changed.resize) {
              // Cut off between the wish and the disk, it is ended by the next start.
              const [h, task] = [rig.machines.handlers, fakeTask()];
              await h['machines.stop']({ machine: 'victim', force: true }, task);
              await expect(h['machines.start']({ machine: 'victim' }, leave()), order).rejects.toMatchObject({
                code: 'CANCELLED',
              });
              const disk = join(rig.home, 'machines', machine.id, 'disk.qcow2');
              expect((await diskInfo(qemuImg, disk, 'qcow2'))['virtual-size'], order).toBe(48 * 1024 * 1024);
            }
            await handlers['machines.delete']({ machine: 'victim' }, fakeTask());
            expect(await qemus(), order).toBe(0);
          } else {
            expect(await qemus(), order).toBe(0);
          }
        }
      }
      for (const action of actions) expect(finished[action], action).toBeGreaterThan(0);
    } finally {
      await rig.close();
    }
  });
});
