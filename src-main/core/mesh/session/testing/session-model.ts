import { x25519PublicKey } from '#core/crypto/agree.ts';
import { concatBytes } from '#core/crypto/bytes.ts';
import { toHex } from '#core/crypto/encoding.ts';
import { seededRandom } from '#core/testing/fake-host.ts';
import type { Delivery, SendOptions } from '../../forward/ports.ts';
import { addressOf } from '../../identity/address.ts';
import { createDice, type Dice } from '../../testing/dice.ts';
import { createEventQueue } from '../../testing/event-queue.ts';
import type { UserType } from '../../wire/user-data.ts';
import type { SessionLimits, SessionTimes } from '../constants.ts';
import { opportunistic, type SessionPolicy } from '../policy.ts';
import { createSessions, type Sessions } from '../sessions.ts';

/** What the network between the model's nodes does to a packet. */
export interface Weather {
  /** Of 1. */
  loss: number;
  duplicates: number;
  /** Milliseconds, at least and at most: packets overtake each other in between. */
  delay: readonly [number, number];
}

/** A packet under the seal of the two nodes, as the network carried it: who has seen it may send it again. */
export interface Sealed {
  readonly from: ModelNode;
  readonly to: ModelNode;
  readonly type: UserType;
  readonly payload: Uint8Array;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
}

export interface ModelNode {
  readonly publicKey: Uint8Array;
  readonly address: Uint8Array;
  /** Null at a node that knows no sessions. */
  sessions: Sessions | null;
  readonly got: Delivery[];
  readonly refused: Uint8Array[];
  /** Whether a session came or went, in order. */
  readonly changes: boolean[];
  send(to: ModelNode, data: Uint8Array, type?: Delivery['type'], options?: SendOptions): boolean;
  /** Lose everything in memory but the key. */
  restart(): void;
}

/** Nodes, and a network that seals as the mesh does and otherwise behaves as told; time stands still until `run`. */
export interface SessionModel {
  readonly weather: Weather;
  readonly dice: Dice;
  now(): number;
  node(options?: { plain?: boolean; policy?: SessionPolicy }): ModelNode;
  /** All that was ever sent, lost or not. */
  readonly air: Sealed[];
  /** Called before a packet goes: false drops it. */
  filter: (packet: Sealed) => boolean;
  /** Bring a packet to its destination, or to another node, once more. */
  inject(packet: Sealed, changes?: { from?: ModelNode; to?: ModelNode; payload?: Uint8Array }): void;
  run(ms: number): void;
}

export interface ModelOptions {
  readonly times?: Partial<SessionTimes>;
  readonly limits?: Partial<SessionLimits>;
}

export function createSessionModel(seed: number, options: ModelOptions = {}): SessionModel {
  const dice = createDice(seed);
  const queue = createEventQueue();
  const nodes: ModelNode[] = [];
  const air: Sealed[] = [];
  let time = 1000;

  const at = (address: Uint8Array): ModelNode | null =>
    nodes.find((node) => toHex(node.address.subarray(0, 8)) === toHex(address.subarray(0, 8))) ?? null;

  const bring = (packet: Sealed): void => {
    const { from, to, type, source, destination } = packet;
    const payload = packet.payload.slice();
    const delivery = { source, destination, hopLimit: 60, payload, publicKey: from.publicKey };
    if (type === 'session') to.sessions?.receive(time, delivery);
    else if (type !== 'icmp') {
      if (to.sessions === null) to.got.push({ type, ...delivery });
      else to.sessions.receiveStatic(time, { type, ...delivery });
    }
    arm(to);
  };

  const armed = new Map<ModelNode, number>();
  const arm = (node: ModelNode): void => {
    const due = node.sessions?.next() ?? Number.POSITIVE_INFINITY;
    if (due >= (armed.get(node) ?? Number.POSITIVE_INFINITY)) return;
    armed.set(node, due);
    queue.add(due, () => {
      armed.delete(node);
      node.sessions?.advance(time);
      arm(node);
    });
  };

  const model: SessionModel = {
    weather: { loss: 0, duplicates: 0, delay: [10, 10] },
    dice,
    air,
    now: () => time,
    filter: () => true,
    node({ plain = false, policy = opportunistic } = {}) {
      const secret = dice.bytes(32);
      const publicKey = x25519PublicKey(secret);
      const address = addressOf(publicKey);
      const transmit = (
        type: UserType,
        destination: Uint8Array,
        payload: Uint8Array,
        options?: SendOptions,
      ): boolean => {
        const to = at(destination);
        if (to === null) return true;
        const source = options?.source ?? address;
        const packet: Sealed = { from: node, to, type, payload: payload.slice(), source, destination };
        air.push(packet);
        if (!model.filter(packet)) return true;
        const { loss, duplicates, delay } = model.weather;
        const copies = dice.next() < loss ? 0 : dice.next() < duplicates ? 2 : 1;
        for (let i = 0; i < copies; i++) {
          queue.add(time + delay[0] + dice.next() * (delay[1] - delay[0]), () => bring(packet));
        }
        return true;
      };
      const boot = (): Sessions | null =>
        plain
          ? null
          : createSessions({
              self: { secret, publicKey },
              now: time,
              random: seededRandom(dice.below(2 ** 31)),
              policy,
              ...options,
              ports: {
                transmit: (destination, payload, sendOptions) => transmit('session', destination, payload, sendOptions),
                sendStatic: transmit,
                deliver: (delivery) => node.got.push(delivery),
                keyOf: (destination) => at(destination)?.publicKey ?? null,
                refused: ({ payload }) => node.refused.push(payload),
                changed: (_, established) => node.changes.push(established),
              },
            });
      const node: ModelNode = {
        ...{ publicKey, address, sessions: null, got: [], refused: [], changes: [] },
        send(to, data, type = 'message', sendOptions) {
          const payload = type === 'message' ? data : ipv6(address, to.address, data);
          const sent =
            node.sessions === null
              ? transmit(type, to.address, payload, sendOptions)
              : node.sessions.send(time, type, to.address, payload, sendOptions);
          arm(node);
          return sent;
        },
        restart() {
          node.sessions = boot();
        },
      };
      node.sessions = boot();
      nodes.push(node);
      return node;
    },
    inject(packet, changes = {}) {
      queue.add(time, () => bring({ ...packet, ...changes }));
    },
    run(ms) {
      const until = time + ms;
      for (let event = queue.take(until); event !== null; event = queue.take(until)) {
        time = Math.max(time, event.at);
        event.run();
      }
      time = until;
    },
  };
  return model;
}

/** An IPv6 packet that holds `data`, hop limit 64, next header 59 (nothing). */
export function ipv6(source: Uint8Array, destination: Uint8Array, data: Uint8Array): Uint8Array {
  const head = new Uint8Array(40);
  head.set([0x60, 0, 0, 0, data.length >> 8, data.length & 255, 59, 64]);
  head.set(source, 8);
  head.set(destination, 24);
  return concatBytes(head, data);
}

/** What the node got, as texts of hex. */
export function textsOf(node: ModelNode): string[] {
  return node.got.map(({ type, payload }) => toHex(type === 'ipv6' ? payload.subarray(40) : payload));
}

export function isEstablished(node: ModelNode, now: number): boolean {
  return node.sessions?.status(now).some(({ state }) => state === 'established') ?? false;
}
