import type { SendOptions } from '../forward/ports.ts';

/** A packet of ours that waits for a session. */
export interface HeldPacket {
  readonly type: 'ipv6' | 'message';
  readonly destination: Uint8Array;
  readonly payload: Uint8Array;
  readonly options: SendOptions | undefined;
}

/** Bytes that all peers' packets may come to. */
export interface HeldBudget {
  left: number;
}

/** Packets that wait for a session with one peer, in order. */
export interface Held {
  /** The packet is copied. @returns false when there is no room */
  add(packet: HeldPacket): boolean;
  take(): HeldPacket[];
  size(): number;
}

export function createHeld(limits: { readonly packets: number; readonly bytes: number }, budget: HeldBudget): Held {
  let packets: HeldPacket[] = [];
  let bytes = 0;
  return {
    add(packet) {
      const size = packet.payload.length;
      if (packets.length >= limits.packets || bytes + size > limits.bytes || size > budget.left) return false;
      const { source } = packet.options ?? {};
      packets.push({
        type: packet.type,
        destination: packet.destination.slice(),
        payload: packet.payload.slice(),
        options: source === undefined ? packet.options : { ...packet.options, source: source.slice() },
      });
      bytes += size;
      budget.left -= size;
      return true;
    },
    take() {
      const taken = packets;
      packets = [];
      budget.left += bytes;
      bytes = 0;
      return taken;
    },
    size: () => packets.length,
  };
}
