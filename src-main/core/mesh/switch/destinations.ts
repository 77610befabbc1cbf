import { u16 } from '../netstack/ip/bytes.ts';

/** Nodes that a machine has lately sent to, at most. */
const remembered = 512;
/** New ones a second, and at once. */
const perSecond = 20;
const burst = 100;

/**
 * Rations the nodes (/64s) a machine may newly turn to: each may cost the whole network a search for a route, and room where packets wait for
 * one, which the machine's neighbours and its host need too.
 */
export class Destinations {
  readonly #known = new Set<string>();
  #tokens = burst;
  #at: number;

  constructor(now: number) {
    this.#at = now;
  }

  /** @param at where the address lies in `b` @returns false when it is one too many */
  allows(b: Uint8Array, at: number, now: number): boolean {
    const key = String.fromCharCode(u16(b, at), u16(b, at + 2), u16(b, at + 4), u16(b, at + 6));
    if (this.#known.has(key)) return true;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) * perSecond) / 1000);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    if (this.#known.size >= remembered) {
      const [oldest] = this.#known;
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    this.#known.add(key);
    return true;
  }
}
