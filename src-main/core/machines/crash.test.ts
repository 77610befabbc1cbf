import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '#core/testing/fake-host.ts';
import { findByCommand } from './qemu/process.ts';
import { createRig, fakeTask, missingParts, type Rig } from './testing/rig.ts';

const missing = await missingParts();
if (missing !== null) console.warn(`crash.test.ts is skipped: ${missing}.`);

const points = 50;
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
        child.stdin?.write(`${point} ${delay}\n`);
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
