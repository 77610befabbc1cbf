import { describe, expect, it } from 'vitest';
import { blake3 } from '#core/crypto/blake3.ts';
import { utf8 } from '#core/crypto/bytes.ts';
import { addressOf } from '../identity/address.ts';
import { createDice } from '../testing/dice.ts';
import { decodeFragment, encodeFragment, type Fragment } from './fragment.ts';
import { createMessageStack, type Message, type MessageLimits, type MessagePorts } from './message-stack.ts';
import { createTopicRules } from './topics.ts';

const dice = createDice(5);
const here = addressOf(dice.bytes(32));
const key = dice.bytes(32);
const there = addressOf(key);

/** One stack, spoken to by hand as a peer would. */
function stack(ports: Partial<MessagePorts> = {}, limits: Partial<MessageLimits> = {}, acceptAll = true) {
  const got: Message[] = [];
  let answers: Fragment[] = [];
  const made = createMessageStack({
    now: 0,
    random: (n) => dice.bytes(n),
    topics: createTopicRules(acceptAll),
    limits,
    ports: {
      transmit(_, payload) {
        const fragment = decodeFragment(payload);
        if (fragment !== null) answers.push(fragment);
      },
      deliver: (message) => got.push(message) > 0,
      changed() {},
      ...ports,
    },
  });
  const say = (fragment: Fragment, from = key): string[] => {
    answers = [];
    made.receive(1, addressOf(from), here, from, encodeFragment(fragment));
    return answers.map((one) => one.kind);
  };
  const send = (id: string, data: Uint8Array, from = key, reply = false): string[] => [
    ...say({ kind: 'init', id, reply, length: data.length, topic: new Uint8Array(0) }, from),
    ...say({ kind: 'chunk', id, index: 0, offset: 0, data }, from),
    ...say({ kind: 'done', id, chunks: 1, digest: blake3(data) }, from),
  ];
  return { made, say, send, got };
}

const id = '00000000000000aa';
const all = ['init-ack', 'chunk-ack', 'done-ack'];

describe('a message stack, when the other side restarted', () => {
  it('acknowledges a message that is sent all over again, and delivers it once', () => {
    const { send, got, made } = stack();
    expect(send(id, utf8('hello'))).toEqual(all);
    expect(send(id, utf8('hello'))).toEqual(all);
    expect(got.map((one) => one.data)).toEqual([utf8('hello')]);
    expect(got[0]?.digest).toEqual(blake3(utf8('hello')));
    expect(made.size()).toMatchObject({ incoming: 0, held: 0 });
  });

  it('takes another message under the same id, as a second answer is', () => {
    const { send, got } = stack();
    send(id, utf8('first'));
    expect(send(id, utf8('longer'))).toEqual(all);
    // Of the same length it looks like the one before until its end; the sender's next attempt succeeds.
    expect(send(id, utf8('second'))).toEqual(['init-ack', 'chunk-ack']);
    expect(send(id, utf8('second'))).toEqual(all);
    expect(got.map((one) => new TextDecoder().decode(one.data))).toEqual(['first', 'longer', 'second']);
  });

  it('takes an answer to what it was told that we sent, and no other', () => {
    const { send, got } = stack({ asked: (asked, source) => asked === id && source[0] === there[0] }, {}, false);
    expect(send('00000000000000bb', utf8('!'), key, true)).toEqual([]);
    expect(send(id, utf8('!'))).toEqual([]);
    expect(send(id, utf8('!'), key, true)).toEqual(all);
    expect(got).toMatchObject([{ id, reply: true }]);
  });

  it('passes on that a message it no longer knows was read', () => {
    const read: string[] = [];
    const { say } = stack({ readLate: (one) => read.push(one) });
    expect(say({ kind: 'read', id })).toEqual([]);
    expect(read).toEqual([id]);
  });
});

describe('a message stack under load', () => {
  it('does not begin what there is no room for', () => {
    const { send, got } = stack({ room: (_, length) => length < 5 });
    expect(send(id, utf8('12345'))).toEqual([]);
    expect(send(id, utf8('1234'))).toEqual(all);
    expect(got.length).toBe(1);
  });

  it('lets no sender hold what all may hold together', () => {
    const { say, made } = stack({}, { held: 4_000, heldPerSource: 1_000 });
    const other = dice.bytes(32);
    const chunks = (from: Uint8Array): number => {
      say({ kind: 'init', id, reply: false, length: 3_000, topic: new Uint8Array(0) }, from);
      let taken = 0;
      for (let index = 0; index < 6; index++) {
        taken += say({ kind: 'chunk', id, index, offset: index * 500, data: new Uint8Array(500) }, from).length;
      }
      return taken;
    };
    expect(chunks(key)).toBe(2);
    expect(chunks(other)).toBe(2);
    say({ kind: 'aborted', id });
    expect(made.size().held).toBe(1_000);
    expect(chunks(key)).toBe(2);
  });
});
