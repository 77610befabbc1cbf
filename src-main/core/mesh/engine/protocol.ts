import type { MessagePort } from 'node:worker_threads';
import type { Delivery } from '../forward/ports.ts';
import type { PingAnswer } from '../netstack/icmp-host.ts';
import type { HttpAnswer, HttpQuestion } from '../netstack/proxy/http-get.ts';
import type { DialReason } from '../node/dial-reason.ts';
import type { DialState } from '../node/dialer.ts';
import type { PeerStatus } from '../node/mesh-node.ts';
import type { SessionStatus } from '../session/world.ts';
import type { AttachedMachine } from '../switch/mesh-switch.ts';
import type { Traffic } from '../switch/traffic.ts';

/* What the core's main thread and the mesh thread say to each other. Everything here crosses by structured clone. */

/** How a node is started; another configuration is another start. */
export interface EngineConfig {
  /** 32 bytes, the node's X25519 secret. */
  readonly secret: Uint8Array;
  /**
   * Where peers may connect; null for nowhere. Port 0 is left to the system. Where the port is taken, `instead` is tried (the
   * one that was had the last time), and then any.
   */
  readonly listen: { readonly host: string; readonly port: number; readonly instead?: number | null } | null;
  /** Find nodes on the local network and be found. Needs `listen`. */
  readonly discovery: boolean;
  readonly privateNetwork: { readonly name: string; readonly key: Uint8Array } | null;
  readonly answerPings: boolean;
}

export interface EngineStarted {
  /** 16 bytes each. */
  readonly address: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly listening: number | null;
  /** What could not be had as asked, in plain words. */
  readonly detail: string;
}

export interface EnginePeer extends PeerStatus {
  /** Milliseconds since it connected. */
  readonly age: number;
}

export interface EngineDialled {
  readonly endpoint: string;
  readonly state: DialState;
  /** Attempts in a row that led to no connection. */
  readonly failures: number;
  readonly reason: DialReason | null;
}

export interface EngineStatus {
  readonly peers: readonly EnginePeer[];
  readonly dialling: readonly EngineDialled[];
  /** Endpoints found on the local network. */
  readonly found: readonly string[];
  readonly routes: number;
  /** Bytes since the start, those of links that are gone too. */
  readonly received: number;
  readonly sent: number;
}

export interface EngineRoute {
  /** 16 bytes, and bits. */
  readonly prefix: Uint8Array;
  readonly length: number;
  /** 32 bytes, of its owner. */
  readonly publicKey: Uint8Array;
  /** The peer's number. */
  readonly peer: number;
  /** From here, and as the peer offers it; null when it leads nowhere. */
  readonly cost: number | null;
  readonly metric: number | null;
  readonly seqno: number;
  readonly direct: boolean;
  readonly selected: boolean;
}

export type RelayTraffic = { readonly connections: number; readonly sent: number; readonly received: number };

/** An address and how many bits of it count. */
export type AllowedPrefix = { readonly address: Uint8Array; readonly length: number };

/** What the mesh thread does for the main one. */
export type EngineCalls = {
  start(config: EngineConfig): Promise<EngineStarted>;
  stop(): Promise<void>;
  status(): EngineStatus;
  routes(): EngineRoute[];
  /** Prefixes asked for now, and milliseconds until that is given up. */
  queries(): { prefix: Uint8Array; length: number; remaining: number }[];
  addPeer(endpoint: string): boolean;
  removePeer(endpoint: string): boolean;
  /** A payload of user type `message`. */
  send(destination: Uint8Array, payload: Uint8Array): boolean;
  /** Nothing goes or comes outside a session with these (32 bytes each), from now on and until the next call. */
  requireSessions(keys: readonly Uint8Array[]): void;
  sessions(): SessionStatus[];
  /** Take nothing from the /64s around these (16 bytes each), from now on and until the next call. */
  block(addresses: readonly Uint8Array[]): void;
  /** @throws Fail TIMED_OUT */
  ping(address: Uint8Array, options: { hopLimit?: number; timeout?: number; size?: number }): Promise<PingAnswer>;
  /** Try to connect. @returns milliseconds @throws Fail REFUSED, UNREACHABLE, TIMED_OUT */
  probe(address: Uint8Array, port: number, timeout: number): Promise<number>;
  /** @returns the port on loopback @throws Fail IN_USE */
  forward(id: string, target: { host: string; port: number }, localPort: number): Promise<number>;
  /** @param deny who is not let in, whatever `allow` says @throws Fail IN_USE */
  expose(
    id: string,
    port: number,
    localPort: number,
    allow: 'everybody' | readonly AllowedPrefix[],
    deny: readonly AllowedPrefix[],
  ): Promise<void>;
  /** Who is let in to what is offered from now on; what is open with others is broken off, and nothing else. */
  admit(id: string, allow: 'everybody' | readonly AllowedPrefix[], deny: readonly AllowedPrefix[]): Promise<void>;
  /** @returns the port on loopback @throws Fail IN_USE */
  socks(id: string, port: number, user: string, password: string): Promise<number>;
  /** @param id to give it up by @throws Fail REFUSED, UNREACHABLE, RESET, TIMED_OUT, BUSY, BAD_ANSWER, CANCELLED */
  httpGet(id: string, question: HttpQuestion): Promise<HttpAnswer>;
  /** Nobody waits for this answer any more. */
  giveUpHttp(id: string): void;
  /**
   * Connect to the first of these addresses that answers (16 bytes each), and join the connection with a port (streams/port-stream.ts);
   * where that is closed before, nobody is connected to.
   *
   * @returns which it was @throws Fail REFUSED, UNREACHABLE, RESET, TIMED_OUT, BUSY, CANCELLED
   */
  dialStream(addresses: readonly Uint8Array[], port: number, channel: MessagePort): Promise<Uint8Array>;
  /** Accept connections of these at a port of the mesh address, told by `accepted`. @throws Fail IN_USE */
  listenStreams(port: number, allow: readonly Uint8Array[]): Promise<void>;
  /** Who is let in from now on, where somebody is listened for. */
  admitStreams(port: number, allow: readonly Uint8Array[]): void;
  /** What is open is broken off. */
  closeStreams(port: number): Promise<void>;
  closeRelay(id: string): Promise<void>;
  relays(): Record<string, RelayTraffic>;
  /** Join a machine's card with the mesh. @throws RangeError when another has its address */
  attachMachine(machine: AttachedMachine): Promise<unknown>;
  detachMachine(machine: string): Promise<void>;
  setMachineRules(machine: string, rules: readonly string[]): Promise<void>;
  machineTraffic(machine: string): Promise<Traffic | null>;
};

/** What the main thread does for the mesh one. */
export type EngineEvents = {
  /** A payload of user type `message` arrived. */
  delivered(delivery: Delivery): void;
  /** A payload of user type `message` found no way. */
  undelivered(destination: Uint8Array): void;
  /** A session with this node (32 bytes) came to be, or its last one ended. */
  session(publicKey: Uint8Array, established: boolean): void;
  /** Somebody with this address (16 bytes) connected where streams are listened for. */
  accepted(port: number, address: Uint8Array, channel: MessagePort): void;
  /** A peer came or went. */
  changed(): void;
  /** The addresses of a name, 16 bytes each: of all devices; empty when nobody has it. */
  resolve(name: string): Promise<readonly Uint8Array[]>;
  log(level: 'debug' | 'info' | 'warn' | 'error', fields: Record<string, unknown>, message: string): void;
};
