import { expect, it } from 'vitest';
import { toHex } from '#core/crypto/ids.ts';
import { systemRandom } from '#core/crypto/random.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Lent, Mailbox, Outgoing } from '../mailbox/index.ts';
import { createCardExchange } from './card-exchange.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** A mailbox into which messages are put by hand. */
function fakeMailbox() {
  const sent: Outgoing[] = [];
  const waiting: ((lent: Lent) => void)[] = [];
  const queue: Lent[] = [];
  const mailbox = {
    send: (message: Outgoing) => `${sent.push(message)}`,
    sent: () => [],
    borrow: () =>
      new Promise<Lent>((resolve) => {
        const next = queue.shift();
        if (next === undefined) waiting.push(resolve);
        else resolve(next);
      }),
  } as unknown as Mailbox;
  return {
    mailbox,
    sent,
    /** Resolves when it was dealt with. */
    come: (data: string, reply: boolean, key = systemRandom(32), remove = () => {}) =>
      new Promise<void>((resolve) => {
        const done = (): void => {
          resolve();
          remove();
        };
        const lent = { message: { id: 'a1', key, data: text(data), reply }, done } as unknown as Lent;
        const taker = waiting.shift();
        if (taker === undefined) queue.push(lent);
        else taker(lent);
      }),
  };
}

it('answers whoever knows the person’s id with the whole card, but none who is blocked; keeps what comes while locked', async () => {
  const { mailbox, sent, come } = fakeMailbox();
  const taken: string[] = [];
  let locked = true;
  let fullDisk = false;
  const blocked = systemRandom(32);
  const end = new AbortController();
  const exchange = createCardExchange({
    cards: {
      waiting: () => [],
      peers: () => [{ contact: 'c1', meshKeys: [toHex(blocked)], blocked: true }],
      take(card) {
        if (fullDisk) throw new Error('database or disk is full');
        if (locked) return 'later';
        taken.push(new TextDecoder().decode(card));
        return 'updated';
      },
      myCard: () => text('whole'),
    },
    person: () => 'hy1ann',
    clock: () => 0,
    setTimer: () => () => {},
    log: silentLog,
  });
  exchange.serve(mailbox, end.signal);
  for (const wrong of ['', 'hy1bob', 'hy1ann ', 'x'.repeat(10_000)]) await come(wrong, false);
  await come('hy1ann', false, blocked);
  expect(sent).toEqual([]);
  const key = systemRandom(32);
  await come('hy1ann', false, key);
  expect(sent).toMatchObject([{ destination: key, replyTo: 'a1', data: text('whole') }]);
  await come('a card', true);
  expect(taken).toEqual([]);
  locked = false;
  exchange.changed();
  expect(taken).toEqual(['a card']);
  fullDisk = true;
  await come('one that finds no room', true);
  fullDisk = false;
  await come('the next', true);
  expect(taken).toEqual(['a card', 'the next']);
  end.abort();
});

it('goes on after the mailbox could not be written, and a moment later only', async () => {
  const { mailbox, sent, come } = fakeMailbox();
  const end = new AbortController();
  const pauses: (() => void)[] = [];
  createCardExchange({
    cards: { waiting: () => [], peers: () => [], take: () => 'updated', myCard: () => text('whole') },
    person: () => 'hy1ann',
    clock: () => 0,
    setTimer(_, fire) {
      pauses.push(fire);
      return () => {};
    },
    log: silentLog,
  }).serve(mailbox, end.signal);
  await come('no room for this', true, undefined, () => {
    throw fail('DISK_FULL', 'The disk is full.');
  });
  await expect.poll(() => pauses.length).toBe(1);
  const next = come('hy1ann', false);
  await Promise.resolve();
  expect(sent).toEqual([]);
  pauses[0]?.();
  await next;
  expect(sent).toHaveLength(1);
  end.abort();
});

it('neither answers nor asks where the outbox cannot be written, and does both once it can', async () => {
  const { mailbox, sent, come } = fakeMailbox();
  const end = new AbortController();
  let full = true;
  let now = 0;
  const send = mailbox.send;
  const exchange = createCardExchange({
    cards: {
      waiting: () => [{ contact: 'c1', person: 'hy1ben', meshKeys: ['07'.repeat(32)] }],
      ...{ peers: () => [], take: () => 'updated', myCard: () => text('whole') },
    } as Parameters<typeof createCardExchange>[0]['cards'],
    person: () => 'hy1ann',
    clock: () => now,
    setTimer: () => () => {},
    log: silentLog,
  });
  const writes: Mailbox['send'] = (message) => {
    if (full) throw fail('DISK_FULL', 'The disk is full.');
    return send(message);
  };
  exchange.serve({ ...mailbox, send: writes }, end.signal);
  await come('hy1ann', false);
  expect(sent).toEqual([]);
  full = false;
  await come('hy1ann', false);
  expect(sent).toMatchObject([{ replyTo: 'a1', data: text('whole') }]);
  exchange.changed();
  expect(sent).toHaveLength(1);
  // Who could not be asked is asked again as everybody is, after an hour.
  now = 3_600_000;
  exchange.changed();
  expect(sent).toMatchObject([{}, { data: text('hy1ben') }]);
  end.abort();
});
