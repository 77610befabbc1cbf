import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '#core/crypto/bytes.ts';
import { addressOf } from '../identity/address.ts';
import { createDice } from '../testing/dice.ts';
import { createEventQueue } from '../testing/event-queue.ts';
import { subnetOf } from '../wire/prefix.ts';
import { decodeFragment, encodeFragment } from './fragment.ts';
import { createMessageStack, type Message, type MessageLimits, type MessageStack } from './message-stack.ts';
import type { DeliveryState } from './outgoing.ts';
import { createTopicRules, type TopicRules } from './topics.ts';

interface Host {
  readonly address: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly stack: MessageStack;
  readonly topics: TopicRules;
  readonly got: Message[];
  readonly states: [string, DeliveryState][];
  full: boolean;
}

/** Two stacks and a path between them that delays, loses and doubles, from a seed. */
function world(
  seed: number,
  path: { loss?: number; double?: number; latency?: number; drop?: (payload: Uint8Array) => boolean } = {},
) {
  const dice = createDice(seed);
  const queue = createEventQueue();
  let now = 0;
  let sent = 0;

  const host = (limits: Partial<MessageLimits> = {}): Host => {
    const publicKey = dice.bytes(32);
    const topics = createTopicRules(true);
    const made: Host = {
      address: addressOf(publicKey),
      publicKey,
      topics,
      got: [],
      states: [],
      full: false,
      stack: createMessageStack({
        now,
        random: (n) => dice.bytes(n),
        topics,
        limits,
        ports: {
          transmit: (destination, payload) => carry(made, destination, payload),
          deliver(message) {
            if (!made.full) made.got.push(message);
            return !made.full;
          },
          changed: (id, state) => made.states.push([id, state]),
        },
      }),
    };
    hosts.push(made);
    return made;
  };
  const hosts: Host[] = [];

  const carry = (from: Host, destination: Uint8Array, payload: Uint8Array): void => {
    sent++;
    const { loss = 0, double = 0, latency = 20, drop } = path;
    const to = hosts.find((one) => subnetOf(one.address).key === subnetOf(destination).key);
    if (to === undefined || drop?.(payload) === true || dice.next() < loss) return;
    for (let copies = dice.next() < double ? 2 : 1; copies > 0; copies--) {
      queue.add(now + latency * (1 + dice.next()), () => {
        to.stack.receive(now, from.address, destination, from.publicKey, payload);
      });
    }
  };

  const run = (ms: number): void => {
    const until = now + ms;
    for (;;) {
      const timers = hosts.map((one) => one.stack.next() ?? Number.POSITIVE_INFINITY);
      const timer = Math.min(...timers);
      const event = queue.take(Math.min(until, timer));
      if (event !== null) {
        now = event.at;
        event.run();
      } else if (timer <= until) {
        now = Math.max(now, timer);
        for (const one of hosts) one.stack.advance(now);
      } else break;
    }
    now = until;
  };
  return { host, run, dice, now: () => now, sent: () => sent };
}

describe('messages', () => {
  it('arrive whole at every length, over paths that lose, double and reorder', () => {
    fc.assert(
      fc.property(
        fc.nat(1_000_000),
        fc.oneof(fc.constantFrom(0, 1, 249, 250, 1299, 1300, 1301, 1549, 1550, 2600, 2601), fc.nat(60_000)),
        fc.constantFrom(0, 0.02, 0.2),
        (seed, length, loss) => {
          const w = world(seed, { loss, double: 0.05 });
          const [a, b] = [w.host(), w.host()];
          const data = w.dice.bytes(length);
          const id = a.stack.push(0, { destination: b.address, topic: utf8('t'), data });
          w.run(200_000);
          expect(b.got.map((message) => message.data)).toEqual([data]);
          expect(b.got[0]?.publicKey).toEqual(a.publicKey);
          expect(a.stack.status(id ?? '')?.state).toBe('received');
        },
      ),
      { numRuns: 60 },
    );
  });

  it('are answered, and read', () => {
    const w = world(1);
    const [a, b] = [w.host(), w.host()];
    const id = a.stack.push(0, { destination: b.address, topic: utf8('question'), data: utf8('?') }) ?? '';
    w.run(1000);
    const [question] = b.got;
    if (question === undefined) throw new Error('nothing came');
    b.stack.read(w.now(), question);
    b.stack.push(w.now(), { destination: question.source, data: utf8('!'), replyTo: question.id });
    w.run(1000);
    expect(a.got[0]).toMatchObject({ id, reply: true, data: utf8('!') });
    expect(a.states.filter(([one]) => one === id).map(([, state]) => state)).toEqual(['sending', 'received', 'read']);
  });

  it('are acknowledged again when the acknowledgement was lost, and delivered once', () => {
    let lost = 0;
    const w = world(2, { drop: (payload) => decodeFragment(payload)?.kind === 'done-ack' && lost++ < 5 });
    const [a, b] = [w.host(), w.host()];
    const id = a.stack.push(0, { destination: b.address, data: utf8('once') }) ?? '';
    w.run(30_000);
    expect(lost).toBeGreaterThan(5);
    expect(a.stack.status(id)?.state).toBe('received');
    expect(b.got.length).toBe(1);
  });

  it('are not acknowledged before they are kept', () => {
    const w = world(3);
    const [a, b] = [w.host(), w.host()];
    b.full = true;
    const id = a.stack.push(0, { destination: b.address, data: utf8('keep') }) ?? '';
    w.run(5_000);
    expect(a.stack.status(id)?.state).toBe('sending');
    b.full = false;
    w.run(5_000);
    expect(a.stack.status(id)?.state).toBe('received');
    expect(b.got.length).toBe(1);
  });

  it('to nobody are given up', () => {
    const w = world(4);
    const a = w.host();
    const id = a.stack.push(0, { destination: addressOf(w.dice.bytes(32)), data: utf8('?'), patience: 10_000 }) ?? '';
    w.run(9_999);
    expect(a.stack.status(id)?.state).toBe('pending');
    w.run(2);
    expect(a.stack.status(id)?.state).toBe('aborted');
    // INIT is not repeated ten times a second.
    expect(w.sent()).toBeLessThan(20);
    w.run(700_000);
    expect(a.stack.size().outgoing).toBe(0);
  });

  it('do not fill the path: a long one keeps a window', () => {
    let flying = 0;
    let most = 0;
    const w = world(5, {
      drop(payload) {
        const kind = decodeFragment(payload)?.kind;
        if (kind === 'chunk') most = Math.max(most, ++flying);
        if (kind === 'chunk-ack') flying--;
        return false;
      },
    });
    const [a, b] = [w.host(), w.host()];
    a.stack.push(0, { destination: b.address, data: w.dice.bytes(2_000_000) });
    w.run(60_000);
    expect(b.got.length).toBe(1);
    expect(most).toBeLessThanOrEqual(512);
  });

  it('keep to the rules of topics', () => {
    const w = world(6);
    const [a, b, c] = [w.host(), w.host(), w.host()];
    b.topics.add(utf8('closed'));
    b.topics.add(utf8('friends'));
    b.topics.allow(utf8('friends'), subnetOf(a.address));
    for (const from of [a, c]) {
      for (const topic of ['closed', 'friends', 'open'])
        from.stack.push(0, { destination: b.address, topic: utf8(topic), data: utf8(topic) });
    }
    w.run(5_000);
    const came = (from: Host): string[] =>
      b.got.filter((one) => one.publicKey === from.publicKey).map((one) => new TextDecoder().decode(one.topic));
    expect(came(a).sort()).toEqual(['friends', 'open']);
    expect(came(c)).toEqual(['open']);
    b.topics.setDefault(false);
    a.stack.push(w.now(), { destination: b.address, topic: utf8('open'), data: utf8('again') });
    w.run(5_000);
    expect(came(a).length).toBe(2);
  });

  it('of others cannot be finished, acknowledged or aborted by a stranger', () => {
    const w = world(7, { latency: 1000 });
    const [a, b, stranger] = [w.host(), w.host(), w.host()];
    const id = a.stack.push(0, { destination: b.address, data: w.dice.bytes(3000) }) ?? '';
    const forge = (to: Host, fragment: Parameters<typeof encodeFragment>[0]): void =>
      to.stack.receive(w.now(), stranger.address, to.address, stranger.publicKey, encodeFragment(fragment));
    forge(a, { kind: 'init-ack', id, reply: false, length: 3000, topicLength: 0 });
    expect(a.stack.status(id)?.state).toBe('pending');
    w.run(3500);
    forge(b, { kind: 'aborted', id });
    forge(b, { kind: 'chunk', id, index: 0, offset: 0, data: new Uint8Array(1000) });
    w.run(60_000);
    expect(a.stack.status(id)?.state).toBe('received');
    expect(b.got.length).toBe(1);
  });

  it('that are never finished cost little and are forgotten', () => {
    const w = world(8);
    const b = w.host({ length: 10_000, incoming: 5, incomingPerSource: 3, held: 5_000 });
    const strangers = Array.from({ length: 4 }, () => w.dice.bytes(32));
    for (const key of strangers) {
      for (let i = 0; i < 10; i++) {
        const id = `000000000000000${i}`;
        const send = (fragment: Parameters<typeof encodeFragment>[0]): void =>
          b.stack.receive(w.now(), addressOf(key), b.address, key, encodeFragment(fragment));
        send({ kind: 'init', id, reply: false, length: 2 ** 52, topic: utf8('') });
        send({ kind: 'init', id, reply: false, length: 9_000, topic: utf8('') });
        for (let c = 0; c < 40; c++) send({ kind: 'chunk', id, index: c, offset: c * 250, data: new Uint8Array(250) });
      }
    }
    expect(b.stack.size().incoming).toBe(5);
    expect(b.stack.size().held).toBeLessThanOrEqual(5_000);
    w.run(700_000);
    expect(b.stack.size()).toMatchObject({ incoming: 0, held: 0 });
  });

  it('survive any bytes', () => {
    const w = world(9);
    const b = w.host();
    const key = w.dice.bytes(32);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (payload) =>
        b.stack.receive(w.now(), addressOf(key), b.address, key, payload),
      ),
      { numRuns: 1000 },
    );
  });
});
