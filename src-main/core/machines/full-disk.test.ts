import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isFail } from '#shared/rpc/fail.ts';
import { withoutMesh } from './openings.ts';
import type { MeshSwitch } from './ports.ts';
import { findByCommand } from './qemu/process.ts';
import { decodeRecord, type MachineRecord } from './record.ts';
import { createRig, fakeTask, missingParts, type Rig, spec } from './testing/rig.ts';

const run = promisify(execFile);
const missing = await missingParts();
if (missing !== null) console.warn(`full-disk.test.ts is skipped: ${missing}.`);

/** The disk that records lie on: full from a given write on, as the file layer tells it. */
const disk = vi.hoisted(() => ({ writes: 0, fullFrom: Number.POSITIVE_INFINITY }));
vi.mock('#core/store/atomic-file.ts', async (original) => {
  const real = await original<typeof import('#core/store/atomic-file.ts')>();
  return {
    ...real,
    async writeFileAtomic(...args: Parameters<typeof real.writeFileAtomic>) {
      disk.writes += args[0].endsWith('vm.json') ? 1 : 0;
      if (args[0].endsWith('vm.json') && disk.writes >= disk.fullFrom)
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      return real.writeFileAtomic(...args);
    },
  };
});
/** Full from the n-th record on that is written from now; the first is 1. */
const fillFrom = (n: number): void => {
  disk.writes = 0;
  disk.fullFrom = n;
};
const free = (): void => {
  disk.fullFrom = Number.POSITIVE_INFINITY;
};

const full = { code: 'DISK_FULL', message: expect.stringMatching(/full/), next: expect.stringMatching(/Free/) };

describe.skipIf(missing !== null || process.platform === 'win32')(
  'a disk too full for a record',
  { timeout: 120_000 },
  () => {
    let rig: Rig;
    afterEach(async () => {
      free();
      await rig?.close();
    });
    const h = () => rig.machines.handlers;
    const list = async () => (await h()['machines.list']({}, fakeTask())).machines;
    const qemus = async () =>
      (await findByCommand(`${rig.runDir}/`)).filter((p) => p.command.includes('qemu-system')).length;
    const records = async (): Promise<MachineRecord[]> => {
      const root = join(rig.home, 'machines');
      const dirs = await readdir(root).catch(() => []);
      return Promise.all(dirs.map(async (dir) => decodeRecord(await readFile(join(root, dir, 'vm.json'), 'utf8'))));
    };
    const temporaries = async () =>
      (await readdir(join(rig.home, 'machines'), { recursive: true })).filter((f) => /\.tmp$|\.new$/.test(f));

    it('stops a deploy at each of its records, leaves no QEMU, and lets it go on later', async () => {
      rig = await createRig();
      const outcomes: string[] = [];
      for (let n = 1; ; n++) {
        fillFrom(n);
        const deploy = Promise.resolve(
          h()['machines.deploy'](spec({ name: 'a', diskMiB: 16, memoryMiB: 96 }), fakeTask()),
        );
        const failure = await deploy.then(
          () => null,
          (error: unknown) => error,
        );
        const [machine] = await list();
        const [kept] = await records();
        outcomes.push(
          `${isFail(failure) ? failure.code : 'done'} ${machine?.state ?? 'none'} ${kept?.state ?? 'none'}`,
        );
        expect(await temporaries(), `write ${n}`).toEqual([]);
        if (failure === null) break;
        expect(failure, `write ${n}`).toMatchObject(full);
        expect(await qemus(), `write ${n}`).toBe(0);
        expect(await readdir(rig.runDir), `write ${n}`).toEqual([]);
        free();
        if (machine !== undefined) {
          // As the agent sees it, and as the next agent finds it: to be tried again.
          expect(machine.detail).toMatch(/Free some space/);
          await rig.restart();
          expect(await list()).toMatchObject([
            { state: 'failed', detail: expect.stringMatching(/again, or delete it/) },
          ]);
          const steps = fakeTask();
          const started = await h()['machines.start']({ machine: 'a' }, steps);
          expect(started.machine.state).toBe('running');
          await h()['machines.delete']({ machine: 'a' }, fakeTask());
        }
        expect(await records()).toEqual([]);
      }
      // Made, started, its process, running: each is refused. That it is ready has happened, written or not.
      expect(outcomes).toEqual([
        'DISK_FULL none none',
        'DISK_FULL failed preparing',
        'DISK_FULL failed starting',
        'DISK_FULL failed starting',
        'done running running',
      ]);
    });

    it('changes nothing when the change itself cannot be written, and stops, pauses and deletes all the same', async () => {
      rig = await createRig();
      await h()['machines.deploy'](spec({ name: 'a', diskMiB: 16, memoryMiB: 96, internet: true }), fakeTask());
      const [before] = await records();
      const [shown] = await list();
      fillFrom(1);
      for (const change of [
        () => h()['machines.configure']({ machine: 'a', internet: false, autostart: true }, fakeTask()),
        () => h()['machines.configure']({ machine: 'a', addSshKeys: [key] }, fakeTask()),
        () => h()['machines.resize']({ machine: 'a', cpus: 2, diskMiB: 32 }, fakeTask()),
        () => h()['machines.snapshot']({ machine: 'a', name: 's' }, fakeTask()),
      ])
        await expect(Promise.resolve(change())).rejects.toMatchObject({ code: 'DISK_FULL' });
      expect(await records()).toEqual([before]);
      const [now] = await list();
      expect(now).toMatchObject({
        spec: shown?.spec,
        running: shown?.running,
        waiting: [],
        snapshots: [],
        state: 'running',
      });
      const { stdout } = await run('qemu-img', ['info', '-U', join(rig.home, 'machines', now?.id ?? '', 'disk.qcow2')]);
      expect(stdout).not.toMatch(/Snapshot list/);
      expect(stdout).toMatch(/virtual size: 16 MiB/);

      free();
      await h()['machines.snapshot']({ machine: 'a', name: 's' }, fakeTask());
      fillFrom(1);
      expect((await h()['machines.pause']({ machine: 'a' }, fakeTask())).machine.state).toBe('paused');
      expect((await h()['machines.resume']({ machine: 'a' }, fakeTask())).machine.state).toBe('running');
      expect((await h()['machines.restoreSnapshot']({ machine: 'a', name: 's' }, fakeTask())).machine.state).toBe(
        'running',
      );
      expect((await h()['machines.deleteSnapshot']({ machine: 'a', name: 's' }, fakeTask())).machine.snapshots).toEqual(
        [],
      );
      expect((await h()['machines.stop']({ machine: 'a', force: true }, fakeTask())).machine.state).toBe('stopped');
      await expect(Promise.resolve(h()['machines.start']({ machine: 'a' }, fakeTask()))).rejects.toMatchObject(full);
      expect(await qemus()).toBe(0);
      await h()['machines.delete']({ machine: 'a' }, fakeTask());
      expect(await readdir(join(rig.home, 'machines'))).toEqual([]);
    });

    it('is met for real on a file system of a few MiB, at whatever step it fills up', async ({ skip }) => {
      const mount = await run('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs -o size=1m none /mnt']).then(
        () => true,
        () => false,
      );
      if (!mount) {
        console.warn('skipped: this user may not mount a file system of its own.');
        return skip();
      }
      rig = await createRig();
      const child = join(dirname(fileURLToPath(import.meta.url)), 'testing', 'full-disk-child.ts');
      const node = `${process.execPath} --no-warnings ${child} ${rig.home} ${rig.runDir}`;
      const script = `mount -t tmpfs -o size=160m none ${rig.home} && exec ${node}`;
      const { stdout } = await run('unshare', ['-m', 'sh', '-c', script], { timeout: 100_000 });
      const rounds: { at: string; code: string; state: string; detail: string; qemus: number; files: string[] }[] =
        JSON.parse(stdout);
      for (const { at, code, state, detail, qemus: running, files } of rounds) {
        expect(code, at).toBe('DISK_FULL');
        expect(files, at).toEqual([]);
        // Once it runs, what cannot be written is the guest's disk: then it is held still, and goes on when there is room again.
        expect([`${at} none`, `${at} failed`, 'running paused'], at).toContain(`${at} ${state}`);
        expect(running, at).toBe(state === 'paused' ? 1 : 0);
        if (state !== 'none') expect(detail, at).toMatch(/Free (some )?space/);
      }
      expect(rounds.map((r) => r.state)).toEqual(expect.arrayContaining(['none', 'failed', 'paused']));
    });

    it('closes an opening on the mesh all the same, and opens none', async () => {
      const told: string[][] = [];
      const mesh: MeshSwitch = {
        place: () => ({ address: '4a1::1', router: 'fe80::1', mtu: 1400 }),
        attach: async () => ({ address: '4a1::1' }),
        async detach() {},
        async setRules(_, rules) {
          told.push([...rules]);
        },
        counters: async () => null,
        ...withoutMesh,
      };
      rig = await createRig({ mesh });
      await h()['machines.deploy'](spec({ name: 'a', firewall: ['tcp/22', 'icmp'] }), fakeTask());
      fillFrom(1);
      const change = { machine: 'a', open: ['udp/53'], close: ['tcp/22'] };
      await expect(h()['machines.configure'](change, fakeTask())).rejects.toMatchObject(full);
      expect(told).toEqual([['icmp']]);
      free();
      await h()['machines.configure'](change, fakeTask());
      expect(told.at(-1)).toEqual(['icmp', 'udp/53']);
      expect((await records())[0]?.spec.firewall).toEqual(['icmp', 'udp/53']);
    });
  },
);

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ada@desk';
