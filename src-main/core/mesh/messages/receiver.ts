import { toHex } from '#core/crypto/ids.ts';
import type { TimingWheel } from '../time/timing-wheel.ts';
import { subnetOf } from '../wire/prefix.ts';
import type { ChunkFragment, DoneFragment, InitFragment } from './fragment.ts';
import { createIncoming, type Incoming } from './incoming.ts';
import type { Message, MessageLimits, MessagePorts } from './message-stack.ts';
import type { TopicRules } from './topics.ts';

interface ReceiverDeps {
  readonly wheel: TimingWheel;
  readonly topics: Pick<TopicRules, 'accepts'>;
  readonly limits: MessageLimits;
  readonly ports: Pick<MessagePorts, 'deliver' | 'asked' | 'room'>;
  /** Whether the stack itself sent the message with this id to the subnet, so that it may be answered. */
  readonly sent: (id: string, subnet: string) => boolean;
}

/** The receiving half of the message stack. Each call says whether the fragment is to be acknowledged. */
export interface Receiver {
  init(source: Uint8Array, publicKey: Uint8Array, fragment: InitFragment): boolean;
  chunk(source: Uint8Array, fragment: ChunkFragment): boolean;
  done(from: Pick<Message, 'source' | 'destination' | 'publicKey'>, fragment: DoneFragment): boolean;
  aborted(source: Uint8Array, id: string): void;
  size(): { incoming: number; held: number; completed: number };
}

interface Pending {
  readonly incoming: Incoming;
  readonly subnet: string;
  touched: number;
}

/** What arrived lately, so that its sender can be told again. */
interface Completed {
  readonly digest: Uint8Array;
  readonly length: number;
}

/** How long a repeated DONE is answered. */
const remember = 600_000;
/** A message that makes no progress for so long is forgotten. */
const stalledAfter = 300_000;
const mostCompleted = 20_000;

export function createReceiver({ wheel, topics, limits, ports, sent }: ReceiverDeps): Receiver {
  const pending = new Map<string, Pending>();
  /** By sender and id. */
  const completed = new Map<string, Completed>();
  /** Bytes, by subnet. */
  const heldBy = new Map<string, number>();
  let held = 0;

  const keyOf = (source: Uint8Array, id: string): string => `${subnetOf(source).key} ${id}`;

  const hold = (subnet: string, bytes: number): void => {
    held += bytes;
    const now = (heldBy.get(subnet) ?? 0) + bytes;
    if (now > 0) heldBy.set(subnet, now);
    else heldBy.delete(subnet);
  };

  const forget = (key: string): void => {
    const one = pending.get(key);
    if (one !== undefined) hold(one.subnet, -one.incoming.held());
    pending.delete(key);
  };

  const watch = (key: string, one: Pending): void => {
    wheel.schedule(one.touched + stalledAfter, () => {
      if (pending.get(key) !== one) return;
      if (wheel.now() - one.touched >= stalledAfter) forget(key);
      else watch(key, one);
    });
  };

  const complete = (key: string, one: Completed): void => {
    if (completed.size >= mostCompleted) completed.delete(completed.keys().next().value as string);
    completed.set(key, one);
    wheel.schedule(wheel.now() + remember, () => {
      if (completed.get(key) === one) completed.delete(key);
    });
  };

  return {
    init(source, publicKey, fragment) {
      const key = keyOf(source, fragment.id);
      const { key: subnet } = subnetOf(source);
      const before = completed.get(key);
      // A sender that restarted before it was told begins anew; nothing of it is stored a second time.
      if (before?.length === fragment.length) return true;
      const awaited =
        fragment.reply && (sent(fragment.id, subnet) || (ports.asked?.(fragment.id, source, publicKey) ?? false));
      if (!awaited && !topics.accepts(fragment.topic, source)) return false;
      if (fragment.length > limits.length) return false;
      const known = pending.get(key);
      // Said twice, it keeps what came in between.
      if (known !== undefined && known.incoming.length === fragment.length) return true;
      if (known !== undefined) forget(key);
      if (pending.size >= limits.incoming) return false;
      let fromSource = 0;
      for (const one of pending.values()) if (one.subnet === subnet) fromSource++;
      if (fromSource >= limits.incomingPerSource) return false;
      if (ports.room?.(publicKey, fragment.length) === false) return false;
      // Another message under an id that was used: an answer may follow an answer.
      completed.delete(key);
      const made: Pending = { incoming: createIncoming(fragment), subnet, touched: wheel.now() };
      pending.set(key, made);
      watch(key, made);
      return true;
    },
    chunk(source, fragment) {
      const key = keyOf(source, fragment.id);
      const one = pending.get(key);
      if (one === undefined) return completed.has(key);
      const { length } = fragment.data;
      if (held + length > limits.held || (heldBy.get(one.subnet) ?? 0) + length > limits.heldPerSource) return false;
      const before = one.incoming.held();
      if (!one.incoming.chunk(fragment)) return false;
      hold(one.subnet, one.incoming.held() - before);
      one.touched = wheel.now();
      return true;
    },
    done({ source, destination, publicKey }, fragment) {
      const { id, digest } = fragment;
      const key = keyOf(source, id);
      // A lost acknowledgement is given again (the daemon stays silent, and its peer believes the message failed).
      const before = completed.get(key);
      if (before !== undefined) {
        if (toHex(before.digest) === toHex(digest)) return true;
        // Not that one again, as its INIT looked, but another of its length: taken when the sender begins anew.
        completed.delete(key);
        return false;
      }
      const one = pending.get(key);
      const data = one?.incoming.done(fragment) ?? null;
      if (one === undefined || data === null) return false;
      const { topic, reply } = one.incoming;
      if (!ports.deliver({ id, source, publicKey, destination, topic, data, digest, reply })) return false;
      forget(key);
      complete(key, { digest, length: data.length });
      return true;
    },
    aborted: (source, id) => forget(keyOf(source, id)),
    size: () => ({ incoming: pending.size, held, completed: completed.size }),
  };
}
