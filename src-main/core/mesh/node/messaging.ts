import type { Delivery } from '../forward/ports.ts';
import {
  createMessageStack,
  type Message,
  type MessageLimits,
  type MessagePorts,
  type MessageStatus,
  type NewMessage,
} from '../messages/message-stack.ts';
import type { DeliveryState } from '../messages/outgoing.ts';
import type { TopicRules } from '../messages/topics.ts';

export interface MessagingDeps extends Pick<MessagePorts, 'asked' | 'room' | 'readLate'> {
  readonly clock: () => number;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
  readonly random: (n: number) => Uint8Array;
  /** Send a payload of user type `message`. */
  readonly send: (destination: Uint8Array, payload: Uint8Array) => void;
  readonly topics: Pick<TopicRules, 'accepts'>;
  /** Keep a message; see `MessagePorts.deliver`. */
  readonly deliver: (message: Message) => boolean;
  readonly changed?: (id: string, state: DeliveryState) => void;
  readonly limits?: Partial<MessageLimits>;
}

/** The message stack on the clock and timers of a node. */
export interface Messaging {
  push(message: NewMessage): string | null;
  /** To be called for every delivery of type `message`. */
  receive(delivery: Delivery): void;
  read(message: Pick<Message, 'id' | 'source' | 'reply'>): void;
  abort(id: string): boolean;
  nudge(id: string): void;
  status(id: string): MessageStatus | null;
  stop(): void;
}

export function createMessaging(deps: MessagingDeps): Messaging {
  const { clock } = deps;
  const stack = createMessageStack({
    now: clock(),
    random: deps.random,
    topics: deps.topics,
    limits: deps.limits ?? {},
    ports: {
      transmit: deps.send,
      deliver: deps.deliver,
      changed: deps.changed ?? (() => {}),
      asked: deps.asked,
      room: deps.room,
      readLate: deps.readLate,
    },
  });
  let cancel: (() => void) | null = null;
  let due = Number.POSITIVE_INFINITY;
  let stopped = false;

  const arm = (): void => {
    const next = stack.next();
    if (stopped || next === null || (cancel !== null && next >= due)) return;
    cancel?.();
    due = next;
    cancel = deps.setTimer(Math.max(0, next - clock()), () => {
      cancel = null;
      stack.advance(clock());
      arm();
    });
  };
  const then = <T>(result: T): T => {
    arm();
    return result;
  };

  return {
    push: (message) => then(stack.push(clock(), message)),
    receive: ({ source, destination, publicKey, payload }) =>
      then(stack.receive(clock(), source, destination, publicKey, payload)),
    read: (message) => then(stack.read(clock(), message)),
    abort: (id) => then(stack.abort(clock(), id)),
    nudge: (id) => then(stack.nudge(clock(), id)),
    status: (id) => stack.status(id),
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}
