import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { fail } from '#shared/rpc/fail.ts';
import { usualQemu } from './host-capability.ts';
import { askQemu } from './qemu/capability.ts';
import { createRig, fakeTask, missingParts, type Rig, spec } from './testing/rig.ts';

const missing = await missingParts();
if (missing !== null) console.warn(`faults.test.ts is skipped: ${missing}.`);
const realQemu = missing === null ? await usualQemu('') : null;

/**
 * A program that starts the real QEMU with one thing changed. `$@` holds the arguments; a machine's start has -uuid, the probe and the
 * questions of the capability record do not.
 */
async function bentQemu(dir: string, script: string): Promise<string> {
  await mkdir(dir, { recursive: true });
  const path = join(dir, 'qemu-system-x86_64');
  await writeFile(
    path,
    `#!/bin/sh\nreal=${realQemu}\ncase "$*" in *-uuid*) machine=yes;; *) machine=no;; esac\n${script}\n`,
  );
  await chmod(path, 0o755);
  await writeFile(join(dir, 'qemu-img'), `#!/bin/sh\nexec qemu-img "$@"\n`, { mode: 0o755 });
  return path;
}

describe.skipIf(missing !== null || process.platform !== 'linux')('when things go wrong', { timeout: 90_000 }, () => {
  let rig: Rig;
  afterEach(() => rig?.close());
  const names = async () => (await rig.machines.handlers['machines.list']({}, fakeTask())).machines;

  it('without QEMU a deploy says the one command that installs it, and the rest works', async () => {
    rig = await createRig({ locateQemu: async () => null });
    const { handlers } = rig.machines;
    const capability = await handlers['machines.capability']({ refresh: true }, fakeTask());
    expect(capability).toMatchObject({ qemu: null, accelerator: null, installCommand: expect.stringMatching(/qemu/) });
    const plan = await handlers['machines.plan'](spec({ name: 'a' }), fakeTask());
    expect(plan.blockers).toMatchObject([{ code: 'NO_QEMU', next: `Run: ${capability.installCommand}` }]);
    const deploy = handlers['machines.deploy'](spec({ name: 'a' }), fakeTask());
    await expect(deploy).rejects.toMatchObject({ code: 'NO_QEMU', next: `Run: ${capability.installCommand}` });
    expect(await names()).toEqual([]);
  });

  it('a QEMU that dies in its first second is named with its own words, and the machine can be tried again', async () => {
    let path = '';
    rig = await createRig({ locateQemu: async () => path });
    path = await bentQemu(
      join(rig.home, 'bent'),
      'test $machine = yes && set -- "$@" -device nonsense\nexec $real "$@"',
    );
    const { handlers } = rig.machines;
    const deploy = handlers['machines.deploy'](spec({ name: 'a' }), fakeTask());
    await expect(deploy).rejects.toMatchObject({
      code: 'DIED_AT_START',
      message: expect.stringContaining("'nonsense' is not a valid device model name"),
      next: expect.stringMatching(/start it again/),
    });
    const [failed] = await names();
    expect(failed).toMatchObject({ state: 'failed', detail: expect.stringContaining('nonsense'), ssh: null });
    path = realQemu ?? '';
    const { machine } = await handlers['machines.start']({ machine: 'a' }, fakeTask());
    expect(machine).toMatchObject({ state: 'running', ready: true });
  });

  it('an accelerator under which a machine stays silent is given up for emulation, and the machine says so', async ({
    skip,
  }) => {
    let path = '';
    rig = await createRig({ locateQemu: async () => path, serialSilenceMs: 1_000, cacheDir: undefined });
    // The probe is passed; the machine itself is held before its first instruction, as on a host whose KVM hangs.
    path = await bentQemu(
      join(rig.home, 'bent'),
      `case "$machine $*" in
         "yes "*"-accel kvm"*) exec $real $(echo "$@" | sed 's/-accel kvm/-accel tcg/; s/-cpu host/-cpu max/; s/-append .* panic=10//') -S;;
         "no "*"-accel kvm"*) echo 'Linux version 6'; exit 0;;
       esac
       exec $real "$@"`,
    );
    const qemu = await askQemu(path, rig.home);
    skip(!qemu?.accelerators.includes('kvm'), 'this QEMU has no KVM');
    const { handlers } = rig.machines;
    const capability = await handlers['machines.capability']({ refresh: true }, fakeTask());
    expect(capability).toMatchObject({ accelerator: 'kvm', acceleratorDetail: '' });
    const { machine } = await handlers['machines.deploy'](spec({ name: 'a' }), fakeTask());
    expect(machine).toMatchObject({ state: 'running', ready: true, accelerator: 'tcg' });
    expect(machine.detail).toMatch(/did not run under KVM/);
    expect(await handlers['machines.capability']({ refresh: false }, fakeTask())).toMatchObject({ accelerator: 'tcg' });
  });

  it('a stop ends the question that QEMU is being asked, and waits until nothing is written any more', async () => {
    let path = '';
    rig = await createRig({ locateQemu: async () => path });
    const begun = join(rig.home, 'begun');
    path = join(rig.home, 'slow-qemu');
    await writeFile(path, `#!/bin/sh\necho $$ > ${begun}\nexec sleep 300\n`, { mode: 0o755 });
    const refreshed = rig.machines.handlers['machines.capability']({ refresh: true }, fakeTask());
    await expect.poll(() => readFile(begun, 'utf8').catch(() => '')).toMatch(/^\d+\n$/);
    const asked = Number(await readFile(begun, 'utf8'));
    await rig.machines.stop();
    await expect.poll(() => existsSync(`/proc/${asked}`)).toBe(false);
    expect(await refreshed).toMatchObject({ qemu: null });
  });

  it('a deploy that is cancelled leaves nothing', async () => {
    const stop = new AbortController();
    rig = await createRig({ probe: (point) => point === 'connected' && stop.abort(new Error('cancelled')) });
    const deploy = rig.machines.handlers['machines.deploy'](spec({ name: 'a' }), fakeTask(stop.signal));
    await expect(deploy).rejects.toThrow('cancelled');
    expect(await names()).toEqual([]);
    expect(await readdir(join(rig.home, 'machines'))).toEqual([]);
    expect(await readdir(rig.runDir)).toEqual([]);
  });

  it('a deploy during which Hypha stops goes on: the machine runs and is adopted', async () => {
    const stop = new AbortController();
    rig = await createRig({
      probe: (point) => point === 'running' && stop.abort(fail('CANCELLED', 'x', { data: { stopping: true } })),
    });
    const deploy = rig.machines.handlers['machines.deploy'](spec({ name: 'a' }), fakeTask(stop.signal));
    await expect(deploy).rejects.toMatchObject({ code: 'CANCELLED' });
    await rig.restart();
    expect(await names()).toMatchObject([{ state: 'running' }]);
  });

  it('a run directory that cannot be used is told to whoever asks, and the agent starts', async () => {
    rig = await createRig({ runDir: '/dev/null/x' });
    const { machines } = rig;
    const list = async () => machines.handlers['machines.list']({}, fakeTask());
    await expect(list()).rejects.toMatchObject({ code: 'INTERNAL', meaning: expect.stringMatching(/go on running/) });
  });

  it('an image with a wrong checksum is refused before anything is made', async () => {
    const server = createServer((request, response) => {
      response.end(request.url === '/SHA256SUMS' ? `${'0'.repeat(64)}  image\n` : 'not what was promised');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const entry = {
      id: 'bad',
      name: 'Bad',
      about: '',
      arch: 'amd64',
      base,
      file: 'image',
      format: 'qcow2',
      tried: null,
    };
    const more = {
      checksums: { file: 'SHA256SUMS', algorithm: 'sha256' },
      boot: { kind: 'firmware' },
      defaultUser: 'x',
    };
    const catalogue = await mkdtemp(join(tmpdir(), 'hypha-catalogue-'));
    const images = [{ ...entry, ...more, minMemoryMiB: 64, minDiskMiB: 1 }];
    await writeFile(join(catalogue, 'bad.json'), JSON.stringify({ format: 'hypha-images/1', images }));
    rig = await createRig({ images: { catalogue } });
    const task = fakeTask();
    const deploy = rig.machines.handlers['machines.deploy'](spec({ name: 'a', image: 'bad' as never }), task);
    await expect(deploy).rejects.toMatchObject({ code: 'CHECKSUM_WRONG' });
    expect(task.steps).toEqual(['check', 'image']);
    expect(await names()).toEqual([]);
    expect(await readdir(join(rig.home, 'images', 'sha256'))).toEqual([]);
    server.close();
    await rm(catalogue, { recursive: true, force: true });
  });

  it('snapshots and a larger disk of a machine without a disk are refused in words', async () => {
    rig = await createRig();
    const { handlers } = rig.machines;
    await handlers['machines.deploy'](spec({ name: 'a' }), fakeTask());
    const snapshot = handlers['machines.snapshot']({ machine: 'a', name: 's' }, fakeTask());
    await expect(snapshot).rejects.toMatchObject({ code: 'NO_DISK', next: expect.stringMatching(/with a disk/) });
    await expect(handlers['machines.resize']({ machine: 'a', diskMiB: 10 }, fakeTask())).rejects.toMatchObject({
      code: 'NO_DISK',
    });
    const stopped = handlers['machines.stop']({ machine: 'a', force: true }, fakeTask());
    expect((await stopped).machine.state).toBe('stopped');
    const type = handlers['machines.type']({ machine: 'a', bytes: new Uint8Array(1) }, fakeTask());
    await expect(type).rejects.toMatchObject({ code: 'WRONG_STATE' });
  });
});
