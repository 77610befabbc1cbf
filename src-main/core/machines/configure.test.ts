import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Machine } from '#shared/contract/machines.ts';
import { changeKeys } from './configure.ts';
import { changeOpenings, withoutMesh } from './openings.ts';
import { wrongKey } from './public-key.ts';
import { createRig, fakeTask, missingParts, type Rig, spec } from './testing/rig.ts';
import { guestShell } from './testing/shell.ts';

const run = promisify(execFile);
const missing = await missingParts();
if (missing !== null) console.warn(`configure.test.ts is skipped in part: ${missing}.`);

const body = 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';

describe('the keys of a machine', () => {
  const [a, b] = ['ssh-ed25519 AAAAone ada@desk', 'ssh-ed25519 AAAAtwo ben'];
  it('are added once and removed by line, body or comment', () => {
    expect(changeKeys([], [a, b, 'ssh-ed25519 AAAAone other name'], [])).toEqual([a, b]);
    for (const which of [a, 'AAAAone', 'ada@desk', 'ssh-ed25519 AAAAone'])
      expect(changeKeys([a, b], [], [which])).toEqual([b]);
    expect(() => changeKeys([a], [], ['ben'])).toThrow(/no such SSH key/);
    expect(() => changeKeys([a], [], [''])).toThrow(/no such SSH key/);
    expect(changeKeys([a], [a], [a])).toEqual([a]);
  });
  it('are what they say they are', () => {
    expect(wrongKey(`ssh-ed25519 ${body} ada@desk`)).toBeNull();
    expect(wrongKey(`ssh-rsa ${body}`)).toMatch(/damaged/);
    expect(wrongKey('ssh-ed25519 AAAA')).toMatch(/damaged/);
    expect(wrongKey(`ssh-ed25519 ${body} \u001b[31mred`)).toMatch(/control/);
    fc.assert(fc.property(fc.string(), (text) => ['string', 'object'].includes(typeof wrongKey(text))));
  });
  it('are at most 32, whatever is asked', () => {
    const key = fc.integer({ min: 0, max: 60 }).map((n) => `ssh-ed25519 AAAA${n} k${n}`);
    fc.assert(
      fc.property(fc.array(key, { maxLength: 32 }), fc.array(key, { maxLength: 32 }), (now, add) => {
        const unique = [...new Set(now)];
        const wanted = new Set([...unique, ...add]);
        if (wanted.size > 32) expect(() => changeKeys(unique, add, [])).toThrow(/at most 32/);
        else expect(new Set(changeKeys(unique, add, []))).toEqual(wanted);
      }),
    );
  });
});

describe('openings of a firewall', () => {
  const rule = fc.integer({ min: 1, max: 40 }).map((port) => `tcp/${port}`);
  const rules = fc.uniqueArray(rule, { maxLength: 40 });

  it('are added once, taken away by name, and come back by what undoes a change', () => {
    fc.assert(
      fc.property(rules, rules, rules, (now, open, close) => {
        const known = close.filter((one) => now.includes(one));
        const after = changeOpenings(withoutMesh, now, open, known);
        expect(new Set(after).size).toBe(after.length);
        expect(new Set(after)).toEqual(new Set([...now.filter((one) => !known.includes(one)), ...open]));
        const opened = after.filter((one) => !now.includes(one));
        const closed = now.filter((one) => !after.includes(one));
        expect(new Set(changeOpenings(withoutMesh, after, closed, opened))).toEqual(new Set(now));
      }),
    );
  });

  it('that are not there cannot be closed, and there are not too many', () => {
    expect(() => changeOpenings(withoutMesh, ['tcp/22'], [], ['tcp/23'])).toThrow(/no opening "tcp\/23"/);
    const many = Array.from({ length: 64 }, (_, n) => `udp/${n + 1}`);
    expect(changeOpenings(withoutMesh, many, ['udp/1'], [])).toHaveLength(64);
    expect(() => changeOpenings(withoutMesh, many, ['tcp/1'], [])).toThrow(/at most 64/);
  });
});

describe.skipIf(missing !== null)('changing a machine that runs', { timeout: 120_000 }, () => {
  let rig: Rig;
  let server: Server;
  let port = 0;
  let key = '';
  const h = () => rig.machines.handlers;
  const get = async (): Promise<Machine> => (await h()['machines.get']({ machine: 'web-1' }, fakeTask())).machine;
  const change = (wanted: object) =>
    Promise.resolve(h()['machines.configure']({ machine: 'web-1', ...wanted }, fakeTask()));
  const shell = guestShell(() => rig, 'web-1');
  /** Whether the guest reaches a server of this computer through its internet card. */
  const reaches = async (): Promise<boolean> =>
    /reached/.test(await shell(`printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 4 10.0.3.2 ${port}`));

  beforeAll(async () => {
    server = createServer((_request, response) => void response.end('rea' + 'ched'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
    rig = await createRig();
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ada', '-f', join(rig.home, 'key')]);
    key = (await readFile(join(rig.home, 'key.pub'), 'utf8')).trim();
    await h()['machines.deploy'](spec({ name: 'web-1', internet: true, diskMiB: 32 }), fakeTask());
  });
  afterAll(async () => {
    server?.close();
    await rig?.close();
  });

  it('cuts internet access at once, and gives it back at once', async () => {
    expect(await reaches()).toBe(true);
    const task = fakeTask();
    const cut = await h()['machines.configure']({ machine: 'web-1', internet: false }, task);
    expect(cut).toMatchObject({ restartNeeded: false, machine: { running: { internet: false }, waiting: [] } });
    expect(task.undone).toEqual([{ method: 'machines.configure', input: { machine: cut.machine.id, internet: true } }]);
    expect(await reaches()).toBe(false);
    // The cut holds through another agent and through a snapshot that was taken while it was whole.
    await rig.restart();
    expect((await get()).running).toMatchObject({ internet: false });
    expect(await reaches()).toBe(false);
    expect(await change({ internet: true })).toMatchObject({ restartNeeded: false });
    expect(await reaches()).toBe(true);
    await h()['machines.snapshot']({ machine: 'web-1', name: 'online' }, fakeTask());
    await change({ internet: false });
    await h()['machines.restoreSnapshot']({ machine: 'web-1', name: 'online' }, fakeTask());
    expect(await reaches()).toBe(false);
  });

  it('does what was written when the agent died between writing and doing', async () => {
    await change({ internet: true });
    await rig.machines.stop();
    const file = join(rig.home, 'machines', (await onlyMachine(rig.home)) ?? '', 'vm.json');
    const record = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...record, spec: { ...record.spec, internet: false } }));
    await rig.restart();
    expect(await reaches()).toBe(false);
  });

  it('changes autostart at once, and says what waits for the next start', async () => {
    expect(await change({ autostart: true })).toMatchObject({ restartNeeded: false, machine: { waiting: [] } });
    const given = await change({ addSshKeys: [key] });
    expect(given).toMatchObject({ restartNeeded: true, machine: { running: { sshKeys: [] }, waiting: ['sshKeys'] } });
    const { restartNeeded } = await h()['machines.resize'](
      { machine: 'web-1', memoryMiB: 160, diskMiB: 48 },
      fakeTask(),
    );
    expect(restartNeeded).toBe(true);
    await rig.restart();
    expect(await get()).toMatchObject({
      spec: { memoryMiB: 160, diskMiB: 48, autostart: true, sshKeys: [key] },
      running: { memoryMiB: 128, cpus: 1, sshKeys: [] },
      waiting: ['memoryMiB', 'diskMiB', 'sshKeys'],
    });
    await expect(change({ removeSshKeys: ['nobody'] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('after its restart runs with all of it; a card it was started without comes with the start after', async () => {
    await h()['machines.stop']({ machine: 'web-1', force: true }, fakeTask());
    expect(await get()).toMatchObject({ running: null, waiting: [] });
    await h()['machines.start']({ machine: 'web-1' }, fakeTask());
    const now = await get();
    expect(now).toMatchObject({
      running: { memoryMiB: 160, internet: false, sshKeys: [key] },
      waiting: [],
    });
    const words = now.ssh?.command.split(' ').slice(1) ?? [];
    const options = ['-i', join(rig.home, 'key'), '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=20', '-F', '/dev/null'];
    expect((await run('ssh', [...options, ...words, 'hostname'])).stdout).toBe('web-1\n');
    const wanted = await change({ internet: true });
    expect(wanted).toMatchObject({
      restartNeeded: true,
      machine: { running: { internet: false }, waiting: ['internet'] },
    });
    // A snapshot of a machine with the card fits a machine that is started for it, not this one.
    const restore = () => h()['machines.restoreSnapshot']({ machine: 'web-1', name: 'small' }, fakeTask());
    await h()['machines.snapshot']({ machine: 'web-1', name: 'small' }, fakeTask());
    await h()['machines.stop']({ machine: 'web-1', force: true }, fakeTask());
    await h()['machines.start']({ machine: 'web-1' }, fakeTask());
    expect(await reaches()).toBe(true);
    await expect(restore()).rejects.toMatchObject({ code: 'WRONG_STATE', next: expect.stringMatching(/Shut/) });
    await h()['machines.stop']({ machine: 'web-1', force: true }, fakeTask());
    expect((await restore()).machine).toMatchObject({ state: 'running', waiting: ['internet'] });
  });

  it('takes a record of an older version as it is', async () => {
    await rig.machines.stop();
    const file = join(rig.home, 'machines', (await onlyMachine(rig.home)) ?? '', 'vm.json');
    const { startedWith: _new, ...old } = JSON.parse(await readFile(file, 'utf8'));
    old.snapshots = old.snapshots.map(({ internet: _i, sshKeys: _k, ...rest }: Record<string, unknown>) => rest);
    await writeFile(file, JSON.stringify(old));
    await rig.restart();
    expect(await get()).toMatchObject({
      state: 'running',
      running: { memoryMiB: 160, internet: false, sshKeys: [key] },
    });
    await change({ removeSshKeys: ['ada'] });
    expect(await get()).toMatchObject({ running: { sshKeys: [key] }, waiting: expect.arrayContaining(['sshKeys']) });
  });
});

describe.skipIf(missing !== null)('changing a machine of a cloud image', { timeout: 60_000 }, () => {
  let rig: Rig;
  afterEach(() => rig?.close());
  it('refuses keys after its first start, and takes the rest', async () => {
    rig = await createRig();
    await rig.machines.handlers['machines.deploy'](spec({ name: 'a' }), fakeTask());
    await rig.machines.handlers['machines.stop']({ machine: 'a', force: true }, fakeTask());
    await rig.machines.stop();
    const file = join(rig.home, 'machines', (await onlyMachine(rig.home)) ?? '', 'vm.json');
    const record = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...record, spec: { ...record.spec, image: 'debian-12' } }));
    await rig.restart();
    const change = (wanted: object) =>
      Promise.resolve(rig.machines.handlers['machines.configure']({ machine: 'a', ...wanted }, fakeTask()));
    await expect(change({ addSshKeys: [`ssh-ed25519 ${body} ada`] })).rejects.toMatchObject({
      code: 'FIRST_START_ONLY',
      next: expect.stringMatching(/authorized_keys/),
    });
    expect((await change({ autostart: true })).machine.spec).toMatchObject({ autostart: true, sshKeys: [] });
  });
});

const onlyMachine = async (home: string): Promise<string | undefined> => {
  const { stdout } = await run('ls', [join(home, 'machines')]);
  return stdout.trim().split('\n')[0];
};
