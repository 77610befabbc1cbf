import { toHex } from '#core/crypto/encoding.ts';

/** Which of somebody's addresses to try first, from what is known of the way there and from what worked before. */
export interface AddressOrder {
  /** @param of what is asked for, as a name and port: what worked is remembered for it */
  sort(of: string, addresses: readonly Uint8Array[]): Uint8Array[];
  /** Milliseconds that this address has to itself before the next one is tried too. */
  alone(of: string, address: Uint8Array): number;
  worked(of: string, address: Uint8Array): void;
}

/** RFC 8305, section 8, recommends 250 ms, for links faster than a way over several nodes may be. */
const usual = 300;
/** The longest that RFC 8305 allows: two devices may offer different things at one port, and who talked to one goes on with it. */
const known = 2_000;
const remembered = 1_000;

/** @param cost of the way to an address; null where none is known */
export function createAddressOrder(cost: (address: Uint8Array) => number | null): AddressOrder {
  const last = new Map<string, string>();
  const isLast = (of: string, address: Uint8Array): boolean => last.get(of) === toHex(address);
  return {
    sort(of, addresses) {
      const rank = addresses.map((address) => ({
        address,
        last: isLast(of, address) ? 0 : 1,
        cost: cost(address) ?? Number.POSITIVE_INFINITY,
      }));
      // Where nothing is known the order stays; Infinity minus itself is no number.
      rank.sort((a, b) => a.last - b.last || (a.cost === b.cost ? 0 : a.cost - b.cost));
      return rank.map(({ address }) => address);
    },
    alone: (of, address) => (isLast(of, address) && cost(address) !== null ? known : usual),
    worked(of, address) {
      last.delete(of);
      last.set(of, toHex(address));
      const [oldest] = last.keys();
      if (last.size > remembered && oldest !== undefined) last.delete(oldest);
    },
  };
}
