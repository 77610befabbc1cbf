import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, win32 } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { machineSpecSchema } from '#shared/contract/machines.ts';
import { createConsoleLog } from './console/console-log.ts';
import { unixText } from './prepare.ts';
import { commandMark } from './qemu/command-line.ts';
import { chardev, escapeComma } from './qemu/endpoint.ts';
import { qemuCandidates, qemuImgBeside } from './qemu/locate.ts';
import { findByCommand } from './qemu/process.ts';
import { createRig, fakeTask, missingParts, type Rig, spec } from './testing/rig.ts';
import { sshPath } from './view.ts';

const missing = await missingParts();
if (missing !== null) console.warn(`hostile.test.ts is skipped in part: ${missing}.`);

describe('paths on Windows', () => {
  const home = win32.join('C:\\Users', 'Ada, née "L" ü', 'machines', 'abcdefghijkl');
  it('have their commas doubled and nothing else changed', () => {
    expect(escapeComma(home)).toBe(home.replace(',', ',,'));
    expect(chardev('C:\\r', 'abc', '', 'serial', win32.join(home, 'console.log'), 'win32')).toBe(
      `pipe,id=serial,path=hypha-abc-serial,logfile=${escapeComma(home)}\\console.log,logappend=on`,
    );
    expect(commandMark('C:\\r,x', 'abc', 'win32')).toBe('path=hypha-abc-');
  });
  it('lead from a QEMU in a directory with a comma and spaces to its qemu-img', () => {
    const setting = 'D:\\My, Tools\\qemu';
    const [first] = qemuCandidates({ platform: 'win32', env: {}, arch: 'amd64', setting });
    expect(first).toBe('D:\\My, Tools\\qemu\\qemu-system-x86_64.exe');
    expect(qemuImgBeside(first ?? '', 'win32')).toBe('D:\\My, Tools\\qemu\\qemu-img.exe');
  });
  it('and elsewhere reach ssh as they are', () => {
    expect(sshPath('C:\\Users\\Ada L\\known_hosts')).toBe('"C:\\Users\\Ada L\\known_hosts"');
    expect(sshPath('/a%b/k')).toBe('/a%%b/k');
    expect(sshPath('/a"b/k')).toBe('"/a\\"b/k"');
  });
});

describe('odd input', () => {
  it('is refused by the contract where it cannot be meant', () => {
    const odd = (over: object) => machineSpecSchema.safeParse({ name: 'a', image: 'micro', ...over }).success;
    const names = ['', 'A', '-a', 'a-', 'a'.repeat(33), '../x', 'a\n', 'a\0', 'ä', 'a,b', 'a b'];
    for (const name of names) expect(odd({ name }), JSON.stringify(name)).toBe(false);
    for (const over of [{ cpus: 65 }, { cpus: 0 }, { memoryMiB: 63 }, { diskMiB: -1 }]) expect(odd(over)).toBe(false);
    expect(odd({ userData: 'x'.repeat(65_537) })).toBe(false);
    expect(odd({ sshKeys: ['ssh-ed25519 AAAA\nssh-rsa BBBB'] })).toBe(false);
    expect(odd({ memoryMiB: 64, userData: '\0'.repeat(65_536) })).toBe(true);
  });
  it('scripts of Windows editors lose what would keep them from running', () => {
    expect(unixText('\ufeff#!/bin/sh\r\necho a\r\n')).toBe('#!/bin/sh\necho a\n');
  });
});

describe('a console log that is flooded, cut and removed underneath', () => {
  it('stays under its cap, with one order of positions, whoever asks at once', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'hypha-flood-'));
    try {
      const path = join(dir, 'console.log');
      const log = createConsoleLog(path, 1_000, 400);
      let last = 0;
      for (let round = 0; round < 30; round++) {
        await writeFile(path, 'y'.repeat(700), { flag: 'a' });
        const [, , end] = await Promise.all([log.cap(), log.cap(), log.end()]);
        expect(end).toBeGreaterThan(last);
        last = end;
      }
      expect(last).toBe(30 * 700);
      expect((await readFile(path)).length).toBeLessThanOrEqual(1_000);
      await rm(path);
      await writeFile(path, 'new');
      // A follower at the old end goes on with what is there.
      expect(Buffer.from((await log.read(last, 100)).bytes).toString()).toContain('new');
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});

describe.skipIf(missing !== null || process.platform === 'win32')('hostile places', { timeout: 120_000 }, () => {
  let rig: Rig;
  const roots: string[] = [];
  afterEach(async () => {
    await rig?.close();
    for (const root of roots.splice(0)) await rm(root, { recursive: true, force: true });
  });
  const list = async () => (await rig.machines.handlers['machines.list']({}, fakeTask())).machines;
  const qemus = async () =>
    (await findByCommand(`${rig.runDir}/`)).filter((p) => p.command.includes('qemu-system')).length;

  it('a home and a run directory with commas, spaces and accents carry a machine, its snapshot and its adoption', async () => {
    const home = await mkdtemp(join(tmpdir(), 'hypha a, b=c ü %h '));
    const runDir = await mkdtemp(join(tmpdir(), 'hy, ü'));
    roots.push(home, runDir);
    rig = await createRig({ home, runDir });
    const { handlers } = rig.machines;
    const wanted = spec({ name: 'odd', memoryMiB: 64 + 32, diskMiB: 32 });
    expect((await handlers['machines.deploy'](wanted, fakeTask())).machine.state).toBe('running');
    await handlers['machines.snapshot']({ machine: 'odd', name: 's' }, fakeTask());
    const files = await readdir(home);
    expect(files).toContain('machines');
    await rig.restart();
    expect(await list()).toMatchObject([{ state: 'running' }]);
    // Memory comes back onto a machine at rest: it goes on from that very moment.
    const h = rig.machines.handlers;
    await h['machines.stop']({ machine: 'odd', force: true }, fakeTask());
    const back = await h['machines.restoreSnapshot']({ machine: 'odd', name: 's' }, fakeTask());
    expect(back.machine.state).toBe('running');
    await Promise.allSettled([
      h['machines.delete']({ machine: 'odd' }, fakeTask()),
      h['machines.delete']({ machine: 'odd' }, fakeTask()),
    ]).then((both) => expect(both.map((b) => b.status)).toEqual(['fulfilled', 'rejected']));
    const findRunning = (await findByCommand(runDir)).filter((p) => p.command.includes('qemu-system'));
    expect(findRunning).toEqual([]);
  });

  it('a damaged record is listed with its cause, never written over, and can be deleted', async () => {
    rig = await createRig();
    const dir = join(rig.home, 'machines', 'abcdefghijkl');
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, 'vm.json'), '{"format":"hypha-machine/1","spec":{"name":"precious","ima');
    await writeFile(join(dir, 'disk.qcow2'), 'a disk');
    await rig.restart();
    const { handlers } = rig.machines;
    const [machine] = await list();
    expect(machine).toMatchObject({
      state: 'failed',
      detail: expect.stringMatching(/damaged.*untouched.*or delete it/),
    });
    const start = handlers['machines.start']({ machine: 'abcdefghijkl' }, fakeTask());
    await expect(start).rejects.toMatchObject({ code: 'WRONG_STATE' });
    expect(await readFile(join(dir, 'disk.qcow2'), 'utf8')).toBe('a disk');
    await handlers['machines.delete']({ machine: 'abcdefghijkl' }, fakeTask());
    expect(await readdir(join(rig.home, 'machines'))).toEqual([]);
  });

  it('two deploys of one name at once make one machine, and a directory removed underneath can be deleted', async () => {
    rig = await createRig();
    const { handlers } = rig.machines;
    const both = await Promise.allSettled(
      [1, 2].map(() => handlers['machines.deploy'](spec({ name: 'a' }), fakeTask())),
    );
    expect(both.map((b) => b.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find((b) => b.status === 'rejected')).toMatchObject({ reason: { code: 'NAME_TAKEN' } });
    const [machine] = await list();
    await rm(join(rig.home, 'machines', machine?.id ?? ''), { recursive: true });
    expect((await handlers['machines.stop']({ machine: 'a', force: true }, fakeTask())).machine.state).toBe('stopped');
    await handlers['machines.delete']({ machine: 'a' }, fakeTask());
    expect(await list()).toEqual([]);
    expect(await qemus()).toBe(0);
  });
});
