import type { UserType } from '../wire/user-data.ts';

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
  /** Another's, on its way through: the whole packet. */
  | { readonly kind: 'transit'; readonly packet: Uint8Array }
  /** For us, from a sender whose key we do not know yet: the whole packet. */
  | { readonly kind: 'incoming'; readonly packet: Uint8Array };

/** Packets in wait, by the key of the subnet they wait for. Everything here is bounded: who fills it are strangers. */
export interface Waiting {
  /** @returns false when there is no room */
  add(key: string, packet: WaitingPacket): boolean;
  /** All that wait for the subnet, in order; they wait no more. */
  take(key: string): WaitingPacket[];
  size(): number;
}

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

export function createWaiting(limits: WaitingLimits = defaultWaitingLimits): Waiting {
  const subnets = new Map<string, WaitingPacket[]>();
  let packets = 0;
  let bytes = 0;
  return {
    add(key, packet) {
      const size = bytesOf(packet);
      if (packets >= limits.packets || bytes + size > limits.bytes) return false;
      const queue = subnets.get(key) ?? [];
      if (queue.length >= (packet.kind === 'incoming' ? limits.incomingPerSubnet : limits.perSubnet)) return false;
      queue.push(packet);
      subnets.set(key, queue);
      packets++;
      bytes += size;
      return true;
    },
    take(key) {
      const queue = subnets.get(key) ?? [];
      subnets.delete(key);
      packets -= queue.length;
      for (const packet of queue) bytes -= bytesOf(packet);
      return queue;
    },
    size: () => packets,
  };
}

function bytesOf(packet: WaitingPacket): number {
  return packet.kind === 'local' ? packet.payload.length : packet.packet.length;
}
