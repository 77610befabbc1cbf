import { blake3 } from '#core/crypto/blake3.ts';
import { toHex } from '#core/crypto/ids.ts';
import { createTimingWheel } from '../time/timing-wheel.ts';
import { subnetOf } from '../wire/prefix.ts';
import { decodeFragment, encodeFragment, type Fragment, maxTopicBytes } from './fragment.ts';
import { createOutgoing, type DeliveryState, type Outgoing } from './outgoing.ts';
import { createReceiver } from './receiver.ts';
import type { TopicRules } from './topics.ts';

/** A message that arrived whole. */
export interface Message {
  /** 16 hex digits. */
  readonly id: string;
  /** 16 bytes. */
  readonly source: Uint8Array;
  /** 32 bytes, of the sender. */
  readonly publicKey: Uint8Array;
  readonly destination: Uint8Array;
  readonly topic: Uint8Array;
  readonly data: Uint8Array;
  /** BLAKE3 of `data`, 32 bytes. */
  readonly digest: Uint8Array;
  /** It answers the message of ours with this id. */
  readonly reply: boolean;
}

export interface NewMessage {
  readonly destination: Uint8Array;
  readonly topic?: Uint8Array;
  readonly data: Uint8Array;
  /** The id of the message this answers. */
  readonly replyTo?: string;
  /** An id chosen before, so that a message sent again after a restart is known again. */
  readonly id?: string;
  /** Milliseconds after which it is given up; 300,000 as with the daemon. */
  readonly patience?: number;
}

export interface MessageStatus {
  readonly destination: Uint8Array;
  readonly state: DeliveryState;
  /** When it was pushed, on the stack's clock. */
  readonly created: number;
  readonly length: number;
  readonly chunks: number;
  readonly acked: number;
  /** Sent and not acknowledged yet. */
  readonly flying: number;
}

export interface MessagePorts {
  /** Send a fragment, as a payload of user type `message`. */
  transmit(destination: Uint8Array, payload: Uint8Array): void;
  /**
   * Keep a message. It is acknowledged to the sender when this returned true, so that what was acknowledged is kept; with
   * false the sender tries again.
   */
  deliver(message: Message): boolean;
  changed(id: string, state: DeliveryState): void;
  /** Whether we sent the message with this id to that node, further back than the stack remembers: then it may answer. */
  asked?(id: string, source: Uint8Array, publicKey: Uint8Array): boolean;
  /** Whether a message of this length from this sender could be kept now. Without room it is not begun. */
  room?(publicKey: Uint8Array, length: number): boolean;
  /** Somebody says that a message was read which the stack no longer knows. */
  readLate?(id: string, source: Uint8Array): void;
}

export interface MessageLimits {
  /** Bytes of one message. */
  readonly length: number;
  /** Messages coming in at one time, from all and from one subnet. */
  readonly incoming: number;
  readonly incomingPerSource: number;
  /** Bytes of them held, from all and from one subnet. */
  readonly held: number;
  readonly heldPerSource: number;
}

export const defaultMessageLimits: MessageLimits = {
  length: 64 * 1024 * 1024,
  incoming: 1_000,
  incomingPerSource: 50,
  held: 256 * 1024 * 1024,
  heldPerSource: 64 * 1024 * 1024,
};

/** Reliable messages with topics and replies, in both directions. Pure: time comes in with each call, packets go by ports. */
export interface MessageStack {
  /** @returns the message's id, or null when its topic or data is too long or its id is on its way already */
  push(now: number, message: NewMessage): string | null;
  /** A payload of user type `message` arrived. */
  receive(now: number, source: Uint8Array, destination: Uint8Array, publicKey: Uint8Array, payload: Uint8Array): void;
  /** The application took the message: tell its sender. */
  read(now: number, message: Pick<Message, 'id' | 'source' | 'reply'>): void;
  abort(now: number, id: string): boolean;
  /** The receiver of this message may be back: try at once. */
  nudge(now: number, id: string): void;
  status(id: string): MessageStatus | null;
  advance(now: number): void;
  /** When `advance` has something to do; null for never. */
  next(): number | null;
  size(): { outgoing: number; incoming: number; held: number; completed: number };
}

const defaultPatience = 300_000;
/** How long after its end a message of ours can be asked about. */
const remember = 600_000;

export function createMessageStack(deps: {
  readonly now: number;
  readonly random: (n: number) => Uint8Array;
  readonly ports: MessagePorts;
  readonly topics: Pick<TopicRules, 'accepts'>;
  readonly limits?: Partial<MessageLimits>;
}): MessageStack {
  const { ports, topics } = deps;
  const limits = { ...defaultMessageLimits, ...deps.limits };
  const wheel = createTimingWheel(deps.now);
  const outgoing = new Map<string, { message: NewMessage; created: number; subnet: string; sender: Outgoing }>();
  const receiver = createReceiver({
    wheel,
    topics,
    limits,
    ports,
    sent: (id, subnet) => outgoing.get(id)?.subnet === subnet,
  });

  const answer = (to: Uint8Array, fragment: Fragment): void => ports.transmit(to, encodeFragment(fragment));

  const handle = (source: Uint8Array, destination: Uint8Array, publicKey: Uint8Array, fragment: Fragment): void => {
    switch (fragment.kind) {
      case 'init': {
        const { id, reply, length, topic } = fragment;
        if (receiver.init(source, publicKey, fragment)) {
          answer(source, { kind: 'init-ack', id, reply, length, topicLength: topic.length });
        }
        return;
      }
      case 'chunk': {
        const { id, index, offset, data } = fragment;
        if (receiver.chunk(source, fragment))
          answer(source, { kind: 'chunk-ack', id, index, offset, size: data.length });
        return;
      }
      case 'done':
        if (receiver.done({ source, destination, publicKey }, fragment)) {
          answer(source, { ...fragment, kind: 'done-ack' });
        }
        return;
      case 'aborted':
        receiver.aborted(source, fragment.id);
        return;
      default: {
        // Only who got the message may say what became of it.
        const ours = outgoing.get(fragment.id);
        if (ours === undefined && fragment.kind === 'read') ports.readLate?.(fragment.id, source);
        if (ours?.subnet === subnetOf(source).key) ours.sender.receive(fragment);
      }
    }
  };

  return {
    push(now, message) {
      wheel.advance(now);
      const { topic = new Uint8Array(0), data, destination } = message;
      const id = message.replyTo ?? message.id ?? toHex(deps.random(8));
      const before = outgoing.get(id)?.sender.state();
      if (topic.length > maxTopicBytes || data.length > limits.length) return null;
      if (before === 'pending' || before === 'sending') return null;
      const sender = createOutgoing({
        id,
        reply: message.replyTo !== undefined,
        topic: message.replyTo === undefined ? topic : new Uint8Array(0),
        data,
        digest: blake3(data),
        patience: message.patience ?? defaultPatience,
        wheel,
        transmit: (fragment) => ports.transmit(destination, encodeFragment(fragment)),
        changed(state) {
          ports.changed(id, state);
          if (state === 'sending') return;
          wheel.schedule(wheel.now() + remember, () => {
            if (outgoing.get(id)?.sender === sender) outgoing.delete(id);
          });
        },
      });
      outgoing.set(id, { message, created: wheel.now(), subnet: subnetOf(destination).key, sender });
      return id;
    },
    receive(now, source, destination, publicKey, payload) {
      wheel.advance(now);
      const fragment = decodeFragment(payload);
      if (fragment !== null) handle(source, destination, publicKey, fragment);
    },
    read(now, message) {
      wheel.advance(now);
      if (!message.reply) answer(message.source, { kind: 'read', id: message.id });
    },
    abort(now, id) {
      wheel.advance(now);
      const ours = outgoing.get(id);
      ours?.sender.abort();
      return ours !== undefined;
    },
    nudge(now, id) {
      wheel.advance(now);
      outgoing.get(id)?.sender.nudge();
    },
    status(id) {
      const ours = outgoing.get(id);
      if (ours === undefined) return null;
      const { message, created, sender } = ours;
      const { destination, data } = message;
      return { destination, state: sender.state(), created, length: data.length, ...sender.progress() };
    },
    advance: (now) => wheel.advance(now),
    next: () => wheel.next(),
    size: () => ({ outgoing: outgoing.size, ...receiver.size() }),
  };
}
