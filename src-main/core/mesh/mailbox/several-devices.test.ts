import { afterEach, describe, expect, it } from 'vitest';
import { utf8 } from '#core/crypto/bytes.ts';
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
const hour = 3_600_000;
const got = ({ mailbox }: MailHost): string[] =>
  mailbox.list({}, 100).map(({ seq }) => new TextDecoder().decode(mailbox.get(seq)?.data));
/** A letter to Ann, first to the first of these. */
const write = (from: MailHost, text: string, [first, ...others]: MailHost[], ttl = 7 * 24 * hour): number => {
  if (first === undefined) throw new Error('to nobody');
  const alsoTo = others.map(({ address }) => address);
  from.mailbox.send({ destination: first.address, alsoTo, contact: 'ann', data: utf8(text), letter: true, ttl });
  return from.mailbox.letters(1)[0]?.seq ?? 0;
};
const states = ({ mailbox }: MailHost, seq: number): string[] => [
  mailbox.letters(100).find((one) => one.seq === seq)?.state ?? 'gone',
  ...mailbox.copies(seq).map(({ state }) => state),
];

describe('a letter to somebody with several devices', () => {
  it('comes to the one that is on at once, and to the other when it is back, through restarts', () => {
    const w = newWorld(1);
    const [a, laptop, phone] = [w.host(), w.host(), w.host()];
    laptop.online = false;
    const seq = write(a, 'shall we meet?', [laptop, phone]);
    w.run(second);
    expect(got(phone)).toEqual(['shall we meet?']);
    expect(states(a, seq)).toEqual(['waiting', 'received']);
    a.kill();
    a.start();
    w.run(hour);
    expect(states(a, seq)).toEqual(['waiting', 'received']);
    laptop.online = true;
    a.mailbox.reachable(laptop.address);
    w.run(2 * second);
    expect(got(laptop)).toEqual(['shall we meet?']);
    expect(states(a, seq)).toEqual(['received', 'received']);
    // It is one letter, however many it went to.
    expect(a.mailbox.letters(10).length).toBe(1);
    expect(got(phone).length).toBe(1);
  });

  it('is an answer where it was asked and a message elsewhere', () => {
    const w = newWorld(2);
    const [a, laptop, phone] = [w.host(), w.host(), w.host()];
    laptop.mailbox.send({ destination: a.address, topic: utf8('plans'), data: utf8('when?') });
    w.run(second);
    const [question] = a.mailbox.list({}, 1);
    const answer = { destination: laptop.address, alsoTo: [phone.address], replyTo: question?.id ?? '' };
    a.mailbox.send({ ...answer, topic: utf8('plans'), data: utf8('at noon'), letter: true });
    w.run(second);
    expect(laptop.mailbox.list({}, 1)).toMatchObject([{ reply: true, id: question?.id }]);
    expect(phone.mailbox.list({}, 1)).toMatchObject([{ reply: false, topic: utf8('plans') }]);
    // Read by one is read by them; and their answer to it is one to the letter.
    const { seq = 0, id = '' } = phone.mailbox.list({}, 1)[0] ?? {};
    phone.mailbox.markRead(seq);
    phone.mailbox.send({ destination: a.address, replyTo: id, data: utf8('good') });
    w.run(second);
    const [letter] = a.mailbox.letters(1);
    expect(a.mailbox.copies(letter?.seq ?? 0)).toMatchObject([{ state: 'read', copyOf: letter?.seq }]);
    expect(a.mailbox.list({}, 1)).toMatchObject([{ reply: true, id: a.mailbox.copies(letter?.seq ?? 0)[0]?.id }]);
  });

  it('goes to no device that was revoked, and to one that was added, as long as it is on its way', () => {
    const w = newWorld(3);
    const [a, stolen, phone, late] = [w.host(), w.host(), w.host(), w.host()];
    stolen.online = phone.online = false;
    const seq = write(a, 'the key is under the mat', [stolen, phone]);
    const follow = (...devices: MailHost[]) => a.mailbox.follow(() => devices.map(({ address }) => address));
    w.run(second);
    a.mailbox.follow(() => null);
    expect(states(a, seq)).toEqual(['waiting', 'waiting']);
    follow(phone);
    stolen.online = true;
    a.mailbox.reachable(stolen.address);
    w.run(hour);
    expect(got(stolen)).toEqual([]);
    expect(states(a, seq)).toEqual(['cancelled', 'waiting']);
    follow(phone, late);
    follow(phone, late);
    w.run(second);
    expect(got(late)).toEqual(['the key is under the mat']);
    expect(states(a, seq)).toEqual(['cancelled', 'waiting', 'received']);
    // The last of them is gone: nothing is on its way any more, and it arrived.
    follow(late);
    const newest = w.host();
    follow(late, newest);
    w.run(second);
    expect(got(newest)).toEqual([]);
    expect(states(a, seq)).toEqual(['cancelled', 'cancelled', 'received']);
  });

  it('waits for a device to come where the only one was revoked, and no longer than it was to', () => {
    const w = newWorld(4);
    const [a, stolen, next] = [w.host(), w.host(), w.host()];
    stolen.online = false;
    const [first, second_] = [write(a, 'soon', [stolen], hour), write(a, 'later', [stolen], 3 * hour)];
    a.mailbox.follow(() => []);
    expect([states(a, first), states(a, second_)]).toEqual([['cancelled'], ['cancelled']]);
    w.run(2 * hour);
    a.mailbox.follow(() => [next.address]);
    w.run(second);
    expect(got(next)).toEqual(['later']);
  });

  it('is sent to no device of theirs when it is deleted', () => {
    const w = newWorld(5);
    const [a, laptop, phone] = [w.host(), w.host(), w.host()];
    laptop.online = phone.online = false;
    expect(a.mailbox.forget(write(a, 'no', [laptop, phone]))).toBe(true);
    laptop.online = phone.online = true;
    a.mailbox.allReachable();
    w.run(hour);
    expect([...got(laptop), ...got(phone)]).toEqual([]);
    expect(a.database.db.prepare('SELECT count(*) AS rows FROM outbox').get()).toEqual({ rows: 0 });
  });

  it('is kept with where it arrived, as long as it is on its way and then as long as there is room', () => {
    const w = newWorld(6);
    const [a, laptop, phone] = [w.host({ keptLetters: 1, endedMessages: 0 }), w.host(), w.host()];
    laptop.online = false;
    const seq = write(a, 'first', [phone, laptop]);
    w.run(second);
    const rest = [write(a, 'second', [phone]), write(a, 'third', [phone])];
    w.run(second);
    a.kill();
    a.start();
    expect(states(a, seq)).toEqual(['received', 'waiting']);
    expect(rest.map((one) => states(a, one))).toEqual([['gone'], ['received']]);
    laptop.online = true;
    a.mailbox.allReachable();
    w.run(60 * second);
    expect(got(laptop)).toEqual(['first']);
    a.kill();
    a.start();
    expect(a.mailbox.copies(seq)).toEqual([]);
    expect(a.database.db.prepare('SELECT count(*) AS rows FROM outbox').get()).toEqual({ rows: 1 });
  });

  it('is held up by no device that too much waits for', () => {
    const w = newWorld(7);
    const limits = { destinationMessages: 2 };
    const [a, lost, phone] = [w.host(limits), w.host(), w.host()];
    lost.online = false;
    for (const text of ['1', '2', '3']) {
      write(a, text, [lost, phone]);
      w.run(second);
    }
    expect(got(phone)).toEqual(['3', '2', '1']);
    phone.online = false;
    write(a, '4', [lost, phone]);
    write(a, '5', [lost, phone]);
    expect(() => write(a, '6', [lost, phone])).toThrow(expect.objectContaining({ code: 'OUTBOX_FULL' }));
  });
});
