import type { IcmpKind } from '../icmp/icmpv6.ts';
import type { PeerId } from '../router/effects.ts';
import type { Prefix } from '../wire/prefix.ts';
import type { UserType } from '../wire/user-data.ts';

/* What the forwarder hands to those around it, and what it needs of them. */

/** What was sealed for us, opened. */
export interface Delivery {
  readonly type: 'ipv6' | 'message';
  /** 16 bytes: who sealed it answers for the /64 around it. Not to be written to: packets of a row share it. */
  readonly source: Uint8Array;
  /** The same. */
  readonly destination: Uint8Array;
  readonly hopLimit: number;
  /** Owned by the receiver. */
  readonly payload: Uint8Array;
  /** 32 bytes, of the sender. */
  readonly publicKey: Uint8Array;
}

/** What belongs to a session between the two nodes, as it was sealed for us ({@link ForwarderPorts.session}). */
export type SessionDelivery = Omit<Delivery, 'type'>;

/** A packet of ours that did not arrive, as we or a router on the way found. */
export interface Undelivered {
  readonly kind: IcmpKind;
  readonly type: UserType;
  readonly destination: Uint8Array;
  readonly payload: Uint8Array;
  /** The router that said so; null when it was us. */
  readonly router: Uint8Array | null;
}

/** Where a packet is to be built; good until the next call of the port. */
export interface Room {
  readonly bytes: Uint8Array;
  readonly at: number;
}

export interface ForwarderPorts {
  /**
   * Put whole packets, one behind the other, on a link; the bytes are the forwarder's again when the call returns, which changes
   * no packet that it passed on already.
   *
   * @param length at most 256 kB
   */
  transmit(peer: PeerId, bytes: Uint8Array, at: number, length: number, packets: number): void;
  /**
   * Room for one packet of ours behind what waits for the link, so that it is sealed where it will leave from. It is filled
   * before anything else is asked of the link, and counts once it is {@link ForwarderPorts.filled}.
   *
   * @returns null when there is none: the packet is dropped, before it costs a sealing
   */
  room(peer: PeerId, length: number): Room | null;
  filled(peer: PeerId, length: number): void;
  /** A route to the subnet is wanted; the answer is a call of `settle`. */
  need(subnet: Prefix): void;
  deliver(delivery: Delivery): void;
  /** Without it sessions are what they are to a daemon: dropped without a word. */
  session?(delivery: SessionDelivery): void;
  undelivered(packet: Undelivered): void;
}

export interface SendOptions {
  readonly hopLimit?: number;
  /** An address of our own subnet; the node's own by default. */
  readonly source?: Uint8Array;
}
