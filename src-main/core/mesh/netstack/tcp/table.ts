import { nodeOf, sameAddress } from '../ip/address.ts';
import { equalAt, u32 } from '../ip/bytes.ts';
import type { Path } from './tcb.ts';

interface Entry {
  readonly path: Path;
}

/**
 * Connections by their four numbers, our own address being always the same. A keyed hash of 32 bits finds a short list: looked up for
 * every packet, so no strings are made, and keyed so that nobody can choose addresses that meet in one list.
 */
export class ConnectionTable<T extends Entry> {
  readonly #lists = new Map<number, T[]>();
  readonly #key: readonly number[];
  /** Connections with each /64, which on the mesh is one node. */
  readonly #nodes = new Map<string, number>();
  #size = 0;

  /** @param secret 20 random bytes. */
  constructor(secret: Uint8Array) {
    this.#key = [0, 4, 8, 12, 16].map((at) => u32(secret, at) | 1);
  }

  get size(): number {
    return this.#size;
  }

  /** @param at where the remote address lies in `b`. */
  find(b: Uint8Array, at: number, remotePort: number, localPort: number): T | undefined {
    const list = this.#lists.get(this.#hash(b, at, remotePort, localPort));
    if (list === undefined) return undefined;
    for (const entry of list) {
      const { path } = entry;
      if (path.remotePort !== remotePort || path.localPort !== localPort) continue;
      if (equalAt(b, at, path.remoteAddress, 0, 16)) return entry;
    }
    return undefined;
  }

  add(entry: T): void {
    const { remoteAddress, remotePort, localPort } = entry.path;
    const hash = this.#hash(remoteAddress, 0, remotePort, localPort);
    const list = this.#lists.get(hash);
    if (list === undefined) this.#lists.set(hash, [entry]);
    else list.push(entry);
    this.#size++;
    const node = nodeOf(remoteAddress);
    this.#nodes.set(node, (this.#nodes.get(node) ?? 0) + 1);
  }

  delete(entry: T): void {
    const { remoteAddress, remotePort, localPort } = entry.path;
    const hash = this.#hash(remoteAddress, 0, remotePort, localPort);
    const list = this.#lists.get(hash);
    const index = list?.indexOf(entry) ?? -1;
    if (list === undefined || index < 0) return;
    list.splice(index, 1);
    if (list.length === 0) this.#lists.delete(hash);
    this.#size--;
    const node = nodeOf(remoteAddress);
    const left = (this.#nodes.get(node) ?? 1) - 1;
    if (left === 0) this.#nodes.delete(node);
    else this.#nodes.set(node, left);
  }

  /** How many connections there are with the /64 of that address. */
  fromNode(address: Uint8Array): number {
    return this.#nodes.get(nodeOf(address)) ?? 0;
  }

  *[Symbol.iterator](): Generator<T> {
    for (const list of this.#lists.values()) yield* list;
  }

  /** Those with that address at the other end. */
  to(address: Uint8Array): T[] {
    return [...this].filter((entry) => sameAddress(entry.path.remoteAddress, address));
  }

  #hash(b: Uint8Array, at: number, remotePort: number, localPort: number): number {
    const [k0 = 1, k1 = 1, k2 = 1, k3 = 1, k4 = 1] = this.#key;
    let h = Math.imul(u32(b, at) ^ k0, k1);
    h = Math.imul(h ^ (h >>> 15) ^ u32(b, at + 4), k2);
    h = Math.imul(h ^ (h >>> 15) ^ u32(b, at + 8), k3);
    h = Math.imul(h ^ (h >>> 15) ^ u32(b, at + 12), k4);
    h = Math.imul(h ^ (h >>> 15) ^ ((remotePort << 16) | localPort), k0);
    return (h ^ (h >>> 16)) >>> 0;
  }
}
