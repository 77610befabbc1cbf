import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { utf8 } from '#core/crypto/bytes.ts';
import { defaultMailboxLimits, type MailboxLimits } from './index.ts';
import { createQuota } from './quota.ts';
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
const second = 1_000;
const say = (from: MailHost, to: MailHost, topic: string, data = topic): string =>
  from.mailbox.send({ destination: to.address, topic: utf8(topic), data: utf8(data) });

describe('taking messages out', () => {
  it('gives the oldest first, by topic where that is asked for, and each once', async () => {
    const w = newWorld(1);
    const [a, b] = [w.host(), w.host()];
    for (const topic of ['x', 'y', 'x', 'z']) {
      say(a, b, topic, `${topic}${w.now()}`);
      w.run(second);
    }
    const { mailbox } = b;
    const first = await mailbox.peek({});
    expect(await mailbox.peek({})).toEqual(first);
    expect(first?.topic).toEqual(utf8('x'));
    expect((await mailbox.pop({ topic: utf8('y') }))?.topic).toEqual(utf8('y'));
    expect(await mailbox.pop({ topic: utf8('y') })).toBeNull();
    // Two topics are allowed; the one message of them that is left comes.
    expect((await mailbox.pop({ scopes: [utf8('z'), utf8('q')] }))?.topic).toEqual(utf8('z'));
    expect(await mailbox.pop({})).toEqual(first);
    expect((await mailbox.pop({}))?.topic).toEqual(utf8('x'));
    expect(await mailbox.pop({})).toBeNull();
    expect(mailbox.usage().inbox).toEqual({ messages: 0, bytes: 0, readMessages: 0, readBytes: 0 });
  });

  it('waits as long as it may, and gives a message to who has waited longest', async () => {
    const w = newWorld(2);
    const [a, b] = [w.host(), w.host()];
    const log: string[] = [];
    const wait = (name: string, topic: string, timeout: number): Promise<unknown> =>
      b.mailbox
        .pop({ topic: utf8(topic) }, { timeout })
        .then((got) => log.push(`${name} ${got === null ? 'none' : 'one'}`));
    const waits = [wait('1', 'x', 10 * second), wait('2', 'x', 60 * second), wait('3', 'y', 60 * second)];
    const gone = new AbortController();
    waits.push(b.mailbox.pop({}, { timeout: 1e15, signal: gone.signal }).then((got) => log.push(`4 ${got}`)));
    w.run(5 * second);
    gone.abort();
    say(a, b, 'x');
    w.run(6 * second);
    say(a, b, 'x');
    w.run(second);
    w.run(60 * second);
    await Promise.all(waits);
    expect(log.sort()).toEqual(['1 one', '2 one', '3 none', '4 null']);
  });

  it('does not let more wait than it can look after', async () => {
    const w = newWorld(3);
    const b = w.host({ waiters: 2 });
    const waits = [b.mailbox.pop({}, { timeout: 5 }), b.mailbox.pop({}, { timeout: 5 })];
    await expect(b.mailbox.pop({}, { timeout: 5 })).rejects.toMatchObject({ code: 'BUSY' });
    expect(await b.mailbox.pop({})).toBeNull();
    b.mailbox.stop();
    expect(await Promise.all(waits)).toEqual([null, null]);
  });

  it('gives what was lent to nobody else, and to the next when it comes back', async () => {
    const w = newWorld(4);
    const [a, b] = [w.host(), w.host()];
    const id = say(a, b, 'x');
    w.run(second);
    const lent = await b.mailbox.borrow({});
    expect(await b.mailbox.pop({})).toBeNull();
    const waiting = b.mailbox.borrow({}, { timeout: 60 * second });
    lent?.giveBack();
    const again = await waiting;
    expect(again?.message.id).toBe(id);
    again?.done();
    w.run(second);
    expect(a.mailbox.status(id)?.state).toBe('read');
    expect(b.mailbox.list({}, 10)).toEqual([]);
  });

  it('keeps what was lent when the program ends before it was handed over', async () => {
    const w = newWorld(5);
    const [a, b] = [w.host(), w.host()];
    say(a, b, 'x');
    w.run(second);
    expect(await b.mailbox.borrow({})).not.toBeNull();
    b.kill();
    b.start();
    expect(await b.mailbox.pop({})).not.toBeNull();
  });

  it('gives an answer to who waits for that one', async () => {
    const w = newWorld(6);
    const [a, b] = [w.host(), w.host()];
    const id = say(a, b, 'q');
    const any = a.mailbox.pop({}, { timeout: 60 * second });
    const answer = a.mailbox.pop({ answerTo: id }, { timeout: 60 * second });
    w.run(second);
    b.mailbox.send({ destination: a.address, data: utf8('!'), replyTo: id });
    w.run(second);
    expect((await answer)?.data).toEqual(utf8('!'));
    w.run(60 * second);
    expect(await any).toBeNull();
  });
});

describe('an answer', () => {
  it('of somebody who was not asked is none', async () => {
    const w = newWorld(7);
    const [a, b, stranger] = [w.host(), w.host(), w.host()];
    const id = say(a, b, 'q');
    w.run(second);
    stranger.mailbox.send({ destination: a.address, data: utf8('I am b'), replyTo: id });
    w.run(second);
    expect(await a.mailbox.pop({ answerTo: id })).toBeNull();
    expect(await a.mailbox.pop({ scopes: [utf8('q')] })).toBeNull();
    expect(await a.mailbox.pop({})).toMatchObject({ key: stranger.publicKey, reply: false });
    b.mailbox.send({ destination: a.address, data: utf8('I am'), replyTo: id });
    w.run(second);
    expect(await a.mailbox.pop({ answerTo: id })).toMatchObject({ key: b.publicKey });
  });
});

describe('a full inbox', () => {
  const small: Partial<MailboxLimits> = { inboxMessages: 20, senderMessages: 8 };

  it('is filled by no one sender, and others go on', () => {
    const w = newWorld(10);
    const b = w.host(small);
    const [flood, honest] = [w.host(), w.host()];
    const ids = Array.from({ length: 100 }, (_, n) => say(flood, b, 'spam', `${n}`));
    w.run(60 * second);
    const kept = say(honest, b, 'x');
    w.run(60 * second);
    expect(honest.mailbox.status(kept)?.state).toBe('received');
    const from = (host: MailHost): number =>
      b.mailbox.list({}, 100).filter((row) => row.key.join() === host.publicKey.join()).length;
    expect(from(flood)).toBe(8);
    expect(ids.filter((id) => flood.mailbox.status(id)?.state === 'received').length).toBe(8);
  });

  it('leaves room for a newcomer however many have filled it', () => {
    const w = newWorld(11);
    const b = w.host({ inboxMessages: 40, senderMessages: 40 });
    for (let n = 0; n < 5; n++) {
      const flood = w.host();
      for (let m = 0; m < 25; m++) say(flood, b, 'spam', `${m}`);
    }
    w.run(200 * second);
    expect(b.mailbox.usage().inbox.messages).toBeLessThan(40);
    const honest = w.host();
    const id = say(honest, b, 'x');
    w.run(60 * second);
    expect(honest.mailbox.status(id)?.state).toBe('received');
  });

  it('takes the rest when there is room again, and gives up read messages for it', async () => {
    const w = newWorld(12);
    const b = w.host(small);
    const a = w.host();
    for (let n = 0; n < 12; n++) say(a, b, 'x', `${n}`);
    w.run(60 * second);
    expect(b.mailbox.list({}, 100).length).toBe(8);
    await b.mailbox.pop({});
    for (const { seq } of b.mailbox.list({}, 2)) b.mailbox.markRead(seq);
    a.mailbox.reachable(b.address);
    w.run(900 * second);
    expect(b.mailbox.usage().inbox).toMatchObject({ messages: 8, readMessages: 0 });
    expect(b.mailbox.list({ unread: true }, 100).length).toBe(8);
  });

  it('counts the same after a restart', () => {
    const w = newWorld(13);
    const b = w.host(small);
    const a = w.host();
    for (let n = 0; n < 5; n++) say(a, b, 'x', `${n}`);
    w.run(10 * second);
    b.mailbox.markRead(b.mailbox.list({}, 1)[0]?.seq ?? 0);
    const before = b.mailbox.usage();
    expect(before.inbox).toEqual({ messages: 5, bytes: 5, readMessages: 1, readBytes: 1 });
    b.kill();
    b.start();
    expect(b.mailbox.usage()).toEqual(before);
  });

  it('is shared so that no bound is passed and a newcomer finds room, whoever comes', () => {
    const limits = {
      ...defaultMailboxLimits,
      inboxMessages: 64,
      inboxBytes: 10_000,
      senderMessages: 40,
      senderBytes: 8_000,
    };
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(9), fc.nat(400)), { maxLength: 300 }), (messages) => {
        const quota = createQuota(limits);
        for (const [from, size] of messages) if (quota.fits(`${from}`, size)) quota.add(`${from}`, size);
        expect(quota.total().messages).toBeLessThanOrEqual(64);
        expect(quota.total().bytes).toBeLessThanOrEqual(10_000);
        expect(quota.fits('somebody new', 100)).toBe(true);
      }),
    );
  });
});

describe('what the mailbox remembers', () => {
  it('of one sender pushes out nothing of another', () => {
    const w = newWorld(20);
    const b = w.host({ seenOfSender: 10 });
    const [flood, honest] = [w.host(), w.host()];
    w.lose = ({ kind }, from) => kind === 'done-ack' && from === b && w.now() < 3_000;
    const id = say(honest, b, 'x');
    w.run(second);
    for (let n = 0; n < 100; n++) say(flood, b, 'spam', `${n}`);
    w.run(60 * second);
    const count = (table: string): number =>
      (b.database.db.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n;
    expect(count('seen')).toBe(11);
    expect(honest.mailbox.status(id)?.state).toBe('received');
    expect(b.mailbox.list({}, 200).length).toBe(101);
  });

  it('of what was sent is bounded, and what waits is never forgotten', () => {
    const w = newWorld(21);
    const a = w.host({ endedMessages: 5 });
    const b = w.host();
    const c = w.host();
    c.kill();
    const waiting = say(a, c, 'x');
    for (let n = 0; n < 120; n++) say(a, b, 'x', `${n}`);
    w.run(60 * second);
    a.kill();
    a.start();
    expect(a.mailbox.sent(1000).length).toBe(6);
    expect(a.mailbox.status(waiting)?.state).toBe('waiting');
  });

  it('to send is bounded for all and for each receiver', () => {
    const w = newWorld(22);
    const a = w.host({ outboxMessages: 5, destinationMessages: 3, outboxBytes: 1_000, destinationBytes: 600 });
    const [b, c] = [w.host(), w.host()];
    b.kill();
    c.kill();
    const full = expect.objectContaining({ code: 'OUTBOX_FULL' });
    a.mailbox.send({ destination: b.address, data: new Uint8Array(500) });
    expect(() => a.mailbox.send({ destination: b.address, data: new Uint8Array(101) })).toThrow(full);
    say(a, b, 'x');
    say(a, b, 'x');
    expect(() => say(a, b, 'x')).toThrow(full);
    say(a, c, 'x');
    expect(() => a.mailbox.send({ destination: c.address, data: new Uint8Array(500) })).toThrow(full);
    say(a, c, 'x');
    expect(() => say(a, c, 'x')).toThrow(full);
  });
});
