import { concatBytes } from '#core/crypto/bytes.ts';
import { classIn, type DnsRecord, numbers, type Query, type Reply, rcodes, types } from './dns-message.ts';
import { type DnsName, labelsOf, nameOfText, writeName } from './dns-name.ts';

/*
 * What the responder says of names below `.hypha` and of addresses of the mesh (400::/7), from names the person gave and
 * nobody else: nothing is asked of a network, and there is no root to trust.
 */

/** Who is called what. */
export interface NameLookup {
  /**
   * What is below `.hypha` at these labels, leftmost first: `['ann']` or `['web', 'ann']`. 16-byte addresses, best first; an
   * empty list for a name that only has others below it; null for one that nobody has.
   */
  find(labels: readonly string[]): readonly Uint8Array[] | null;
  /** The name (`ann` or `web.ann`) that an address goes by; null when there is none. */
  nameOf(address: Uint8Array): string | null;
}

/** Seconds. Short: a device that was revoked must not stay in caches. */
export const answerTtl = 30;
const negativeTtl = 10;

const tld = 'hypha';
/** 400::/7 as nibbles from the right: addresses begin with 04 or 05. */
const reverseZones = ['4.0.ip6.arpa', '5.0.ip6.arpa'];

/** @returns null when the name is none of ours */
export function answerFromZone(query: Query, lookup: NameLookup): Omit<Reply, 'recursionAvailable'> | null {
  const labels = labelsOf(query.name);
  const tail = labels?.at(-1) ?? textOf(query.name.at(-1));
  if (tail === tld) {
    if (query.class !== classIn) return refused;
    return labels === null ? nothing(tld) : forward(query, labels.slice(0, -1), lookup);
  }
  const zone =
    labels && reverseZones.find((text) => labels.join('.') === text || labels.join('.').endsWith(`.${text}`));
  if (!labels || !zone) return null;
  return query.class === classIn ? reverse(query, labels, zone, lookup) : refused;
}

const refused = { rcode: rcodes.REFUSED, authoritative: false, answers: [], authority: [] };

function textOf(label: Uint8Array | undefined): string | null {
  return label === undefined ? null : (labelsOf([label])?.[0] ?? null);
}

function forward(query: Query, labels: readonly string[], lookup: NameLookup): Omit<Reply, 'recursionAvailable'> {
  if (labels.length === 0) {
    if (query.type === types.SOA || query.type === types.ANY) return found([soa(null, tld)]);
    return query.type === types.NS ? found([record(types.NS, writeName(nameOfText(`ns.${tld}`)))]) : empty(tld);
  }
  if (labels.length === 1 && labels[0] === 'ns') {
    if (query.type === types.AAAA)
      return found([record(types.AAAA, Uint8Array.of(...new Array<number>(15).fill(0), 1))]);
    return query.type === types.A ? found([record(types.A, Uint8Array.of(127, 0, 0, 1))]) : empty(tld);
  }
  const addresses = lookup.find(labels);
  if (addresses === null) return nothing(tld);
  // ANY gets what there is (RFC 8482 would allow less).
  const wanted = query.type === types.AAAA || query.type === types.ANY;
  if (!wanted || addresses.length === 0) return empty(tld);
  return found(addresses.map((address) => record(types.AAAA, address)));
}

function reverse(
  query: Query,
  labels: readonly string[],
  zone: string,
  lookup: NameLookup,
): Omit<Reply, 'recursionAvailable'> {
  if (labels.join('.') === zone) {
    return query.type === types.SOA ? found([soa(null, zone)]) : empty(zone);
  }
  const address = addressOf(labels.slice(0, -2));
  if (address === 'part') return empty(zone);
  const name = address === null ? null : lookup.nameOf(address);
  if (name === null) return nothing(zone);
  const wanted = query.type === types.PTR || query.type === types.ANY;
  return wanted ? found([record(types.PTR, writeName(nameOfText(`${name}.${tld}`)))]) : empty(zone);
}

/** `part` for fewer nibbles than an address has: others may lie below. */
function addressOf(nibbles: readonly string[]): Uint8Array | 'part' | null {
  if (nibbles.length > 32 || !nibbles.every((nibble) => /^[0-9a-f]$/.test(nibble))) return null;
  if (nibbles.length < 32) return 'part';
  const address = new Uint8Array(16);
  for (const [i, nibble] of nibbles.toReversed().entries())
    address[i >> 1] = (address[i >> 1] ?? 0) | (Number.parseInt(nibble, 16) << (i % 2 === 0 ? 4 : 0));
  return address;
}

function found(answers: readonly DnsRecord[]) {
  return { rcode: rcodes.NOERROR, authoritative: true, answers, authority: [] };
}

/** The name is there, a record of this type is not (RFC 2308 section 2.2). */
function empty(zone: string) {
  return { rcode: rcodes.NOERROR, authoritative: true, answers: [], authority: [soa(nameOfText(zone), zone)] };
}

function nothing(zone: string) {
  return { rcode: rcodes.NXDOMAIN, authoritative: true, answers: [], authority: [soa(nameOfText(zone), zone)] };
}

function record(type: number, data: Uint8Array): DnsRecord {
  return { name: null, type, ttl: answerTtl, data };
}

/** RFC 1035 section 3.3.13. There are no secondaries, so serial and intervals are only there to be there. */
function soa(name: DnsName | null, zone: string): DnsRecord {
  const [serial, refresh, retry, expire] = [1, 3600, 600, 86_400];
  const counts = [serial, refresh, retry, expire, negativeTtl].flatMap((value) => [value >>> 16, value & 0xffff]);
  const mail = zone === tld ? `nobody.${tld}` : `nobody.invalid`;
  const data = concatBytes(writeName(nameOfText(`ns.${tld}`)), writeName(nameOfText(mail)), numbers(...counts));
  return { name, type: types.SOA, ttl: negativeTtl, data };
}
