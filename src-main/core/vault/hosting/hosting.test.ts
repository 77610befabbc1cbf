import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeHost, type FakeHost } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import type { VaultDeps } from '../ports.ts';
import { sureMs } from './end-times.ts';
import { createHosting, type HostingSwitch } from './hosting.ts';
import { makeRoom } from './room-files.ts';
import { decodeHosting, encodeHosting, hostingPath, nothingHosted } from './stored.ts';

const contact = 'c'.repeat(22);
const grant = 'ab'.repeat(16);
const day = 86_400_000;

let home: string;
let host: FakeHost;
let hosting: HostingSwitch;
const rooms = (): string => join(home, 'kept');
const there = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
/** What is written down. */
const stored = async () => decodeHosting(await readFile(hostingPath(home), 'utf8'));
const settled = () => hosting.reopen('@nobody').catch(() => {});
/** Time goes by in steps; after each, what came to its turn is done. */
async function pass(...steps: number[]): Promise<void> {
  for (const ms of steps) {
    host.advance(ms);
    await settled();
  }
}

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hypha-hosting-'));
  host = createFakeHost();
  await mkdir(join(home, 'vault'));
  await makeRoom(join(rooms(), grant));
  const room = { contact, grant, verifier: '00'.repeat(32), bytes: 1e6, since: 0, until: null, told: false };
  const all = { ...nothingHosted, directory: rooms(), rooms: [room] };
  await writeFile(hostingPath(home), encodeHosting(all as Parameters<typeof encodeHosting>[0]));
  hosting = createHosting({ home, host, log: silentLog } as unknown as VaultDeps, () => {});
  await hosting.start();
});
afterEach(async () => {
  await hosting.stop();
  await rm(home, { recursive: true, force: true });
});

describe('a room that was given notice', () => {
  it('is deleted at its end, with what lies in it', async () => {
    await hosting.close(`@${contact}`, 2);
    host.advance(2 * day - 1000);
    await settled();
    expect(await there(join(rooms(), grant))).toBe(true);
    await pass(120_000, sureMs);
    expect(await readdir(rooms())).toEqual([]);
    expect(await stored()).toMatchObject({ rooms: [], ended: [] });
  });

  it('stays where the clock was wrong for a moment', async () => {
    await hosting.close(`@${contact}`, 30);
    const right = host.now();
    host.setNow(right + 365 * day);
    await hosting.stop();
    await hosting.start();
    host.advance(sureMs / 2);
    await settled();
    host.setNow(right + sureMs / 2);
    host.advance(day);
    await settled();
    expect(await there(join(rooms(), grant))).toBe(true);
    expect(await stored()).toMatchObject({ rooms: [{ contact }] });
  });

  it('stays until it can be written down that it ended, and goes then', async () => {
    await hosting.close(`@${contact}`, 1);
    // As a full disk does: nothing can be written beside it.
    await rename(join(home, 'vault'), join(home, 'away'));
    await pass(day + 1000, sureMs);
    expect(await there(join(rooms(), grant))).toBe(true);
    await rename(join(home, 'away'), join(home, 'vault'));
    await pass(120_000);
    expect(await there(join(rooms(), grant))).toBe(false);
    expect((await hosting.view()).rooms).toEqual([]);
  });
});

it('keeps a list aside that cannot be read, says so, and writes none over it', async () => {
  await hosting.stop();
  await rm(hostingPath(home));
  // As a disk that fails: there is something, and reading it is refused.
  await mkdir(hostingPath(home));
  await hosting.start();
  expect((await hosting.view()).problem?.next).toContain(`${hostingPath(home)}.damaged`);
  expect(await there(`${hostingPath(home)}.damaged`)).toBe(true);
});

describe('a room that ended', () => {
  it('leaves nothing on the disk, also when Hypha was killed before it was deleted, or its disk was away', async () => {
    await rename(rooms(), `${rooms()}-unplugged`);
    await hosting.end(`@${contact}`);
    expect(await stored()).toMatchObject({ rooms: [], ended: [grant] });
    await hosting.stop();
    await hosting.start();
    await settled();
    expect(await stored()).toMatchObject({ ended: [grant] });
    await hosting.stop();
    await rename(`${rooms()}-unplugged`, rooms());
    // Killed in the middle of another deletion.
    await mkdir(join(rooms(), `${'cd'.repeat(16)}.gone`, 's-c'), { recursive: true });
    const all = { ...(await stored()), ended: [grant, 'cd'.repeat(16)] };
    await writeFile(hostingPath(home), encodeHosting(all as Parameters<typeof encodeHosting>[0]));
    await hosting.start();
    await settled();
    expect(await readdir(rooms())).toEqual([]);
    expect(await stored()).toMatchObject({ ended: [] });
  });
});
