import type { SendOptions } from '../forward/ports.ts';
import type { SessionLimits, SessionTimes } from './constants.ts';
import type { StaticKeys } from './handshake.ts';
import type { HeldBudget, HeldPacket } from './held.ts';

/* What all peers of a node share. */

/** How a peer is treated: no sessions; sessions when it answers, else as before; nothing outside a session. */
export type SessionMode = 'off' | 'prefer' | 'require';

export interface SessionCounters {
  /** Packets that came twice, or older than the window. */
  replayed: number;
  /** Packets whose tag was wrong, handshake messages that were not the peer's. */
  forged: number;
  /** Packets of sessions that are not known, here or any more; inits with a cookie that is not ours any more. */
  unknown: number;
  /** Packets outside a session from who has one, or must have. */
  outside: number;
  /** Hellos and inits that were too many. */
  limited: number;
  /** Bytes that are no packet, or one of ours handed back. */
  malformed: number;
  handshakes: number;
}

export interface WorldPorts {
  /** Send user data of type session. The bytes are lent. @returns false when it cannot be sent */
  transmit(destination: Uint8Array, payload: Uint8Array, options?: SendOptions): boolean;
  /** Send a packet sealed as of old, without a session. */
  sendStatic(type: 'ipv6' | 'message', destination: Uint8Array, payload: Uint8Array, options?: SendOptions): boolean;
  /** A packet waited for a session that did not come. */
  refused(packet: HeldPacket): void;
  /** A session came to be, or the last one ended. */
  changed(publicKey: Uint8Array, established: boolean): void;
}

export interface World {
  readonly self: StaticKeys;
  readonly random: (n: number) => Uint8Array;
  readonly times: SessionTimes;
  readonly limits: SessionLimits;
  readonly counters: SessionCounters;
  readonly held: HeldBudget;
  readonly ports: WorldPorts;
  /** Something is to be done then. */
  wake(at: number): void;
}

export interface SessionStatus {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly mode: SessionMode;
  /** 'offering' while a handshake of ours is under way and there is no session yet. */
  readonly state: 'none' | 'offering' | 'established';
  /** Milliseconds on the node's clock: of the session in use. */
  readonly since: number | null;
  /** Packets sent in it. */
  readonly sent: number;
  /** Whether the peer answered an offer in this run: it is a Hypha node. */
  readonly capable: boolean;
}
