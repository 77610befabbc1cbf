import { spawn } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from './database.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const migrations = ['CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT) STRICT'];
let directory = '';
let path = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hypha-db-'));
  path = join(directory, 'x.db');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('openDatabase', () => {
  it('migrates forward once and refuses a newer file', () => {
    openDatabase({ path, migrations, log }).close();
    const two = openDatabase({ path, migrations: [...migrations, 'ALTER TABLE t ADD COLUMN more TEXT'], log });
    two.db.exec("INSERT INTO t (text, more) VALUES ('a', 'b')");
    two.close();
    expect(() => openDatabase({ path, migrations, log })).toThrowError(
      expect.objectContaining({ code: 'DATABASE_NEWER' }),
    );
  });

  it('leaves a failed migration undone', () => {
    openDatabase({ path, migrations, log }).close();
    expect(() => openDatabase({ path, migrations: [...migrations, 'CREATE TABLE u (n); nonsense'], log })).toThrow();
    const again = openDatabase({ path, migrations: [...migrations, 'CREATE TABLE u (n INTEGER) STRICT'], log });
    again.close();
  });

  it('rolls a transaction back as a whole', () => {
    const store = openDatabase({ path, migrations, log });
    expect(() =>
      store.transaction(() => {
        store.db.exec("INSERT INTO t (text) VALUES ('a')");
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(store.db.prepare('SELECT count(*) AS n FROM t').get()).toEqual({ n: 0 });
    store.close();
  });

  it('replaces a damaged file by its last good copy, keeps the damaged one and says so', async () => {
    const store = openDatabase({ path, migrations, log });
    store.db.exec("INSERT INTO t (text) VALUES ('kept')");
    await store.keepCopy();
    store.close();
    writeFileSync(path, Buffer.alloc(8192, 7));
    const again = openDatabase({ path, migrations, log });
    expect(again.notice?.code).toBe('RESTORED_FROM_COPY');
    expect(again.db.prepare('SELECT text FROM t').get()).toEqual({ text: 'kept' });
    again.close();
    expect(readdirSync(directory).some((n) => n.includes('.damaged-'))).toBe(true);
  });

  it.skipIf(process.platform === 'win32')('is readable by its owner alone, with all that belongs to it', async () => {
    writeFileSync(path, '', { mode: 0o644 });
    const store = openDatabase({ path, migrations, log });
    store.db.exec("INSERT INTO t (text) VALUES ('private')");
    await store.keepCopy();
    store.db.exec("INSERT INTO t (text) VALUES ('private')");
    const modes = readdirSync(directory).map((name) => [name, statSync(join(directory, name)).mode & 0o777]);
    expect(modes).toEqual(['x.db', 'x.db-shm', 'x.db-wal', 'x.db.copy'].map((name) => [name, 0o600]));
    store.close();
  });

  it('takes the copy where the file itself is gone or empty, and does not begin anew', async () => {
    for (const lose of [() => rmSync(path), () => truncateSync(path, 0)]) {
      const store = openDatabase({ path, migrations, log });
      store.db.exec("DELETE FROM t; INSERT INTO t (text) VALUES ('kept')");
      await store.keepCopy();
      store.close();
      lose();
      const again = openDatabase({ path, migrations, log });
      expect(again.notice?.code).toBe('RESTORED_FROM_COPY');
      expect(again.db.prepare('SELECT text FROM t').get()).toEqual({ text: 'kept' });
      again.close();
    }
  });

  it('copies only what changed, also over a restart', async () => {
    const copyId = () => statSync(`${path}.copy`).ino;
    const one = openDatabase({ path, migrations, log });
    await Promise.all([one.keepCopy(), one.keepCopy()]);
    const first = copyId();
    await one.keepCopy();
    expect(copyId()).toBe(first);
    one.close();
    const two = openDatabase({ path, migrations, log });
    await two.keepCopy();
    expect(copyId()).toBe(first);
    two.db.exec("INSERT INTO t (text) VALUES ('a')");
    // Something of the last copy is held, so that its number is not given out again.
    const held = openSync(`${path}.copy`, 'r');
    await two.keepCopy();
    expect(copyId()).not.toBe(first);
    closeSync(held);
    two.close();
    expect(readdirSync(directory).sort()).toEqual(['x.db', 'x.db.copy']);
  });

  it('takes no stale copy for current because the clock was set back', async () => {
    const store = openDatabase({ path, migrations, log });
    store.db.exec("INSERT INTO t (text) VALUES ('old')");
    await store.keepCopy();
    store.db.exec("INSERT INTO t (text) VALUES ('new')");
    // Closed without a copy, as after a crash, by a clock that was behind by then.
    store.close();
    const before = statSync(`${path}.copy`).mtimeMs / 1000 - 3600;
    utimesSync(path, before, before);
    const again = openDatabase({ path, migrations, log });
    await again.keepCopy();
    again.close();
    truncateSync(path, 0);
    const restored = openDatabase({ path, migrations, log });
    expect(restored.db.prepare('SELECT text FROM t ORDER BY n').all()).toEqual([{ text: 'old' }, { text: 'new' }]);
    restored.close();
  });

  it('does not replace a good copy by a damaged one', async () => {
    const store = openDatabase({ path, migrations, log });
    for (let i = 0; i < 300; i++) store.db.prepare('INSERT INTO t (text) VALUES (?)').run('x'.repeat(100));
    await store.keepCopy();
    store.close();
    const good = readFileSync(`${path}.copy`);
    const again = openDatabase({ path, migrations, log });
    const bad = readFileSync(path);
    bad.fill(0xff, 4096 * 3, 4096 * 4);
    writeFileSync(path, bad);
    again.db.exec('PRAGMA cache_size=0; PRAGMA shrink_memory');
    again.db.exec("INSERT INTO t (n, text) VALUES (1000000, 'a')");
    await expect(again.keepCopy()).rejects.toThrow();
    expect(readFileSync(`${path}.copy`).equals(good)).toBe(true);
    again.close();
  });

  it('says what stands in the way, and takes it for no damage', async () => {
    const store = openDatabase({ path, migrations, log });
    await store.keepCopy();
    store.close();
    rmSync(path);
    mkdirSync(path);
    expect(() => openDatabase({ path, migrations, log })).toThrowError(
      expect.objectContaining({ code: 'DATABASE_UNREADABLE', message: expect.stringContaining(path) }),
    );
    expect(readdirSync(directory).sort()).toEqual(['x.db', 'x.db.copy']);
  });

  it('explains a damaged file without a copy and leaves it as it is', () => {
    const junk = Buffer.alloc(4096, 9);
    writeFileSync(path, junk);
    expect(() => openDatabase({ path, migrations, log })).toThrowError(
      expect.objectContaining({ code: 'DATABASE_DAMAGED' }),
    );
    expect(readFileSync(path).equals(junk)).toBe(true);
  });

  it('opens, restores or explains whatever a cut or a flipped byte leaves', async () => {
    const store = openDatabase({ path, migrations, log });
    for (let i = 0; i < 200; i++) store.db.prepare('INSERT INTO t (text) VALUES (?)').run('x'.repeat(100));
    await store.keepCopy();
    store.close();
    const good = readFileSync(path);
    const copy = readFileSync(`${path}.copy`);
    for (let i = 0; i < 40; i++) {
      const at = Math.floor((i / 40) * good.length);
      writeFileSync(path, good);
      if (i % 2 === 0) truncateSync(path, at);
      else writeFileSync(path, Buffer.from(good.map((b, j) => (j >= at && j < at + 64 ? b ^ 0xff : b))));
      writeFileSync(`${path}.copy`, copy);
      try {
        const opened = openDatabase({ path, migrations, log });
        opened.close();
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^DATABASE_/) });
      }
      for (const name of readdirSync(directory)) rmSync(join(directory, name));
    }
  });

  it('keeps every commit that was acknowledged before a kill -9', async () => {
    const child = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `import { openDatabase } from ${JSON.stringify(new URL('./database.ts', import.meta.url).href)};
       const log = { debug() {}, info() {}, warn() {}, error() {} };
       const store = openDatabase({ path: ${JSON.stringify(path)}, migrations: ${JSON.stringify(migrations)}, log });
       for (let n = 1; ; n++) { store.transaction(() => store.db.prepare('INSERT INTO t (n) VALUES (?)').run(n)); process.stdout.write(n + '\\n'); }`,
    ]);
    let acknowledged = 0;
    await new Promise<void>((resolve, reject) => {
      let text = '';
      let errors = '';
      child.stderr.on('data', (d) => {
        errors += d;
      });
      child.stdout.on('data', (d) => {
        text += d;
        acknowledged = Number(text.trimEnd().split('\n').at(-1));
        if (acknowledged >= 50) child.kill('SIGKILL');
      });
      child.on('close', () => (acknowledged >= 50 ? resolve() : reject(new Error(errors))));
    });
    const store = openDatabase({ path, migrations, log });
    const { n } = store.db.prepare('SELECT count(*) AS n FROM t').get() as { n: number };
    // The last printed line may itself be cut, but everything before it was acknowledged.
    expect(n).toBeGreaterThanOrEqual(50);
    store.close();
  });
});
