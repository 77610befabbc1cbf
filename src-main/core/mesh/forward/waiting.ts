import type { UserType } from '../wire/user-data.ts';
import type { LookupShare } from './lookups.ts';

/** A packet that waits for a route. */
export type WaitingPacket =
  /** Ours, not sealed yet. */
  | {
      readonly kind: 'local';
      readonly type: UserType;
      readonly source: Uint8Array;
      readonly destination: Uint8Array;
      readonly hopLimit: number;
      readonly payload: Uint8Array;
    }
  /** Another's, on its way through: the whole packet, and what the link it came by may still have looked up. */
  | { readonly kind: 'transit'; readonly packet: Uint8Array; readonly from: LookupShare }
  /** For us, from a sender whose key we do not know yet: the same. */
  | { readonly kind: 'incoming'; readonly packet: Uint8Array; readonly from: LookupShare };

/** Packets in wait, by the key of the subnet they wait for. Everything here is bounded: who fills it are strangers. */
export interface Waiting {
  /** @returns false when there is no room */
  add(key: string, packet: WaitingPacket): boolean;
  /** All that wait for the subnet, in order; they wait no more. */
  take(key: string): WaitingPacket[];
  size(): number;
}

/** Of all packets, of their bytes and of a subnet's packets strangers have three quarters at most; the rest is kept for our own. */
export interface WaitingLimits {
  readonly packets: number;
  readonly bytes: number;
  readonly perSubnet: number;
  readonly incomingPerSubnet: number;
}

export const defaultWaitingLimits: WaitingLimits = {
  packets: 10_000,
  bytes: 16 * 1024 * 1024,
  perSubnet: 1_000,
  incomingPerSubnet: 100,
};

const shareOfStrangers = 0.75;

interface Queue {
  readonly packets: WaitingPacket[];
  strangers: number;
}

export function createWaiting(limits: WaitingLimits = defaultWaitingLimits): Waiting {
  const subnets = new Map<string, Queue>();
  const all = { packets: 0, bytes: 0 };
  const strangers = { packets: 0, bytes: 0 };
  const count = (packet: WaitingPacket, sign: 1 | -1): void => {
    const size = sign * bytesOf(packet);
    all.packets += sign;
    all.bytes += size;
    if (packet.kind === 'local') return;
    strangers.packets += sign;
    strangers.bytes += size;
  };
  const fits = (packet: WaitingPacket, queue: Queue): boolean => {
    const size = bytesOf(packet);
    if (all.packets >= limits.packets || all.bytes + size > limits.bytes) return false;
    if (queue.packets.length >= limits.perSubnet) return false;
    if (packet.kind === 'local') return true;
    if (packet.kind === 'incoming' && queue.strangers >= limits.incomingPerSubnet) return false;
    return (
      strangers.packets + 1 <= limits.packets * shareOfStrangers &&
      strangers.bytes + size <= limits.bytes * shareOfStrangers &&
      queue.strangers + 1 <= limits.perSubnet * shareOfStrangers
    );
  };
  return {
    add(key, packet) {
      const queue = subnets.get(key) ?? { packets: [], strangers: 0 };
      if (!fits(packet, queue)) return false;
      queue.packets.push(packet);
      if (packet.kind !== 'local') queue.strangers++;
      subnets.set(key, queue);
      count(packet, 1);
      return true;
    },
    take(key) {
      const packets = subnets.get(key)?.packets ?? [];
      subnets.delete(key);
      for (const packet of packets) count(packet, -1);
      return packets;
    },
    size: () => all.packets,
  };
}

function bytesOf(packet: WaitingPacket): number {
  return packet.kind === 'local' ? packet.payload.length : packet.packet.length;
}
