import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Machine } from '#shared/contract/machines.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { identify } from './qemu/process.ts';
import { createRig, fakeTask, missingParts, type Rig, spec } from './testing/rig.ts';

const run = promisify(execFile);
const missing = await missingParts();
if (missing !== null) console.warn(`machines.test.ts is skipped: ${missing}.`);

/** One machine goes through its whole life; a boot takes seconds, so the steps build on each other. */
describe.skipIf(missing !== null)('a machine of Hypha Micro', { timeout: 120_000 }, () => {
  let rig: Rig;
  let machine: Machine;
  const h = () => rig.machines.handlers;
  const get = async (): Promise<Machine> => (await h()['machines.get']({ machine: 'web-1' }, fakeTask())).machine;

  /** Read the console from `from` until it matches. */
  async function consoleShows(pattern: RegExp, from = -65_536): Promise<{ text: string; at: number }> {
    const stop = new AbortController();
    let text = '';
    let at = 0;
    for await (const part of h()['machines.console']({ machine: 'web-1', from }, fakeTask(stop.signal))) {
      text += Buffer.from(part.bytes).toString('latin1');
      at = part.at;
      if (pattern.test(text)) stop.abort();
    }
    return { text, at };
  }

  /** Type a command and wait for a mark that the command line itself does not contain. */
  async function shell(command: string): Promise<string> {
    const { at } = await consoleShows(/[\s\S]/, -1);
    const bytes = new TextEncoder().encode(`${command}; echo "en""ded"\n`);
    await h()['machines.type']({ machine: 'web-1', bytes }, fakeTask());
    return (await consoleShows(/ended\r?\n/, at)).text;
  }

  async function ssh(command: string): Promise<string> {
    const { ssh: where } = await get();
    if (where === null) throw new Error('no ssh');
    const words = where.command.split(' ').slice(1);
    const options = ['-i', join(rig.home, 'key'), '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=20', '-F', '/dev/null'];
    return (await run('ssh', [...options, ...words, command])).stdout;
  }

  beforeAll(async () => {
    rig = await createRig();
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', join(rig.home, 'key')]);
  });
  afterAll(() => rig.close());

  it('is deployed with named steps and answers on its console', async () => {
    const sshKeys = [await readFile(join(rig.home, 'key.pub'), 'utf8')];
    const task = fakeTask();
    const wanted = spec({
      name: 'web-1',
      diskMiB: 64,
      sshKeys,
      userData: '#!/bin/sh\necho applied > /data/user-data\n',
    });
    const plan = await h()['machines.plan'](wanted, fakeTask());
    expect(plan.blockers).toEqual([]);
    ({ machine } = await h()['machines.deploy'](wanted, task));
    expect(task.steps).toEqual(['check', 'image', 'disk', 'config', 'boot', 'ready']);
    expect(task.steps).toEqual(plan.steps.map((s) => s.key));
    expect(machine).toMatchObject({ state: 'running', ready: true, hostKey: expect.stringMatching(/^ssh-ed25519 /) });
    expect((await consoleShows(/web-1:~# /)).text).toContain('Hypha Micro');
    expect(await shell('hostname; cat /data/user-data')).toMatch(/web-1\r?\napplied/);
  });

  it('refuses a second machine of that name', async () => {
    const again = h()['machines.deploy'](spec({ name: 'web-1' }), fakeTask());
    await expect(again).rejects.toMatchObject({ code: 'NAME_TAKEN' });
  });

  it('lets the OpenSSH client in by a host key known beforehand, and counts its bytes', async () => {
    expect(await ssh('cat /data/user-data; uname -s')).toBe('applied\nLinux\n');
    const stop = new AbortController();
    for await (const metrics of h()['machines.metrics']({ machine: 'web-1' }, fakeTask(stop.signal))) {
      expect(metrics.cpuSeconds).toBeGreaterThan(0);
      expect(metrics.memory).toBeGreaterThan(16 * 1024 * 1024);
      expect(metrics.netReceived).toBeGreaterThan(1_000);
      expect(metrics.netSent).toBeGreaterThan(1_000);
      expect(metrics.diskWritten).toBeGreaterThan(0);
      if (metrics.guestMemory !== null) stop.abort();
    }
    expect((await get()).metrics).toMatchObject({ guestMemory: expect.any(Number) });
  });

  it('keeps two snapshots apart: files and memory come back', async () => {
    await shell('echo old > /data/file; echo old > /tmp/memory; sync');
    await h()['machines.snapshot']({ machine: 'web-1', name: 'before 1.0' }, fakeTask());
    await shell('echo new > /data/file; rm /tmp/memory; sync');
    const taken = h()['machines.snapshot']({ machine: 'web-1', name: 'before 1.0' }, fakeTask());
    await expect(taken).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    await h()['machines.restoreSnapshot']({ machine: 'web-1', name: 'before 1.0' }, fakeTask());
    expect(await shell('cat /data/file /tmp/memory')).toMatch(/old\r?\nold/);
    const [snapshot] = (await get()).snapshots;
    expect(snapshot).toMatchObject({ name: 'before 1.0', memory: true });
    expect(snapshot?.size).toBeGreaterThan(1_000_000);
    await h()['machines.deleteSnapshot']({ machine: 'web-1', name: 'before 1.0' }, fakeTask());
    expect((await get()).snapshots).toEqual([]);
  });

  it('grows its disk while it runs and refuses to shrink it', async () => {
    const { restartNeeded } = await h()['machines.resize']({ machine: 'web-1', diskMiB: 96, cpus: 2 }, fakeTask());
    expect(restartNeeded).toBe(true);
    expect(await shell('cat /sys/block/vda/size')).toContain(String((96 * 1024 * 1024) / 512));
    const shrink = h()['machines.resize']({ machine: 'web-1', diskMiB: 64 }, fakeTask());
    await expect(shrink).rejects.toMatchObject({ code: 'CANNOT_SHRINK' });
  });

  it('shows its console to several viewers at once, from any position, byte for byte', async () => {
    await shell('echo several viewers');
    const mark = /several viewers\r?\n/;
    const [whole, again] = await Promise.all([consoleShows(mark, 0), consoleShows(mark, 0)]);
    // The machine may have said more (its next prompt) by the time the second one read, so what both saw is compared.
    const both = Math.min(whole.text.length, again.text.length);
    expect(again.text.slice(0, both)).toBe(whole.text.slice(0, both));
    const middle = Math.floor(whole.at / 2);
    const rest = await consoleShows(mark, middle);
    const end = Math.min(whole.text.length, middle + rest.text.length);
    expect(end).toBeGreaterThan(whole.text.search(mark));
    expect(rest.text.slice(0, end - middle)).toBe(whole.text.slice(middle, end));
  });

  it('is held still and goes on', async () => {
    expect((await h()['machines.pause']({ machine: 'web-1' }, fakeTask())).machine.state).toBe('paused');
    const twice = Promise.resolve(h()['machines.pause']({ machine: 'web-1' }, fakeTask()));
    await expect(twice).rejects.toMatchObject({ code: 'WRONG_STATE' });
    expect((await h()['machines.resume']({ machine: 'web-1' }, fakeTask())).machine.state).toBe('running');
    expect(await shell('echo awake')).toContain('awake');
  });

  it('is adopted by the next agent with its console history, same port and same process', async () => {
    const before = await get();
    await rig.restart();
    const after = await get();
    expect(after).toMatchObject({ state: 'running', ready: true, ssh: before.ssh, startedAt: before.startedAt });
    expect((await consoleShows(/awake/)).text).toContain('Hypha Micro');
    expect(await shell('echo adopted')).toContain('adopted');
    expect(await ssh('echo hello')).toBe('hello\n');
  });

  it('is found crashed when its process was killed, and starts again with its files', async () => {
    const record = JSON.parse(await readFile(join(rig.home, 'machines', machine.id, 'vm.json'), 'utf8'));
    await shell('sync');
    process.kill(record.process.pid, 'SIGKILL');
    await expect.poll(async () => (await get()).state, { timeout: 10_000 }).toBe('crashed');
    expect((await get()).detail).toMatch(/Start it again/);
    const { machine: again } = await h()['machines.start']({ machine: 'web-1' }, fakeTask());
    expect(again).toMatchObject({ state: 'running', ready: true });
    // CPUs of the resize are there now, the file system has grown, user data did not run a second time.
    const said = await shell('nproc; cat /data/file; df -m /data | tail -1; cat /data/.user-data.done');
    expect(said).toMatch(/\n2\r?\nold\r?\n\/dev\/vda +8[0-9] [\s\S]*\n0\r?\n/);
  });

  it('shuts down when asked', async () => {
    const { machine: off } = await h()['machines.stop']({ machine: 'web-1', force: false }, fakeTask());
    expect(off).toMatchObject({ state: 'stopped', detail: '', ssh: null });
    await h()['machines.snapshot']({ machine: 'web-1', name: 'at rest' }, fakeTask());
    expect((await get()).snapshots).toMatchObject([{ name: 'at rest', memory: false }]);
    await h()['machines.restoreSnapshot']({ machine: 'web-1', name: 'at rest' }, fakeTask());
  });

  it('never kills a process that got its number, and starts by itself after a restart of the computer', async () => {
    await rig.machines.stop();
    const file = join(rig.home, 'machines', machine.id, 'vm.json');
    const record = JSON.parse(await readFile(file, 'utf8'));
    const innocent = await identify(process.pid);
    if (innocent === null) throw new Error('this very process was not found');
    const known = { pid: process.pid, startTime: innocent.startTime, bootId: 'before the restart' };
    const changed = { state: 'running', wanted: 'running', process: known, spec: { ...record.spec, autostart: true } };
    await writeFile(file, JSON.stringify({ ...record, ...changed }));
    await rig.restart();
    expect((await get()).detail).not.toMatch(/ended/);
    await expect.poll(async () => (await get()).ready, { timeout: 60_000 }).toBe(true);
    expect(await identify(process.pid)).toEqual(innocent);
  });

  it('is deleted with everything of it', async () => {
    const { freed } = await h()['machines.delete']({ machine: 'web-1' }, fakeTask());
    expect(freed).toBeGreaterThan(1_000_000);
    expect((await h()['machines.list']({}, fakeTask())).machines).toEqual([]);
    await expect(get()).rejects.toSatisfy((e: unknown) => isFail(e, 'NOT_FOUND'));
    await rm(join(rig.home, 'nothing'), { force: true });
  });
});
