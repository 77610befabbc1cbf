import type { Delivery, SendOptions, SessionDelivery, Undelivered } from '../forward/ports.ts';
import { checkHostPacket, errorForHost } from '../icmp/host-packet.ts';
import { type IcmpKind, noRoute } from '../icmp/icmpv6.ts';
import type { NodeIdentity } from '../identity/node-identity.ts';
import type { UserType } from '../wire/user-data.ts';
import type { SessionLimits, SessionTimes } from './constants.ts';
import type { SessionPolicy } from './policy.ts';
import { createSessions } from './sessions.ts';
import { sessionOverhead } from './wire.ts';
import type { SessionCounters, SessionStatus } from './world.ts';

export interface SecureLayerDeps {
  /** The node's own. */
  readonly self: NodeIdentity;
  readonly random: (n: number) => Uint8Array;
  /** Milliseconds on a clock that never goes back, whatever is done to the time of day. */
  readonly clock: () => number;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
  /** {@link MeshNode.send}. */
  readonly send: (type: UserType, destination: Uint8Array, payload: Uint8Array, options?: SendOptions) => boolean;
  /** The public key that routing knows for an address; null when it knows none. */
  readonly keyOf: (address: Uint8Array) => Uint8Array | null;
  readonly policy: SessionPolicy;
  /** What was sealed for us, in a session or, where that is allowed, without. */
  readonly deliver: (delivery: Delivery) => void;
  readonly undelivered?: (packet: Undelivered) => void;
  /** A session with this peer (32 bytes) came to be, or its last one ended. */
  readonly changed?: (publicKey: Uint8Array, established: boolean) => void;
  readonly times?: Partial<SessionTimes>;
  readonly limits?: Partial<SessionLimits>;
}

/**
 * Between a node and what uses it: what goes to another Hypha node goes in a session, which has forward secrecy and takes
 * nothing twice; what goes to others goes as it always did. Nobody but the two nodes can see which.
 */
export interface SecureLayer {
  /** As {@link MeshNode.send}. @returns false when it cannot be sent; true is no promise that it arrives */
  send(type: Delivery['type'], destination: Uint8Array, payload: Uint8Array, options?: SendOptions): boolean;
  /** As {@link MeshNode.sendPacket}. */
  sendPacket(packet: Uint8Array): Uint8Array | null;
  /** For `deliver` of the node. */
  receive(delivery: Delivery): void;
  /** For `session` of the node. */
  receiveSession(delivery: SessionDelivery): void;
  /** For `undelivered` of the node. */
  lost(packet: Undelivered): void;
  /** Contacts changed: ask the policy again. */
  policyChanged(): void;
  status(): SessionStatus[];
  readonly counters: Readonly<SessionCounters>;
  /** Erase the keys. */
  stop(): void;
}

/** RFC 4443 section 3.1: "communication with destination administratively prohibited". */
const prohibited: IcmpKind = { type: 1, code: 1 };

/** The largest packet for an IP stack above the layer, where `linkMtu` is the largest that the network carries without it. */
export function secureMtu(linkMtu: number): number {
  return linkMtu - sessionOverhead;
}

export function createSecureLayer(deps: SecureLayerDeps): SecureLayer {
  const { clock, self } = deps;
  const undelivered = deps.undelivered ?? (() => {});
  let stopped = false;
  let cancel: (() => void) | null = null;
  let armedFor = Number.POSITIVE_INFINITY;

  const sessions = createSessions({
    self,
    now: clock(),
    random: deps.random,
    policy: deps.policy,
    times: deps.times,
    limits: deps.limits,
    ports: {
      transmit: (destination, payload, options) => deps.send('session', destination, payload, options),
      sendStatic: deps.send,
      keyOf: deps.keyOf,
      deliver: deps.deliver,
      refused: ({ type, destination, payload }) =>
        undelivered({ kind: prohibited, type, destination, payload, router: null }),
      changed: deps.changed ?? (() => {}),
    },
  });

  /** One timer of the system's for all sessions. */
  const arm = (): void => {
    const next = sessions.next();
    if (stopped || next >= armedFor) return;
    cancel?.();
    armedFor = next;
    cancel = deps.setTimer(Math.max(0, next - clock()), () => {
      cancel = null;
      armedFor = Number.POSITIVE_INFINITY;
      sessions.advance(clock());
      arm();
    });
  };

  const send: SecureLayer['send'] = (type, destination, payload, options) => {
    if (stopped) return false;
    const sent = sessions.send(clock(), type, destination, payload, options);
    arm();
    return sent;
  };

  return {
    send,
    sendPacket(packet) {
      const checked = checkHostPacket(packet, self);
      if (!checked.ok) return checked.answer;
      const { source, destination, hopLimit } = checked;
      if (send('ipv6', destination, packet, { hopLimit, source })) return null;
      return errorForHost({ kind: noRoute, type: 'ipv6', destination, payload: packet, router: null });
    },
    receive(delivery) {
      if (stopped) return;
      sessions.receiveStatic(clock(), delivery);
      arm();
    },
    receiveSession(delivery) {
      if (stopped) return;
      sessions.receive(clock(), delivery);
      arm();
    },
    lost(packet) {
      const told = sessions.undelivered(packet);
      if (told !== null) undelivered(told);
    },
    policyChanged() {
      sessions.policyChanged(clock());
      arm();
    },
    status: () => sessions.status(clock()),
    counters: sessions.counters,
    stop() {
      stopped = true;
      cancel?.();
      sessions.erase();
    },
  };
}
