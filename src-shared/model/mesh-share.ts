/*
 * How many of all there are a prefix of the mesh means. Addresses there come from keys by a hash (src-main/core/mesh/identity/address.ts), so
 * they lie evenly in 400::/7: each bit more halves whom a prefix means. A device with its machines has a /64; whatever is shorter means others too,
 * who are strangers.
 */

/** All addresses of the mesh are in 400::/7. */
const meshHead = 0x0400;
const meshBits = 7;
const deviceBits = 64;

const bitsOf = (peer: string): number => Number(peer.split('/')[1] ?? 128);

/** Whether an address or a prefix has anything in common with the mesh. */
export function isOnMesh(peer: string): boolean {
  const head = Number.parseInt(peer.split(':')[0] || '0', 16);
  return (head ^ meshHead) >> (16 - Math.min(bitsOf(peer), meshBits)) === 0;
}

/** One in so many of everybody is meant by a prefix: 1 for all, 2 for half; null for one device's, for no prefix of the mesh, and for a name. */
export function oneIn(peer: string): number | null {
  if (!peer.includes(':') || bitsOf(peer) >= deviceBits || !isOnMesh(peer)) return null;
  return 2 ** Math.max(0, bitsOf(peer) - meshBits);
}

/** Whether these together mean everybody, as do 400::/8 and 500::/8. */
export function meansEverybody(peers: readonly string[]): boolean {
  const wide = peers.filter((peer) => oneIn(peer) !== null);
  const [mesh] = rangesOf([`${meshHead.toString(16)}::/${meshBits}`]);
  let reached = mesh?.first ?? 0n;
  const end = mesh?.end ?? 0n;
  for (const { first, end: next } of rangesOf(wide).sort((a, b) => (a.first < b.first ? -1 : 1))) {
    if (first > reached) return false;
    if (next > reached) reached = next;
  }
  return reached >= end;
}

/** The /64s of prefixes, from the first one on and up to, not including, the last. */
function rangesOf(peers: readonly string[]): { first: bigint; end: bigint }[] {
  return peers.map((peer) => {
    const size = 1n << BigInt(deviceBits - bitsOf(peer));
    const first = (subnetOf(peer.split('/')[0] ?? '') / size) * size;
    return { first, end: first + size };
  });
}

/** The first 64 bits of an address. */
function subnetOf(address: string): bigint {
  const [head = '', tail] = address.split('::');
  const [before, after] = [head, tail ?? ''].map((half) => half.split(':').filter(Boolean));
  const given = (before?.length ?? 0) + (after?.length ?? 0);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - given);
  const groups = [...(before ?? []), ...new Array<string>(zeros).fill('0'), ...(after ?? [])];
  return groups.slice(0, 4).reduce((sum, group) => (sum << 16n) | BigInt(Number.parseInt(group, 16)), 0n);
}

/** Up to here a number says more than that it is large. */
const countable = 1024;

/** How a prefix's share is called: null for a single device's and for a name. Its words in English are {@link shareWords}. */
export function shareOf(
  peer: string,
): { readonly word: 'all' | 'half' | 'part' | 'whoever'; readonly share: number } | null {
  const share = oneIn(peer);
  if (share === null) return null;
  return { word: share === 1 ? 'all' : share === 2 ? 'half' : share <= countable ? 'part' : 'whoever', share };
}

/** In a few words, for people. */
export function shareWords(peer: string): string | null {
  const found = shareOf(peer);
  if (found === null) return null;
  if (found.word === 'part') return `one in ${found.share} of everybody`;
  return { all: 'everybody', half: 'half of everybody', whoever: 'whoever is there, strangers too' }[found.word];
}
