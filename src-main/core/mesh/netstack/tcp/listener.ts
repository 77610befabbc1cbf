import { nodeOf } from '../ip/address.ts';
import type { Connection } from './connection.ts';

export interface ListenOptions {
  /** Half-open connections at most. */
  readonly backlog?: number;
  /** Half-open connections at most from one /64, which on the mesh is one node and cannot be forged. */
  readonly perNode?: number;
  /** Whether to answer that address at all; those refused see a closed port. */
  readonly admits?: (address: Uint8Array, port: number) => boolean;
}

/** A port that accepts connections, and its half-open ones, the oldest first. */
export class TcpListener {
  readonly port: number;
  readonly #backlog: number;
  readonly #perNode: number;
  readonly #admits: (address: Uint8Array, port: number) => boolean;
  readonly #halfOpen = new Set<Connection>();
  readonly #nodes = new Map<string, number>();
  readonly #accept: (connection: Connection) => void;
  readonly #onClose: () => void;

  constructor(port: number, options: ListenOptions, accept: (connection: Connection) => void, onClose: () => void) {
    this.port = port;
    this.#backlog = options.backlog ?? 256;
    this.#perNode = options.perNode ?? 32;
    this.#admits = options.admits ?? (() => true);
    this.#accept = accept;
    this.#onClose = onClose;
  }

  get halfOpen(): number {
    return this.#halfOpen.size;
  }

  admits(address: Uint8Array, port: number): boolean {
    return this.#admits(address, port);
  }

  /** Whether one more may begin. When the whole backlog is full, `evict` is given the oldest, which makes room. */
  hasRoom(address: Uint8Array, evict: (oldest: Connection) => void): boolean {
    if ((this.#nodes.get(nodeOf(address)) ?? 0) >= this.#perNode) return false;
    const oldest = this.#halfOpen.values().next();
    if (this.#halfOpen.size >= this.#backlog && !oldest.done) evict(oldest.value);
    return this.#halfOpen.size < this.#backlog;
  }

  begun(connection: Connection): void {
    this.#halfOpen.add(connection);
    const node = nodeOf(connection.path.remoteAddress);
    this.#nodes.set(node, (this.#nodes.get(node) ?? 0) + 1);
  }

  /** It is half-open no longer: it has opened, or come to nothing. */
  settled(connection: Connection, opened: boolean): void {
    if (!this.#halfOpen.delete(connection)) return;
    const node = nodeOf(connection.path.remoteAddress);
    const left = (this.#nodes.get(node) ?? 1) - 1;
    if (left === 0) this.#nodes.delete(node);
    else this.#nodes.set(node, left);
    if (opened) this.#accept(connection);
  }

  /** Accept no more; half-open connections are broken off, open ones live on. */
  close(): void {
    this.#onClose();
    for (const connection of [...this.#halfOpen]) connection.abandon();
  }
}
