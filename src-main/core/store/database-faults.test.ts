import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { isFail } from '#shared/rpc/fail.ts';
import { openDatabase } from './database.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const migrations = ['CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT) STRICT; CREATE INDEX t_text ON t (text)'];
const page = 4096;
let directory = '';
let path = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hypha-db-'));
  path = join(directory, 'x.db');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const fill = async (rows: number): Promise<void> => {
  const store = openDatabase({ path, migrations, log });
  for (let i = 0; i < rows; i++) store.db.prepare('INSERT INTO t (text) VALUES (?)').run(`${i}${'x'.repeat(100)}`);
  await store.keepCopy();
  store.close();
};
const count = (): { rows: number; notice: string | undefined } => {
  const store = openDatabase({ path, migrations, log });
  try {
    const { n } = store.db.prepare('SELECT count(*) AS n FROM t').get() as { n: number };
    return { rows: n, notice: store.notice?.code };
  } finally {
    store.close();
  }
};
/** A small file system of its own; made as root on Linux only. */
const mounted = (context: TestContext, size: string): (() => void) => {
  mkdirSync(join(directory, 'disk'));
  path = join(directory, 'disk', 'x.db');
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', join(directory, 'disk')], { stdio: 'ignore' });
  } catch {
    console.log('skipped: a small disk can only be mounted as root on Linux');
    context.skip();
  }
  return () => execFileSync('umount', ['-l', join(directory, 'disk')]);
};
/** Leaves not a byte on the small disk. @returns the file to delete */
const fillUp = (): string => {
  const filler = join(directory, 'disk', 'filler');
  for (const bytes of [64 * 1024, 4096, 1]) {
    for (;;) {
      try {
        writeFileSync(filler, Buffer.alloc(bytes), { flag: 'a' });
      } catch {
        break;
      }
    }
  }
  return filler;
};
const failure = (work: () => unknown): { code: string; meaning: string; next: string } => {
  try {
    work();
  } catch (error) {
    if (isFail(error)) return { code: error.code, meaning: error.meaning ?? '', next: error.next ?? '' };
    throw error;
  }
  throw new Error('it did not fail');
};

describe('a database', () => {
  it('with any one page zeroed comes back whole from its copy', async () => {
    await fill(300);
    const good = readFileSync(path);
    const copy = readFileSync(`${path}.copy`);
    expect(good.length / page).toBeGreaterThan(10);
    for (let n = 0; n < good.length / page; n++) {
      writeFileSync(path, Buffer.from(good).fill(0, n * page, (n + 1) * page));
      writeFileSync(`${path}.copy`, copy);
      expect(count(), `page ${n}`).toEqual({ rows: 300, notice: 'RESTORED_FROM_COPY' });
    }
  });

  it('cut at any page comes back whole from its copy', async () => {
    await fill(300);
    const good = readFileSync(path);
    const copy = readFileSync(`${path}.copy`);
    for (let n = 0; n < good.length / page; n++) {
      for (const length of [n * page, n * page + 100]) {
        writeFileSync(path, good.subarray(0, length));
        writeFileSync(`${path}.copy`, copy);
        expect(count(), `${length} bytes`).toEqual({ rows: 300, notice: 'RESTORED_FROM_COPY' });
      }
    }
  });

  it('of a later release is neither opened nor replaced by its copy', async () => {
    await fill(3);
    const later = openDatabase({ path, migrations: [...migrations, 'CREATE TABLE u (n INTEGER) STRICT'], log });
    later.close();
    const before = readFileSync(path);
    expect(failure(count)).toMatchObject({ code: 'DATABASE_NEWER', next: expect.stringContaining('newer release') });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('of no sensible version is damaged, and comes back from its copy', async () => {
    for (const version of [-5, 0]) {
      await fill(3);
      const store = openDatabase({ path, migrations, log });
      store.db.exec(`PRAGMA user_version = ${version}`);
      store.close();
      expect(count()).toEqual({ rows: 3, notice: 'RESTORED_FROM_COPY' });
      for (const name of readdirSync(directory)) rmSync(join(directory, name));
    }
  });

  it('in a directory that may only be read is explained, and left as it is', async (context) => {
    const unmount = mounted(context, '8m');
    try {
      await fill(300);
      const before = readdirSync(join(directory, 'disk')).sort();
      execFileSync('mount', ['-o', 'remount,ro', join(directory, 'disk')]);
      const said = failure(count);
      expect(said.code).toBe('DATABASE_UNREADABLE');
      expect(said.meaning).toContain('Nothing was changed');
      expect(said.next).not.toBe('');
      execFileSync('mount', ['-o', 'remount,rw', join(directory, 'disk')]);
      expect(readdirSync(join(directory, 'disk')).sort()).toEqual(before);
      expect(count()).toEqual({ rows: 300, notice: undefined });
    } finally {
      unmount();
    }
  });

  it('on a disk that is full is explained, and whole again when there is room', async (context) => {
    const unmount = mounted(context, '4m');
    try {
      await fill(300);
      const filler = fillUp();
      try {
        expect(count()).toEqual({ rows: 300, notice: undefined });
      } catch (error) {
        if (!isFail(error)) throw error;
        expect(error).toMatchObject({ code: 'DISK_FULL', next: expect.stringContaining('space') });
      }
      const more = [...migrations, 'CREATE TABLE u (n INTEGER) STRICT; INSERT INTO u SELECT n FROM t'];
      expect(failure(() => openDatabase({ path, migrations: more, log }))).toMatchObject({ code: 'DISK_FULL' });
      rmSync(filler);
      expect(count()).toEqual({ rows: 300, notice: undefined });
      openDatabase({ path, migrations: more, log }).close();
    } finally {
      unmount();
    }
  });

  it('on a disk that is full while its copy must be brought back loses neither', async (context) => {
    const unmount = mounted(context, '4m');
    try {
      await fill(300);
      writeFileSync(path, readFileSync(path).fill(0x5a, 0, 8192));
      const filler = fillUp();
      let rows = 0;
      try {
        rows = count().rows;
      } catch (error) {
        expect(error).toMatchObject({ code: 'DISK_FULL' });
        rmSync(filler);
        rows = count().rows;
      }
      expect(rows).toBe(300);
    } finally {
      unmount();
    }
  });
});
