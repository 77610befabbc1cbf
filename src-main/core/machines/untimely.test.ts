import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Host } from '#core/host.ts';
import { microCache } from './images/micro-places.ts';
import { pulseMs } from './pulse.ts';
import { findByCommand, isQemu } from './qemu/process.ts';
import { createRig, fakeTask, missingParts, type Rig, realHost, spec } from './testing/rig.ts';

const missing = await missingParts();
if (missing !== null) console.warn(`untimely.test.ts is skipped: ${missing}.`);

describe.skipIf(missing !== null)('what comes at the wrong moment', { timeout: 120_000 }, () => {
  let rig: Rig;
  afterEach(() => rig?.close());
  const h = () => rig.machines.handlers;
  const qemus = async () => (await findByCommand(`${rig.runDir}/`)).filter((p) => isQemu(p.command));
  const get = async () => (await h()['machines.get']({ machine: 'a' }, fakeTask())).machine;
  const small = spec({ name: 'a', memoryMiB: 96, diskMiB: 16 });

  it('a deletion at any point of a deploy leaves nothing, and both are told', async () => {
    for (const at of ['recorded', 'disk made', 'start recorded', 'spawned', 'connected', 'running']) {
      let deletion: Promise<unknown> = Promise.resolve();
      rig = await createRig({
        probe(point) {
          if (point !== at) return;
          // As a person does it: in a call of its own, as soon as the machine is listed.
          deletion = Promise.resolve().then(async () => {
            while ((await h()['machines.list']({}, fakeTask())).machines.length === 0);
            return h()['machines.delete']({ machine: 'a' }, fakeTask());
          });
        },
      });
      const deploy = h()['machines.deploy'](small, fakeTask());
      await expect(deploy, at).rejects.toMatchObject({ code: 'NOT_FOUND', next: expect.any(String) });
      expect(await deletion, at).toMatchObject({ freed: expect.any(Number) });
      expect((await h()['machines.list']({}, fakeTask())).machines, at).toEqual([]);
      expect(await readdir(join(rig.home, 'machines')), at).toEqual([]);
      expect(await qemus(), at).toEqual([]);
      await rig.close();
    }
  });

  it('a QEMU killed while its machine shuts down is said to have died, and starts again', async () => {
    let armed = false;
    let pid = 0;
    rig = await createRig({
      emit() {
        if (!armed) return;
        armed = false;
        process.kill(pid, 'SIGKILL');
      },
    });
    await h()['machines.deploy'](small, fakeTask());
    pid = (await qemus())[0]?.pid ?? 0;
    // The first word of it is that the machine is stopping.
    armed = true;
    const { machine } = await h()['machines.stop']({ machine: 'a', force: false }, fakeTask());
    expect(machine).toMatchObject({ state: 'stopped', detail: 'QEMU ended before the machine had shut down.' });
    expect((await h()['machines.start']({ machine: 'a' }, fakeTask())).machine).toMatchObject({ state: 'running' });
  });

  it('a port taken by another program while no agent ran is replaced by another, and said', async () => {
    rig = await createRig();
    const before = (await h()['machines.deploy'](small, fakeTask())).machine.ssh?.port ?? 0;
    await rig.machines.stop();
    const other = createServer().listen(before, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    try {
      await rig.restart();
      const { state, ssh } = await get();
      expect(state).toBe('running');
      expect(ssh?.port).not.toBe(before);
      expect(ssh?.command).toContain(`-p ${ssh?.port}`);
    } finally {
      other.close();
    }
  });

  it('a QEMU too busy to answer the next agent is waited for while it works', async () => {
    rig = await createRig();
    await h()['machines.deploy'](small, fakeTask());
    const pid = (await qemus())[0]?.pid ?? 0;
    await rig.machines.stop();
    // Deaf, as while it keeps a snapshot's memory; greetings have three seconds, which here pass at once.
    process.kill(pid, 'SIGSTOP');
    let greetings = 0;
    const setTimer: Host['setTimer'] = (ms, fire) => {
      if (ms !== 3_000) return realHost.setTimer(ms, fire);
      greetings += 1;
      if (greetings === 12) process.kill(pid, 'SIGCONT');
      return realHost.setTimer(greetings < 12 ? 0 : ms, fire);
    };
    // Nor does the clock, so that how slow this computer is does not count.
    const stopped = Date.now();
    const now = (): number => (greetings < 12 ? stopped : Date.now());
    await rig.restart({ host: { ...realHost, setTimer, now } });
    expect(greetings).toBeGreaterThanOrEqual(12);
    expect(await get()).toMatchObject({ state: 'running', detail: '' });
    expect((await qemus()).map((p) => p.pid)).toEqual([pid]);
  });

  it('and does not keep the agent from starting: until then machines are said to be taken up', async () => {
    rig = await createRig();
    await h()['machines.deploy'](small, fakeTask());
    const pid = (await qemus())[0]?.pid ?? 0;
    await rig.machines.stop();
    process.kill(pid, 'SIGSTOP');
    const stopped = Date.now();
    let awake = false;
    const now = (): number => (awake ? Date.now() : stopped);
    const setTimer: Host['setTimer'] = (ms, fire) => realHost.setTimer(ms === 20_000 ? 0 : ms, fire);
    await rig.restart({ host: { ...realHost, now, setTimer } });
    const list = async () => h()['machines.list']({}, fakeTask());
    await expect(list()).rejects.toMatchObject({ code: 'BUSY' });
    const told = rig.events.length;
    process.kill(pid, 'SIGCONT');
    awake = true;
    await vi.waitFor(async () => expect((await list()).machines).toMatchObject([{ state: 'running' }]), 60_000);
    expect(rig.events.length).toBeGreaterThan(told);
  });

  it('a QEMU that hangs is said not to answer, whatever waits for it, and is switched off by force', async () => {
    const setTimer: Host['setTimer'] = (ms, fire) => realHost.setTimer(ms === pulseMs ? 100 : ms, fire);
    rig = await createRig({ host: { ...realHost, setTimer } });
    await h()['machines.deploy'](small, fakeTask());
    const pid = (await qemus())[0]?.pid ?? 0;
    const silent = expect.stringMatching(/has not answered.*by force/);
    const hang = async () => {
      process.kill(pid, 'SIGSTOP');
      await vi.waitFor(async () => expect(await get()).toMatchObject({ state: 'running', detail: silent }), 20_000);
    };
    await hang();
    process.kill(pid, 'SIGCONT');
    await vi.waitFor(async () => expect(await get()).toMatchObject({ state: 'running', detail: '' }), 20_000);
    await hang();
    // This waits for minutes.
    const snapshot = Promise.resolve(h()['machines.snapshot']({ machine: 'a', name: 's' }, fakeTask()));
    snapshot.catch(() => {});
    const told = rig.events.length;
    const { machine } = await h()['machines.stop']({ machine: 'a', force: true }, fakeTask());
    expect(machine).toMatchObject({ state: 'stopped', detail: '', ssh: null });
    expect(rig.events.length).toBeGreaterThan(told);
    await expect(snapshot).rejects.toThrow();
    expect(await qemus()).toEqual([]);
    const again = await h()['machines.start']({ machine: 'a' }, fakeTask());
    expect(again.machine).toMatchObject({ state: 'running', detail: '' });
  });

  it('an image removed while its machine runs keeps it from starting only, and is named', async () => {
    const place = await mkdtemp(join(tmpdir(), 'hypha-micro-'));
    const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
    const dir = join(place, arch);
    const bring = () => cp(join(microCache(), arch), dir, { recursive: true });
    try {
      await bring();
      rig = await createRig({ images: { microPlaces: [dir] } });
      await h()['machines.deploy'](small, fakeTask());
      await rm(dir, { recursive: true });
      await h()['machines.snapshot']({ machine: 'a', name: 's' }, fakeTask());
      await rig.restart();
      expect((await get()).state).toBe('running');
      await h()['machines.stop']({ machine: 'a', force: true }, fakeTask());
      for (const call of [
        h()['machines.start']({ machine: 'a' }, fakeTask()),
        h()['machines.restoreSnapshot']({ machine: 'a', name: 's' }, fakeTask()),
      ])
        await expect(call).rejects.toMatchObject({ code: 'IMAGE_NOT_READY', next: expect.any(String) });
      expect(await get()).toMatchObject({ state: 'stopped', snapshots: [{ name: 's' }] });
      await bring();
      expect((await h()['machines.start']({ machine: 'a' }, fakeTask())).machine.state).toBe('running');
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  });
});
