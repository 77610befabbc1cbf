import { afterEach, describe, expect, it } from 'vitest';
import { utf8 } from '#core/crypto/bytes.ts';
import { addressOf } from '../identity/address.ts';
import { createMailWorld, type MailHost, type MailWorld } from './testing/mail-world.ts';

const worlds: MailWorld[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) {
    world.close();
    expect(world.errors).toEqual([]);
  }
});
const newWorld = (seed: number): MailWorld => {
  const world = createMailWorld(seed);
  worlds.push(world);
  return world;
};
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const got = (host: MailHost): string[] =>
  host.mailbox
    .list({}, 10_000)
    .map(({ seq }) => text(host.mailbox.get(seq)?.data ?? new Uint8Array(0)))
    .reverse();
const state = (host: MailHost, id: string): string | undefined => host.mailbox.status(id)?.state;
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

describe('a message', () => {
  it('arrives with who sent it, and its sender learns that it arrived and was read', () => {
    const w = newWorld(1);
    const [a, b] = [w.host(), w.host()];
    const id = a.mailbox.send({ destination: b.address, topic: utf8('greetings'), data: utf8('hello') });
    expect(state(a, id)).toBe('waiting');
    w.run(second);
    expect(state(a, id)).toBe('received');
    const [row] = b.mailbox.list({}, 10);
    expect(row).toMatchObject({ id, source: a.address, key: a.publicKey, reply: false, read: null, size: 5 });
    expect(text(row?.topic ?? new Uint8Array(0))).toBe('greetings');
    expect(b.mailbox.markRead(row?.seq ?? 0)).toBe(true);
    w.run(second);
    expect(state(a, id)).toBe('read');
    expect(b.mailbox.list({ unread: true }, 10)).toEqual([]);
    expect(a.events.at(-1)).toEqual({ box: 'outbox', id });
  });

  it('that is read before its sender heard that it arrived has arrived', () => {
    const w = newWorld(5);
    const [a, b] = [w.host(), w.host()];
    w.lose = ({ kind }) => kind === 'done-ack';
    const id = a.mailbox.send({ destination: b.address, data: utf8('quick') });
    w.run(second);
    b.mailbox.markRead(b.mailbox.list({}, 1)[0]?.seq ?? 0);
    w.run(100);
    expect(state(a, id)).toBe('read');
    expect(a.mailbox.usage().outbox.messages).toBe(0);
  });

  it('can be sent to a public key, and to ourselves', async () => {
    const w = newWorld(2);
    const [a, b] = [w.host(), w.host()];
    a.mailbox.send({ destination: b.publicKey, data: utf8('by key') });
    const own = a.mailbox.send({ destination: a.address, topic: utf8('note'), data: utf8('to myself') });
    w.run(second);
    expect(got(b)).toEqual(['by key']);
    expect(state(a, own)).toBe('received');
    expect(await a.mailbox.pop({ topic: utf8('note') })).toMatchObject({ id: own, key: a.publicKey });
  });

  it('of every length that counts comes back whole', () => {
    const w = newWorld(3);
    const [a, b] = [w.host(), w.host()];
    const sizes = [0, 1, 1300, 1301, 1549, 1550, 100_000];
    for (const size of sizes) a.mailbox.send({ destination: b.address, data: w.dice.bytes(size) });
    w.run(20 * second);
    expect(
      b.mailbox
        .list({}, 10)
        .map((row) => row.size)
        .sort((x, y) => x - y),
    ).toEqual(sizes);
  });

  it('is refused when it can never be sent', () => {
    const w = newWorld(4);
    const [a, b] = [w.host({ payload: 100 }), w.host()];
    const send = (more: object) => () => a.mailbox.send({ destination: b.address, data: utf8('x'), ...more });
    expect(send({ destination: new Uint8Array(16) })).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
    expect(send({ destination: new Uint8Array(7) })).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
    expect(send({ ttl: Number.NaN })).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
    expect(send({ topic: new Uint8Array(256) })).toThrow(expect.objectContaining({ code: 'TOPIC_TOO_LONG' }));
    expect(send({ data: new Uint8Array(101) })).toThrow(expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }));
    expect(a.mailbox.sent(10)).toEqual([]);
  });
});

describe('a message to somebody who is away', () => {
  it('waits for a week if it must, tries with growing pauses, and goes at once when they are back', () => {
    const w = newWorld(10);
    const [a, b] = [w.host(), w.host()];
    b.kill();
    const id = a.mailbox.send({ destination: b.address, data: utf8('when you are back') });
    w.run(hour);
    const inAnHour = w.sent.length;
    w.run(5 * 24 * hour);
    // A try lasts a quarter of a minute, and there is one in five to ten minutes.
    const anHour = (w.sent.length - inAnHour) / (5 * 24);
    expect(anHour).toBeGreaterThan(6 * 5);
    expect(anHour).toBeLessThan(13 * 12);
    expect(state(a, id)).toBe('waiting');
    b.start();
    a.mailbox.reachable(b.address);
    w.run(2 * second);
    expect(got(b)).toEqual(['when you are back']);
    expect(state(a, id)).toBe('received');
  });

  it('is given up when its time is over, however the time of day is set', () => {
    const w = newWorld(11);
    const [a, b] = [w.host(), w.host()];
    b.kill();
    const id = a.mailbox.send({ destination: b.address, data: utf8('soon'), ttl: hour });
    w.timeOfDay += 365 * 24 * hour;
    w.run(hour - second);
    expect(state(a, id)).toBe('waiting');
    w.run(2 * second);
    expect(state(a, id)).toBe('expired');
    b.start();
    a.mailbox.reachable(b.address);
    w.run(minute);
    expect(got(b)).toEqual([]);
    expect(a.mailbox.usage().outbox).toEqual({ messages: 0, bytes: 0 });
  });

  it('lives no longer for a clock that was set back between two starts', () => {
    const w = newWorld(12);
    const [a, b] = [w.host(), w.host()];
    b.kill();
    const id = a.mailbox.send({ destination: b.address, data: utf8('soon'), ttl: hour });
    a.kill();
    w.timeOfDay -= 10 * 365 * 24 * hour;
    a.start();
    w.run(hour + second);
    expect(state(a, id)).toBe('expired');
  });

  it('and what comes from them says that they are back', () => {
    const w = newWorld(13);
    const [a, b] = [w.host(), w.host()];
    b.kill();
    for (let n = 0; n < 20; n++) a.mailbox.send({ destination: b.address, data: utf8(`${n}`) });
    w.run(2 * hour);
    b.start();
    b.mailbox.send({ destination: a.address, data: utf8('I am back') });
    w.run(5 * second);
    expect(got(b).length).toBe(20);
  });

  it('holds up nobody else', () => {
    const w = newWorld(14);
    const [a, b] = [w.host({ flights: 4 }), w.host()];
    for (let n = 0; n < 30; n++) a.mailbox.send({ destination: addressOf(w.dice.bytes(32)), data: utf8('lost') });
    a.mailbox.send({ destination: b.address, data: utf8('found') });
    w.run(5 * minute);
    expect(got(b)).toEqual(['found']);
  });

  it('may be cancelled', () => {
    const w = newWorld(15);
    const [a, b] = [w.host(), w.host()];
    b.kill();
    const id = a.mailbox.send({ destination: b.address, data: utf8('never mind') });
    w.run(minute);
    expect(a.mailbox.cancel(id)).toBe(true);
    expect(a.mailbox.cancel(id)).toBe(false);
    b.start();
    a.mailbox.reachable(b.address);
    w.run(10 * minute);
    expect(got(b)).toEqual([]);
    expect(state(a, id)).toBe('cancelled');
  });

  it('is forgotten on request, and given up when it waits', () => {
    const w = newWorld(16);
    const [a, b] = [w.host(), w.host()];
    const seqOf = (id: string): number => a.mailbox.status(id)?.seq ?? 0;
    const arrived = a.mailbox.send({ destination: b.address, data: utf8('x') });
    w.run(second);
    expect(a.mailbox.forget(seqOf(arrived))).toBe(true);
    expect(a.mailbox.status(arrived)).toBeNull();
    expect(a.mailbox.forget(1_000)).toBe(false);

    b.kill();
    const question = '0123456789abcdef';
    // Two answers to one question have one id: the one that is meant goes, and the other is still sent.
    for (const text of ['first', 'second']) {
      a.mailbox.send({ destination: b.address, data: utf8(text), replyTo: question, letter: true });
    }
    const [second_, first] = a.mailbox.letters(2);
    expect(a.mailbox.forget(first?.seq ?? 0)).toBe(true);
    expect(a.mailbox.letters(10).map(({ seq }) => seq)).toEqual([second_?.seq]);
    expect(a.mailbox.usage().outbox.messages).toBe(1);
    a.kill();
    a.start();
    expect(a.mailbox.usage().outbox.messages).toBe(1);
  });
});

describe('a message that its receiver does not want', () => {
  it('holds up no other to the same receiver', () => {
    const w = newWorld(20);
    const [a, b] = [w.host(), w.host()];
    b.topics.add(utf8('closed'));
    const refused = a.mailbox.send({ destination: b.address, topic: utf8('closed'), data: utf8('no') });
    for (let n = 0; n < 5; n++) a.mailbox.send({ destination: b.address, topic: utf8('open'), data: utf8(`${n}`) });
    w.run(minute);
    expect(got(b).sort()).toEqual(['0', '1', '2', '3', '4']);
    a.mailbox.send({ destination: b.address, topic: utf8('open'), data: utf8('5') });
    w.run(second);
    expect(got(b).length).toBe(6);
    expect(state(a, refused)).toBe('waiting');
    const before = w.sent.length;
    w.run(24 * hour);
    // One try in ten minutes or so of some eight fragments, not one in a second.
    expect(w.sent.length - before).toBeLessThan(24 * 12 * 12);
  });
});

describe('after an end in between', () => {
  it('of the sender before it was sent, the message goes when it runs again', () => {
    const w = newWorld(30);
    const [a, b] = [w.host(), w.host()];
    const id = a.mailbox.send({ destination: b.address, topic: utf8('t'), data: utf8('kept') });
    a.kill();
    w.run(minute);
    a.start();
    w.run(second);
    expect(got(b)).toEqual(['kept']);
    expect(state(a, id)).toBe('received');
  });

  it('of the sender before it was told that it arrived, the message is kept once', () => {
    const w = newWorld(31);
    const [a, b] = [w.host(), w.host()];
    w.lose = ({ kind }) => kind === 'done-ack';
    const id = a.mailbox.send({ destination: b.address, data: utf8('once') });
    w.run(second);
    expect(got(b)).toEqual(['once']);
    a.kill();
    w.lose = null;
    a.start();
    expect(state(a, id)).toBe('waiting');
    w.run(2 * second);
    expect(state(a, id)).toBe('received');
    expect(got(b)).toEqual(['once']);
  });

  it('of the receiver between keeping and acknowledging, it acknowledges and keeps it once', () => {
    const w = newWorld(32);
    const [a, b] = [w.host(), w.host()];
    // The moment the message is on disk the process is gone, and with it what it would have said.
    w.lose = ({ kind }) => kind === 'done-ack';
    const id = a.mailbox.send({ destination: b.address, data: utf8('once') });
    w.run(second);
    b.kill();
    w.lose = null;
    w.run(hour);
    expect(state(a, id)).toBe('waiting');
    b.start();
    expect(got(b)).toEqual(['once']);
    a.mailbox.reachable(b.address);
    w.run(2 * second);
    expect(state(a, id)).toBe('received');
    expect(got(b)).toEqual(['once']);
  });

  it('of the receiver in the middle of a long message, it goes on as soon as the receiver is back', () => {
    const w = newWorld(37);
    const [a, b] = [w.host(), w.host()];
    const id = a.mailbox.send({ destination: b.address, data: w.dice.bytes(500_000) });
    w.run(200);
    expect(a.mailbox.status(id)?.progress?.acked).toBeGreaterThan(0);
    b.kill();
    w.run(3 * second);
    b.start();
    a.mailbox.reachable(b.address);
    w.run(2 * second);
    expect(state(a, id)).toBe('received');
  });

  it.each([33, 133, 233, 333])('of both again and again, over a path that loses, all arrive once (seed %i)', (seed) => {
    const w = newWorld(seed);
    const [a, b] = [w.host(), w.host()];
    w.lose = () => w.dice.next() < 0.2;
    const all = Array.from({ length: 40 }, (_, n) => `${n}`);
    for (const one of all) a.mailbox.send({ destination: b.address, data: utf8(one) });
    for (let round = 0; round < 12; round++) {
      w.run(w.dice.next() * 900);
      const victim = round % 2 === 0 ? a : b;
      victim.kill();
      w.run(w.dice.next() * minute);
      victim.start();
      a.mailbox.reachable(b.address);
    }
    w.run(30 * minute);
    expect(got(b).sort()).toEqual([...all].sort());
    expect(a.mailbox.usage().outbox.messages).toBe(0);
  });

  it('is not taken again when it was read and removed in between', async () => {
    const w = newWorld(34);
    const [a, b] = [w.host(), w.host()];
    w.lose = ({ kind }) => kind === 'done-ack';
    a.mailbox.send({ destination: b.address, data: utf8('once') });
    w.run(second);
    expect(await b.mailbox.pop({})).not.toBeNull();
    b.kill();
    w.lose = null;
    b.start();
    a.mailbox.reachable(b.address);
    w.run(minute);
    expect(got(b)).toEqual([]);
  });

  it('its sender is still told that it was read', () => {
    const w = newWorld(35);
    const [a, b] = [w.host(), w.host()];
    const id = a.mailbox.send({ destination: b.address, data: utf8('read me') });
    w.run(second);
    a.kill();
    w.run(24 * hour);
    a.start();
    b.mailbox.markRead(b.mailbox.list({}, 1)[0]?.seq ?? 0);
    w.run(second);
    expect(state(a, id)).toBe('read');
  });

  it('an answer to what was asked before is taken, though the topic is closed', async () => {
    const w = newWorld(36);
    const [a, b] = [w.host(), w.host()];
    const id = a.mailbox.send({ destination: b.address, topic: utf8('q'), data: utf8('?') });
    w.run(second);
    a.kill();
    w.run(24 * hour);
    a.start();
    a.topics.setDefault(false);
    const question = await b.mailbox.pop({ topic: utf8('q') });
    expect(b.mailbox.topicOf(id, a.address)).toEqual(utf8('q'));
    expect(b.mailbox.topicOf(id, b.address)).toBeNull();
    b.mailbox.send({ destination: question?.source ?? b.address, data: utf8('!'), replyTo: id });
    b.mailbox.send({ destination: a.address, data: utf8('?!') });
    w.run(minute);
    expect(a.mailbox.list({}, 10)).toMatchObject([{ id, reply: true, scope: utf8('q'), topic: new Uint8Array(0) }]);
    expect(await a.mailbox.pop({ answerTo: id })).toMatchObject({ data: utf8('!') });
  });
});
