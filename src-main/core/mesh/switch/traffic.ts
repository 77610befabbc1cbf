import type { Unfit } from './packet-facts.ts';

/**
 * Why a packet of or for a machine was not carried. `spoofed`: its source was not the machine's own; `firewall`: nobody opened; `flows`: the
 * machine has too many at once; `destinations`: it turned to too many new nodes; `unroutable`: nobody is there; `too-big`: over the MTU;
 * `hop-limit`: it took too many hops; `queue`: the machine does not take what is sent to it fast enough, or does not run.
 */
export type DropCause =
  | Unfit
  | 'spoofed'
  | 'firewall'
  | 'flows'
  | 'destinations'
  | 'unroutable'
  | 'too-big'
  | 'hop-limit'
  | 'queue';

export interface Amount {
  readonly packets: number;
  /** Of IPv6 packets, header included. */
  readonly bytes: number;
}

/** What one machine moved since the switch met it. */
export interface Traffic {
  /** Into the machine. */
  readonly received: Amount;
  /** Out of it, as far as it was carried. */
  readonly sent: Amount;
  /** Packets; causes that never occurred are left out. */
  readonly dropped: Readonly<Partial<Record<DropCause, number>>>;
}

export interface Meter {
  received(bytes: number): void;
  sent(bytes: number): void;
  drop(cause: DropCause): void;
  read(): Traffic;
}

export function createMeter(): Meter {
  const received = { packets: 0, bytes: 0 };
  const sent = { packets: 0, bytes: 0 };
  const dropped: Partial<Record<DropCause, number>> = {};
  return {
    received(bytes) {
      received.packets++;
      received.bytes += bytes;
    },
    sent(bytes) {
      sent.packets++;
      sent.bytes += bytes;
    },
    drop(cause) {
      dropped[cause] = (dropped[cause] ?? 0) + 1;
    },
    read: () => ({ received: { ...received }, sent: { ...sent }, dropped: { ...dropped } }),
  };
}
