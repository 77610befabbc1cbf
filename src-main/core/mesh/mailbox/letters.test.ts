import { afterEach, describe, expect, it } from 'vitest';
import { utf8 } from '#core/crypto/bytes.ts';
import { openDatabase } from '#core/store/database.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { adoptLetters, mailboxMigrations } from './index.ts';
import { createMailWorld, type MailHost, type MailWorld } from './testing/mail-world.ts';

let world: MailWorld | null = null;
afterEach(() => {
  world?.close();
  world = null;
});
const newWorld = (seed: number): MailWorld => {
  world = createMailWorld(seed);
  return world;
};
const second = 1_000;
const texts = ({ mailbox }: MailHost): (string | null)[] =>
  mailbox.letters(100).map(({ seq }) => new TextDecoder().decode(mailbox.letter(seq)?.data));

describe('what the person wrote', () => {
  it('can be read before and after it arrived; what a program sent is gone when it did', () => {
    const w = newWorld(1);
    const [a, b] = [w.host(), w.host()];
    a.mailbox.send({ destination: b.address, data: utf8('letter'), letter: true });
    const id = a.mailbox.send({ destination: b.address, data: utf8('of a program') });
    expect(texts(a)).toEqual(['letter']);
    w.run(second);
    expect(a.mailbox.letters(10)).toMatchObject([{ state: 'received', letter: true }]);
    expect(texts(a)).toEqual(['letter']);
    const { seq = 0 } = a.mailbox.status(id) ?? {};
    expect(a.mailbox.letter(seq)).toBeNull();
    expect(a.database.db.prepare('SELECT data FROM outbox WHERE seq = ?').get(seq)).toEqual({ data: null });
    // Read again by nobody: nothing is sent a second time.
    const before = w.sent.length;
    a.kill();
    a.start();
    a.mailbox.allReachable();
    w.run(60 * second);
    expect(w.sent.length).toBe(before);
    expect(b.mailbox.list({}, 10).length).toBe(2);
  });

  it('is kept as far as there is room for it, and no number of messages of programs takes that', () => {
    const w = newWorld(2);
    const limits = { keptLetters: 3, keptLetterBytes: 25, endedMessages: 4 };
    const [a, b] = [w.host(limits), w.host()];
    const send = (text: string, letter: boolean): string => {
      const id = a.mailbox.send({ destination: b.address, data: utf8(text), letter });
      w.run(second);
      return id;
    };
    const oldest = send('1', true);
    for (const text of ['2', '3', '4']) send(text, true);
    for (let i = 0; i < 20; i++) send('of a program', false);
    a.kill();
    a.start();
    expect(texts(a)).toEqual(['4', '3', '2']);
    expect(a.mailbox.sent(100).filter(({ letter }) => !letter).length).toBe(4);
    expect(a.mailbox.status(oldest)).toBeNull();
    send('twenty-four bytes of text', true);
    const waits = a.mailbox.send({ destination: w.dice.bytes(32), data: utf8('waits'), letter: true });
    a.kill();
    a.start();
    // What waits is no matter of room.
    expect(texts(a)).toEqual(['waits', 'twenty-four bytes of text']);
    expect(a.mailbox.status(waits)?.state).toBe('waiting');
  });

  it('to this node itself arrives at the next start, and once, where the program ended before it did', () => {
    const w = newWorld(3);
    const a = w.host();
    a.mailbox.send({ destination: a.address, data: utf8('done'), letter: true });
    const row = a.database.db.prepare('SELECT * FROM outbox').get() as Record<string, never>;
    for (const [id, kept] of [
      ['1111111111111111', false],
      ['2222222222222222', true],
    ] as const) {
      const data = utf8(`cut short ${id}`);
      if (kept) a.mailbox.send({ destination: a.address, data, replyTo: id, letter: true });
      a.database.db.exec(`DELETE FROM outbox WHERE id = '${id}'`);
      a.database.db
        .prepare(`INSERT INTO outbox VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, 'waiting', NULL, ?, 1, NULL, NULL)`)
        .run(
          id,
          kept ? 1 : 0,
          row.destination ?? null,
          utf8(''),
          data.length,
          row.created ?? 0,
          row.expires ?? 0,
          data,
        );
    }
    for (let restarts = 0; restarts < 2; restarts++) {
      a.kill();
      a.start();
      expect(a.mailbox.letters(10).map(({ state }) => state)).toEqual(['received', 'received', 'received']);
      expect(a.mailbox.list({}, 10).length).toBe(3);
    }
    w.run(60 * second);
    expect(w.sent).toEqual([]);
  });

  it('to this node itself is not sent at all where there is no room', () => {
    const w = newWorld(4);
    const a = w.host({ inboxBytes: 10 });
    const sending = () => a.mailbox.send({ destination: a.address, data: utf8('a long text'), letter: true });
    expect(sending).toThrow(expect.objectContaining({ code: 'INBOX_FULL' }));
    expect(a.mailbox.letters(10)).toEqual([]);
  });
});

describe('letters whose text an earlier release kept elsewhere', () => {
  it('are shown where both are there, and sent but not shown, or neither, where one of the two is missing', () => {
    const database = openDatabase({ path: ':memory:', migrations: mailboxMigrations, log: silentLog });
    try {
      const add = database.db.prepare(
        `INSERT INTO outbox (id, reply, destination, topic, size, created, expires, state, ended, data)
         VALUES (?, 0, x'00', x'', ?, 0, 0, ?, ?, ?)`,
      );
      const waits = utf8('waits');
      add.run('a', waits.length, 'waiting', null, waits);
      add.run('b', 7, 'received', 1, null);
      add.run('c', 4, 'waiting', null, utf8('prog'));
      // Under the number of another message, as after the mailbox was restored from its copy.
      add.run('d', 5, 'waiting', null, utf8('other'));
      add.run('e', 9, 'received', 1, null);
      const old = [
        { seq: 1, data: waits },
        { seq: 2, data: utf8('arrived') },
        { seq: 4, data: utf8('taken') },
        { seq: 5, data: utf8('not it') },
        { seq: 99, data: utf8('its message is gone') },
      ];
      // As often as it is needed: an end of the program may come before the texts are gone where they were.
      for (let again = 0; again < 3; again++) {
        adoptLetters(database, old);
        const rows = database.db.prepare('SELECT id, letter, CAST(data AS TEXT) AS data, state FROM outbox').all();
        expect(rows.map((row) => ({ ...row }))).toEqual([
          { id: 'a', letter: 1, data: 'waits', state: 'waiting' },
          { id: 'b', letter: 1, data: 'arrived', state: 'received' },
          { id: 'c', letter: 0, data: 'prog', state: 'waiting' },
          { id: 'd', letter: 0, data: 'other', state: 'waiting' },
          { id: 'e', letter: 0, data: null, state: 'received' },
        ]);
      }
    } finally {
      database.close();
    }
  });
});
