import { concatBytes } from '#core/crypto/bytes.ts';
import { type DnsName, readName, writeName } from './dns-name.ts';

/*
 * DNS messages (RFC 1035 section 4): a header of six 16-bit numbers, a question, records. Numbers are big-endian.
 *
 *   id, flags (QR 1, opcode 4, AA 1, TC 1, RD 1, RA 1, Z 3, rcode 4), counts of questions, answers, authority, additional
 *   question  name, type 2, class 2
 *   record    name, type 2, class 2, ttl 4, length 2, data
 *
 * EDNS (RFC 6891) is a record of type 41 in the additional part: its class is the size of datagrams that its sender takes, its
 * ttl holds the upper rcode, a version and flags.
 */

export const types = { A: 1, NS: 2, SOA: 6, PTR: 12, AAAA: 28, OPT: 41, ANY: 255 } as const;
export const rcodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, BADVERS: 16 } as const;
export const classIn = 1;
export const headerBytes = 12;

export interface Query {
  readonly id: number;
  readonly recursionDesired: boolean;
  readonly name: DnsName;
  readonly type: number;
  readonly class: number;
  readonly edns: { readonly version: number; readonly payload: number; readonly dnssec: boolean } | null;
}

export type QueryOutcome =
  | { readonly kind: 'query'; readonly query: Query }
  /** To be answered with this code; `id` and the copied flags are all that could be read. */
  | {
      readonly kind: 'error';
      readonly id: number;
      readonly rcode: number;
      readonly opcode: number;
      readonly rd: boolean;
    }
  /** Not to be answered: too short to have an id, or itself an answer (two servers must not talk to each other for ever). */
  | { readonly kind: 'silence' };

const recordsMost = 8;

/** Read a query. Any bytes. */
export function decodeQuery(bytes: Uint8Array): QueryOutcome {
  if (bytes.length < headerBytes) return { kind: 'silence' };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [id, flags] = [view.getUint16(0), view.getUint16(2)];
  if ((flags & 0x8000) !== 0) return { kind: 'silence' };
  const opcode = (flags >>> 11) & 15;
  const rd = (flags & 0x0100) !== 0;
  const no = (rcode: number) => ({ kind: 'error' as const, id, rcode, opcode, rd });
  if (opcode !== 0) return no(rcodes.NOTIMP);
  const [questions, answers, authority, additional] = [4, 6, 8, 10].map((at) => view.getUint16(at));
  if (questions !== 1 || answers !== 0 || authority !== 0 || additional === undefined || additional > recordsMost)
    return no(rcodes.FORMERR);
  const question = readName(bytes, headerBytes);
  if (question === null || question.end + 4 > bytes.length) return no(rcodes.FORMERR);
  const type = view.getUint16(question.end);
  const klass = view.getUint16(question.end + 2);
  let at = question.end + 4;
  let edns: Query['edns'] = null;
  for (let i = 0; i < additional; i++) {
    const owner = readName(bytes, at);
    if (owner === null || owner.end + 10 > bytes.length) return no(rcodes.FORMERR);
    const fixed = owner.end;
    const end = fixed + 10 + view.getUint16(fixed + 8);
    if (end > bytes.length) return no(rcodes.FORMERR);
    if (view.getUint16(fixed) === types.OPT) {
      if (edns !== null || owner.name.length > 0) return no(rcodes.FORMERR);
      edns = {
        payload: view.getUint16(fixed + 2),
        version: view.getUint8(fixed + 5),
        dnssec: (view.getUint8(fixed + 6) & 0x80) !== 0,
      };
    }
    at = end;
  }
  if (at !== bytes.length) return no(rcodes.FORMERR);
  return { kind: 'query', query: { id, recursionDesired: rd, name: question.name, type, class: klass, edns } };
}

export interface DnsRecord {
  /** Null for the name that was asked for, which is written as a pointer to the question. */
  readonly name: DnsName | null;
  readonly type: number;
  /** Seconds. */
  readonly ttl: number;
  readonly data: Uint8Array;
}

export interface Reply {
  readonly rcode: number;
  readonly authoritative: boolean;
  readonly recursionAvailable: boolean;
  readonly answers: readonly DnsRecord[];
  readonly authority: readonly DnsRecord[];
}

/** What we take in one datagram, and the most we send in one: fits every path without fragments (DNS flag day 2020). */
export const payloadMost = 1232;

/**
 * Write the answer to a query. When it is longer than `most` it goes without records and with TC set, so that the asker comes
 * back over TCP.
 */
export function encodeReply(query: Query, reply: Reply, most: number): Uint8Array {
  const whole = write(query, reply, false);
  return whole.length <= most ? whole : write(query, { ...reply, answers: [], authority: [] }, true);
}

function write(query: Query, reply: Reply, truncated: boolean): Uint8Array {
  const { answers, authority } = reply;
  const flags =
    0x8000 |
    (reply.authoritative ? 0x0400 : 0) |
    (truncated ? 0x0200 : 0) |
    (query.recursionDesired ? 0x0100 : 0) |
    (reply.recursionAvailable ? 0x0080 : 0) |
    (reply.rcode & 15);
  const parts = [
    numbers(query.id, flags, 1, answers.length, authority.length, query.edns === null ? 0 : 1),
    writeName(query.name),
    numbers(query.type, query.class),
    ...answers.map(writeRecord),
    ...authority.map(writeRecord),
  ];
  if (query.edns !== null) {
    const dnssec = query.edns.dnssec ? 0x8000 : 0;
    parts.push(Uint8Array.of(0), numbers(types.OPT, payloadMost, (reply.rcode >>> 4) << 8, dnssec, 0));
  }
  return concatBytes(...parts);
}

function writeRecord({ name, type, ttl, data }: DnsRecord): Uint8Array {
  // 0xc00c points to offset 12, where the question's name lies.
  const owner = name === null ? Uint8Array.of(0xc0, headerBytes) : writeName(name);
  return concatBytes(owner, numbers(type, classIn, ttl >>> 16, ttl & 0xffff, data.length), data);
}

/** The answer to what could not be read: a header and nothing else. */
export function encodeError(error: Extract<QueryOutcome, { kind: 'error' }>): Uint8Array {
  return numbers(error.id, 0x8000 | (error.opcode << 11) | (error.rd ? 0x0100 : 0) | (error.rcode & 15), 0, 0, 0, 0);
}

/** 16-bit numbers, one after the other. */
export function numbers(...values: readonly number[]): Uint8Array {
  const out = new Uint8Array(values.length * 2);
  const view = new DataView(out.buffer);
  for (const [i, value] of values.entries()) view.setUint16(i * 2, value);
  return out;
}
