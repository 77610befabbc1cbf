import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemRandom } from '#core/crypto/random.ts';
import { openAuth } from './auth.ts';

const hour = 3_600_000;
let folder: string;
let path: string;
let at: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hypha-auth-'));
  path = join(folder, 'sessions.json');
  at = 1_800_000_000_000;
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const open = () => openAuth({ path, now: () => at, random: systemRandom });

describe('links and sessions', () => {
  it('exchanges a link once, for a session that goes on being good', async () => {
    const auth = await open();
    const token = auth.newLink();
    expect(await auth.redeem('guess')).toBeNull();
    const session = await auth.redeem(token);
    expect(session).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await auth.redeem(token)).toBeNull();
    expect([auth.check(session ?? ''), auth.check(token), auth.check('')]).toEqual([true, false, false]);
  });

  it('gives one session to two who come at once with the same link', async () => {
    const auth = await open();
    const token = auth.newLink();
    const both = await Promise.all([auth.redeem(token), auth.redeem(token)]);
    expect(both.filter((session) => session !== null)).toHaveLength(1);
  });

  it('lets links and sessions expire, used ones later', async () => {
    const auth = await open();
    const token = auth.newLink();
    const used = (await auth.redeem(auth.newLink())) ?? '';
    const idle = (await auth.redeem(auth.newLink())) ?? '';
    at += hour;
    expect(await auth.redeem(token)).toBeNull();
    at += 20 * 24 * hour;
    expect(auth.check(used)).toBe(true);
    at += 20 * 24 * hour;
    expect([auth.check(used), auth.check(idle)]).toEqual([true, false]);
  });

  it('bounds both; the oldest goes', async () => {
    const auth = await open();
    const tokens = Array.from({ length: 20 }, () => auth.newLink());
    expect(await auth.redeem(tokens[0] ?? '')).toBeNull();
    expect(await auth.redeem(tokens[19] ?? '')).not.toBeNull();
    const first = (await auth.redeem(auth.newLink())) ?? '';
    for (let i = 0; i < 40; i += 1) {
      at += 1;
      await auth.redeem(auth.newLink());
    }
    expect(auth.check(first)).toBe(false);
    expect(JSON.parse(await readFile(path, 'utf8')).sessions).toHaveLength(32);
  });

  it('keeps sessions over a restart, as hashes in a file of its owner', async () => {
    const auth = await open();
    const session = (await auth.redeem(auth.newLink())) ?? '';
    expect((await open()).check(session)).toBe(true);
    expect(await readFile(path, 'utf8')).not.toContain(session);
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('lists sessions without their secrets, and ends one or all, links too', async () => {
    const auth = await open();
    const first = (await auth.redeem(auth.newLink())) ?? '';
    at += hour;
    const second = (await auth.redeem(auth.newLink())) ?? '';
    const listed = auth.list();
    expect(listed.map(({ openedAt }) => openedAt)).toEqual([at, at - hour]);
    expect(JSON.stringify(listed)).not.toContain(first);
    expect(await auth.end(['nobody'])).toBe(0);
    expect(await auth.end([listed[1]?.id ?? ''])).toBe(1);
    expect([auth.check(first), auth.check(second)]).toEqual([false, true]);
    // Ended is ended after a restart too.
    expect((await open()).check(first)).toBe(false);
    const link = auth.newLink();
    expect(await auth.end(undefined)).toBe(1);
    expect([auth.check(second), await auth.redeem(link), auth.list()]).toEqual([false, null, []]);
  });

  it('begins anew when the file is damaged', async () => {
    for (const text of ['', '{', '{"v":1,"sessions":[{"hash":"zz","usedAt":1}]}', 'null']) {
      await writeFile(path, text);
      expect((await open()).check('x')).toBe(false);
    }
  });
});
