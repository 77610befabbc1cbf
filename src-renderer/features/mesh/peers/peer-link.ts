import { endpointSchema } from '#shared/contract/mesh/index.ts';

/** As many ways to one node as a link carries: more would not fit a code that a camera reads at arm's length. */
export const mostEndpoints = 6;
const longest = 2048;
const scheme = 'hypha://peer?';

/** Addresses that mean something to others: not those of this computer alone (a zone like `%eth0`, loopback). */
export function linked(endpoints: readonly string[]): readonly string[] {
  return endpoints.filter((one) => !/%|\/\/(localhost|127\.|\[::1\])/i.test(one)).slice(0, mostEndpoints);
}

/**
 * `hypha://peer?e=tcp%3A%2F%2F192.168.1.4%3A9651&e=…`: where a node listens, to be handed to somebody. Null when it
 * listens nowhere that means something to others ({@link linked}).
 */
export function peerLink(endpoints: readonly string[]): string | null {
  const meant = linked(endpoints);
  if (meant.length === 0) return null;
  return scheme + meant.map((one) => `e=${encodeURIComponent(one)}`).join('&');
}

/**
 * Where to connect, from what a person typed or pasted: such a link, an endpoint (`tcp://host:port`), or `host:port` without its
 * `tcp://`. Null when it is none of them.
 */
export function readPeer(text: string): readonly string[] | null {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > longest) return null;
  const given = trimmed.toLowerCase().startsWith(scheme)
    ? new URLSearchParams(trimmed.slice(scheme.length)).getAll('e')
    : [trimmed.includes('://') ? trimmed : `tcp://${trimmed}`];
  const read = given.map((one) => endpointSchema.safeParse(one)).flatMap((one) => (one.success ? [one.data] : []));
  // A link of which a part is not understood may mean something else altogether.
  return read.length === given.length && read.length > 0 && read.length <= mostEndpoints ? [...new Set(read)] : null;
}
