import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { utf8 } from '#core/crypto/bytes.ts';
import { createMailWorld, type MailHost, type MailWorld } from './testing/mail-world.ts';

let world: MailWorld | null = null;
let cleanUp: (() => void) | null = null;
afterEach(() => {
  world?.close();
  cleanUp?.();
  world = null;
  cleanUp = null;
});
const newWorld = (seed: number): MailWorld => {
  world = createMailWorld(seed);
  return world;
};
const second = 1_000;

/** Lets writes to a table fail, as on a full disk, until the returned function is called. */
function full(host: MailHost, table: string): () => void {
  for (const what of ['INSERT', 'UPDATE', 'DELETE']) {
    host.database.db.exec(
      `CREATE TRIGGER full_${what} BEFORE ${what} ON ${table} BEGIN SELECT RAISE(FAIL, 'full'); END`,
    );
  }
  return () => {
    for (const what of ['INSERT', 'UPDATE', 'DELETE']) host.database.db.exec(`DROP TRIGGER full_${what}`);
  };
}

describe('a mailbox that cannot write', () => {
  it.each(['inbox', 'seen'])('(%s) acknowledges nothing, and takes the message when it can', (table) => {
    const w = newWorld(1);
    const [a, b] = [w.host(), w.host()];
    const free = full(b, table);
    const id = a.mailbox.send({ destination: b.address, data: utf8('kept?') });
    w.run(5 * second);
    expect(w.sent.some(({ fragment }) => fragment.kind === 'done')).toBe(true);
    expect(w.sent.some(({ fragment }) => fragment.kind === 'done-ack')).toBe(false);
    expect(b.mailbox.list({}, 10)).toEqual([]);
    // A sender's many tries are one line in the log.
    expect(w.errors.length).toBe(1);
    w.run(3_600 * second);
    // And they are few: it does not send the whole message over and over.
    expect(w.sent.filter(({ fragment }) => fragment.kind === 'chunk').length).toBeLessThan(100);
    expect(w.sent.length).toBeLessThan(1_000);
    expect(a.mailbox.status(id)?.state).toBe('waiting');
    free();
    w.run(60 * second);
    a.mailbox.reachable(b.address);
    w.run(10 * second);
    expect(a.mailbox.status(id)?.state).toBe('received');
    expect(b.mailbox.list({}, 10).length).toBe(1);
    expect(b.mailbox.usage().inbox.messages).toBe(1);
  });

  it('refuses to send, and says so', () => {
    const w = newWorld(2);
    const [a, b] = [w.host(), w.host()];
    full(a, 'outbox');
    expect(() => a.mailbox.send({ destination: b.address, data: utf8('x') })).toThrow();
    w.run(60 * second);
    expect(w.sent).toEqual([]);
  });

  it('sends again what it could not write down as arrived; it is still kept once', () => {
    const w = newWorld(3);
    const [a, b] = [w.host(), w.host()];
    const id = a.mailbox.send({ destination: b.address, data: utf8('x') });
    const free = full(a, 'outbox');
    w.run(60 * second);
    expect(a.mailbox.status(id)?.state).toBe('waiting');
    free();
    w.run(1_200 * second);
    expect(a.mailbox.status(id)?.state).toBe('received');
    expect(b.mailbox.list({}, 10).length).toBe(1);
  });

  it('does not hand out what it cannot take out', async () => {
    const w = newWorld(4);
    const [a, b] = [w.host(), w.host()];
    a.mailbox.send({ destination: b.address, data: utf8('x') });
    w.run(second);
    const free = full(b, 'inbox');
    await expect(b.mailbox.pop({})).rejects.toThrow();
    free();
    expect(await b.mailbox.pop({})).not.toBeNull();
    expect(b.mailbox.usage().inbox.messages).toBe(0);
  });

  it('on a disk without a byte left keeps what it has, and goes on when there is room', (context) => {
    const directory = mkdtempSync(join(tmpdir(), 'hypha-mail-disk-'));
    cleanUp = () => rmSync(directory, { recursive: true, force: true });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory], { stdio: 'ignore' });
    } catch {
      console.log('skipped: a small disk can only be mounted as root on Linux');
      context.skip();
    }
    cleanUp = () => {
      world?.close();
      world = null;
      execFileSync('umount', ['-l', directory]);
      rmSync(directory, { recursive: true, force: true });
    };
    const w = newWorld(5);
    const a = w.host();
    const b = w.host({}, join(directory, 'mailbox.db'));
    a.mailbox.send({ destination: b.address, data: utf8('before') });
    w.run(second);
    const filler = join(directory, 'filler');
    const file = openSync(filler, 'a');
    for (const bytes of [64 * 1024, 4096, 1]) {
      for (;;) {
        try {
          if (writeSync(file, Buffer.alloc(bytes)) === 0) break;
        } catch {
          break;
        }
      }
    }
    closeSync(file);
    const id = a.mailbox.send({ destination: b.address, data: w.dice.bytes(50_000) });
    w.run(60 * second);
    expect(a.mailbox.status(id)?.state).toBe('waiting');
    expect(() => b.mailbox.send({ destination: a.address, data: w.dice.bytes(50_000) })).toThrow(
      expect.objectContaining({ code: 'DISK_FULL' }),
    );
    expect(b.mailbox.list({}, 10).length).toBe(1);
    rmSync(filler);
    w.run(60 * second);
    a.mailbox.reachable(b.address);
    w.run(60 * second);
    expect(a.mailbox.status(id)?.state).toBe('received');
    expect(b.mailbox.list({}, 10).length).toBe(2);
  });

  it('whose file was damaged goes on from its copy: what came since is kept again when it comes again', async () => {
    const w = newWorld(6);
    const [a, b] = [w.host(), w.host()];
    a.mailbox.send({ destination: b.address, data: utf8('before the copy') });
    w.run(second);
    await b.database.keepCopy();
    w.lose = ({ kind }) => kind === 'done-ack';
    const id = a.mailbox.send({ destination: b.address, data: utf8('after it') });
    w.run(second);
    expect(b.mailbox.list({}, 10).length).toBe(2);
    b.kill();
    w.lose = null;
    writeFileSync(b.path, 'this is no database any more '.repeat(1000));
    rmSync(`${b.path}-wal`, { force: true });
    b.start();
    expect(b.database.notice?.code).toBe('RESTORED_FROM_COPY');
    expect(b.mailbox.list({}, 10).length).toBe(1);
    w.run(30 * second);
    expect(a.mailbox.status(id)?.state).toBe('received');
    expect(b.mailbox.list({}, 10).length).toBe(2);
  });
});
