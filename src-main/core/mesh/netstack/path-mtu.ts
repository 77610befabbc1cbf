import { MIN_MTU } from './ip/ipv6.ts';

/** What was learned holds this long (RFC 8201 section 4: not less than 5 minutes, 10 recommended). */
const LIFETIME = 600_000;
/** Destinations remembered at once; the oldest makes room. */
const maxEntries = 1024;

/**
 * Largest packet each destination's path carries (RFC 8201): what the link takes for it, unless a router or a silent loss has
 * taught otherwise.
 */
export class PathMtus {
  readonly #link: (address: Uint8Array) => number;
  readonly #known = new Map<string, { readonly mtu: number; readonly until: number }>();

  constructor(link: (address: Uint8Array) => number) {
    this.#link = (address) => Math.max(MIN_MTU, link(address));
  }

  get(address: Uint8Array, now: number): number {
    const most = this.#link(address);
    if (this.#known.size === 0) return most;
    const key = keyOf(address);
    const entry = this.#known.get(key);
    if (entry === undefined) return most;
    if (entry.until > now) return Math.min(entry.mtu, most);
    this.#known.delete(key);
    return most;
  }

  /** A smaller MTU was reported. Below 1280 nothing is believed, and none may grow by report. @returns whether it is news. */
  lower(address: Uint8Array, mtu: number, now: number): boolean {
    const next = Math.max(MIN_MTU, mtu);
    if (next >= this.get(address, now)) return false;
    const key = keyOf(address);
    this.#known.delete(key);
    const oldest = this.#known.keys().next();
    if (this.#known.size >= maxEntries && !oldest.done) this.#known.delete(oldest.value);
    this.#known.set(key, { mtu: next, until: now + LIFETIME });
    return true;
  }
}

const keyOf = (address: Uint8Array): string => String.fromCharCode(...address);
