import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fail } from '#shared/rpc/fail.ts';
import { findByCommand } from './qemu/process.ts';
import { createRig, fakeTask, missingParts, type Rig, spec } from './testing/rig.ts';

const missing = await missingParts();
if (missing !== null) console.warn(`cancel.test.ts is skipped: ${missing}.`);

/** Steps as a person sees them, and points between them. */
const steps = ['check', 'image', 'disk', 'config', 'boot', 'ready'] as const;
const points = [
  'checked',
  'image ready',
  'recorded',
  'disk made',
  'config written',
  'start recorded',
  'before spawn',
  'spawned',
  'process recorded',
  'connected',
  'running',
] as const;

describe.skipIf(missing !== null)('a deploy that is cancelled', { timeout: 60_000 }, () => {
  let rig: Rig;
  let stop: AbortController;
  let at = '';
  const cancelled = fail('CANCELLED', 'Cancelled by the person.');
  beforeEach(async () => {
    stop = new AbortController();
    rig = await createRig({ probe: (point) => point === at && stop.abort(cancelled) });
  });
  afterEach(() => rig?.close());

  /** Deploy with a task that is cancelled as it enters the step or passes the point `at`. */
  function deploy() {
    const task = fakeTask(stop.signal);
    const step = (key: string): void => {
      task.step(key, '');
      if (key === at) stop.abort(cancelled);
    };
    const wanted = spec({ name: 'a', diskMiB: 16, memoryMiB: 96, internet: true });
    return Promise.resolve(rig.machines.handlers['machines.deploy'](wanted, { ...task, step }));
  }

  async function nothingIsLeft(): Promise<void> {
    const { machines } = await rig.machines.handlers['machines.list']({}, fakeTask());
    expect(machines).toEqual([]);
    expect((await findByCommand(`${rig.runDir}/`)).filter((p) => p.command.includes('qemu-system'))).toEqual([]);
    expect(await readdir(join(rig.home, 'machines')).catch(() => [])).toEqual([]);
    expect(await readdir(rig.runDir)).toEqual([]);
    const plan = await rig.machines.handlers['machines.plan'](spec({ name: 'a' }), fakeTask());
    expect(plan.blockers).toEqual([]);
  }

  it.each([...steps, ...points])('at "%s" leaves no machine, no QEMU, no file, and its name free', async (where) => {
    at = where;
    await expect(deploy()).rejects.toMatchObject({ code: 'CANCELLED' });
    await nothingIsLeft();
  });

  it('before it begins does nothing', async () => {
    stop.abort(cancelled);
    await expect(deploy()).rejects.toMatchObject({ code: 'CANCELLED' });
    await nothingIsLeft();
  });

  it('can be begun again at once under the same name', async () => {
    at = 'boot';
    const first = deploy();
    await expect(first).rejects.toMatchObject({ code: 'CANCELLED' });
    at = '';
    stop = new AbortController();
    expect((await deploy()).machine).toMatchObject({ state: 'running', ready: true });
  });
});
