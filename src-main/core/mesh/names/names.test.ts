import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '#core/crypto/bytes.ts';
import { toHex } from '#core/crypto/encoding.ts';
import { addressOf } from '../identity/address.ts';
import { addressText } from '../identity/ipv6-text.ts';
import { decodeQuery, numbers, rcodes, types } from './dns-message.ts';
import { nameOfText, readName, writeName } from './dns-name.ts';
import { createNameBook } from './name-book.ts';
import { respond } from './responder.ts';

const key = (byte: number) => new Uint8Array(32).fill(byte);
const hex = (byte: number) => toHex(key(byte));
const machineAddress = Uint8Array.of(...addressOf(key(1)).subarray(0, 8), 0, 0, 0, 0, 0, 0, 0, 9);
const book = createNameBook({
  people: () => [
    { label: 'ann', meshKeys: [hex(1), hex(2)] },
    { label: 'xn--80aa2ba', meshKeys: [hex(3)] },
  ],
  devices: () => [
    { label: 'desktop', meshKey: hex(7), current: true },
    { label: 'laptop', meshKey: hex(8), current: false },
  ],
  machine: (name, owner) => (name === 'web' && owner === 'ann' ? [machineAddress] : null),
});

interface Ask {
  type?: number;
  klass?: number;
  edns?: { version?: number; payload?: number };
  rd?: boolean;
}

function query(name: string, { type = types.AAAA, klass = 1, edns, rd = true }: Ask = {}): Uint8Array {
  const opt = edns
    ? concatBytes(Uint8Array.of(0), numbers(types.OPT, edns.payload ?? 1232, edns.version ?? 0, 0, 0))
    : new Uint8Array(0);
  const head = numbers(0xbeef, rd ? 0x0100 : 0, 1, 0, 0, edns ? 1 : 0);
  return concatBytes(head, writeName(nameOfText(name)), numbers(type, klass), opt);
}

/** An answer taken apart, as far as these tests need. */
function ask(bytes: Uint8Array, options: { over?: 'udp' | 'tcp'; upstream?: boolean; lookup?: typeof book } = {}) {
  const response = respond(bytes, { over: 'udp', lookup: book, upstream: false, ...options });
  if (response.kind !== 'answer') return { kind: response.kind };
  const out = response.bytes;
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  const flags = view.getUint16(2);
  const [questions, answers, authority, additional] = [4, 6, 8, 10].map((at) => view.getUint16(at));
  let at = questions === 1 ? (readName(out, 12)?.end ?? 0) + 4 : 12;
  const records: { name: string; type: number; ttl: number; data: Uint8Array }[] = [];
  for (let i = 0; i < (answers ?? 0) + (authority ?? 0) + (additional ?? 0); i++) {
    const owner = readName(out, at);
    if (owner === null) throw new Error('a record without an owner');
    const length = view.getUint16(owner.end + 8);
    records.push({
      name: owner.name.map((label) => Buffer.from(label).toString()).join('.'),
      type: view.getUint16(owner.end),
      ttl: view.getUint32(owner.end + 4),
      data: out.slice(owner.end + 10, owner.end + 10 + length),
    });
    at = owner.end + 10 + length;
  }
  expect(at).toBe(out.length);
  expect([view.getUint16(0), flags & 0x8000]).toEqual([0xbeef, 0x8000]);
  return {
    kind: 'answer' as const,
    rcode: flags & 15,
    aa: (flags & 0x0400) !== 0,
    tc: (flags & 0x0200) !== 0,
    ra: (flags & 0x0080) !== 0,
    answers: records.slice(0, answers),
    authority: records.slice(answers, (answers ?? 0) + (authority ?? 0)),
    additional: records.slice((answers ?? 0) + (authority ?? 0)),
    length: out.length,
  };
}
const aaaa = (...addresses: Uint8Array[]) => addresses.map((data) => ({ type: types.AAAA, ttl: 30, data }));

describe('the name responder', () => {
  it('answers for contacts, own devices and machines, in any case', () => {
    for (const name of ['ann.hypha', 'ANN.Hypha'])
      expect(ask(query(name))).toMatchObject({
        rcode: rcodes.NOERROR,
        aa: true,
        ra: false,
        answers: aaaa(addressOf(key(1)), addressOf(key(2))),
      });
    expect(ask(query('xn--80aa2ba.hypha'))).toMatchObject({ answers: aaaa(addressOf(key(3))) });
    expect(ask(query('me.hypha'))).toMatchObject({ answers: aaaa(addressOf(key(7))) });
    expect(ask(query('laptop.me.hypha'))).toMatchObject({ answers: aaaa(addressOf(key(8))) });
    expect(ask(query('web.ann.hypha'))).toMatchObject({ answers: aaaa(machineAddress) });
  });

  it('says that a name is not there, or has no such record, with what a cache needs to keep that', () => {
    for (const name of ['ben.hypha', 'db.ann.hypha', 'x.web.ann.hypha', 'web.ben.hypha', 'phone.me.hypha', 'a b.hypha'])
      expect(ask(query(name)), name).toMatchObject({
        rcode: rcodes.NXDOMAIN,
        aa: true,
        answers: [],
        authority: [{ name: 'hypha', type: types.SOA, ttl: 10 }],
      });
    for (const type of [types.A, 15, 16, 65, types.NS])
      expect(ask(query('ann.hypha', { type }))).toMatchObject({
        rcode: 0,
        answers: [],
        authority: [{ type: types.SOA }],
      });
  });

  it('is the authority of its zone', () => {
    expect(ask(query('hypha', { type: types.SOA }))).toMatchObject({
      aa: true,
      answers: [{ name: 'hypha', type: types.SOA }],
    });
    expect(ask(query('hypha', { type: types.NS }))).toMatchObject({
      answers: [{ type: types.NS, data: writeName(nameOfText('ns.hypha')) }],
    });
    expect(ask(query('ns.hypha', { type: types.A }))).toMatchObject({
      answers: [{ data: Uint8Array.of(127, 0, 0, 1) }],
    });
    expect(ask(query('hypha'))).toMatchObject({ rcode: 0, answers: [], authority: [{ type: types.SOA }] });
  });

  it('tells whose an address of the mesh is', () => {
    const nibbles = (address: Uint8Array) => [...toHex(address)].toReversed().join('.');
    const ptr = { type: types.PTR };
    expect(ask(query(`${nibbles(addressOf(key(2)))}.ip6.arpa`, ptr))).toMatchObject({
      aa: true,
      answers: [{ type: types.PTR, data: writeName(nameOfText('ann.hypha')) }],
    });
    expect(ask(query(`${nibbles(addressOf(key(8)))}.ip6.arpa`, ptr))).toMatchObject({
      answers: [{ data: writeName(nameOfText('laptop.me.hypha')) }],
    });
    expect(ask(query(`${nibbles(addressOf(key(9)))}.ip6.arpa`, ptr))).toMatchObject({ rcode: rcodes.NXDOMAIN });
    expect(ask(query('4.0.ip6.arpa', ptr))).toMatchObject({ rcode: 0, answers: [], authority: [{ type: types.SOA }] });
    expect(ask(query('f.4.0.ip6.arpa', ptr))).toMatchObject({ rcode: 0, answers: [] });
    expect(ask(query('8.b.d.0.1.0.0.2.ip6.arpa', ptr))).toMatchObject({ rcode: rcodes.REFUSED, aa: false });
  });

  it('refuses what is not its own, unless it was told where to ask', () => {
    expect(ask(query('example.org'))).toMatchObject({ rcode: rcodes.REFUSED, aa: false, answers: [] });
    expect(ask(query('hypha.example.org'))).toMatchObject({ rcode: rcodes.REFUSED });
    expect(ask(query('ann.hypha', { klass: 3 }))).toMatchObject({ rcode: rcodes.REFUSED });
    expect(ask(query('example.org'), { upstream: true })).toEqual({ kind: 'forward' });
    expect(ask(query('example.org', { rd: false }), { upstream: true })).toMatchObject({
      rcode: rcodes.REFUSED,
      ra: true,
    });
    expect(ask(query('ben.hypha'), { upstream: true })).toMatchObject({ rcode: rcodes.NXDOMAIN });
  });

  it('speaks EDNS, version 0', () => {
    expect(ask(query('ann.hypha', { edns: {} }))).toMatchObject({
      answers: [{}, {}],
      additional: [{ name: '', type: types.OPT, ttl: 0 }],
    });
    // BADVERS is 16: its upper part stands in the OPT record.
    expect(ask(query('ann.hypha', { edns: { version: 1 } }))).toMatchObject({
      rcode: 0,
      answers: [],
      additional: [{ ttl: 1 << 24 }],
    });
    const two = query('ann.hypha', { edns: {} });
    const opt = two.slice(-11);
    two[11] = 2;
    expect(ask(concatBytes(two, opt))).toMatchObject({ rcode: rcodes.FORMERR });
  });

  it('sends over UDP what fits, and asks to come back over TCP for the rest', () => {
    const many = createNameBook({
      people: () => [{ label: 'crowd', meshKeys: Array.from({ length: 60 }, (_, i) => hex(i)) }],
      devices: () => [],
    });
    expect(ask(query('crowd.hypha'), { lookup: many })).toMatchObject({ tc: true, answers: [] });
    expect(ask(query('crowd.hypha', { edns: { payload: 65_535 } }), { lookup: many })).toMatchObject({ tc: true });
    const whole = ask(query('crowd.hypha'), { lookup: many, over: 'tcp' });
    expect([whole.tc, whole.answers?.length]).toEqual([false, 60]);
    for (const payload of [0, 600])
      expect(ask(query('crowd.hypha', { edns: { payload } }), { lookup: many }).length).toBeLessThanOrEqual(
        Math.max(512, payload),
      );
  });

  it('does not answer answers, and says what it does not do', () => {
    const answer = query('ann.hypha');
    answer[2] = 0x80;
    expect(ask(answer)).toEqual({ kind: 'silence' });
    expect(ask(new Uint8Array(11))).toEqual({ kind: 'silence' });
    const update = query('ann.hypha');
    update[2] = 5 << 3;
    expect(ask(update)).toMatchObject({ rcode: rcodes.NOTIMP });
    const none = query('ann.hypha');
    none[5] = 0;
    expect(ask(none)).toMatchObject({ rcode: rcodes.FORMERR });
  });

  it('is led round no circle by pointers', () => {
    const pointing = (...bytes: number[]) =>
      concatBytes(numbers(0xbeef, 0, 1, 0, 0, 0), Uint8Array.of(...bytes), numbers(28, 1));
    for (const loop of [[0xc0, 12], [0xc0, 14, 0xc0, 12], [1, 0x61, 0xc0, 12], [0xc0, 0xff], [0x40, 1], [0x80]])
      expect(ask(pointing(...loop)), String(loop)).toMatchObject({ rcode: rcodes.FORMERR });
    // 128 labels of one letter, as many pointers as fit: too long for a name, and found so early.
    const long = Uint8Array.of(...Array.from({ length: 200 }, () => [1, 0x61]).flat(), 0);
    expect(readName(long, 0)).toBeNull();
    const back = concatBytes(Uint8Array.of(3, 0x61, 0x62, 0x63, 0), Uint8Array.of(1, 0x78, 0xc0, 0));
    expect(readName(back, 5)).toEqual({ name: nameOfText('x.abc'), end: 9 });
  });

  it('answers or is silent for any bytes, shorter than it was asked or a little longer', () => {
    const head = fc.tuple(fc.integer({ min: 0, max: 0x7fff }), fc.constantFrom(0, 1, 2), fc.nat(9));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), head, (bytes, [flags, count, more]) => {
        respond(bytes, { over: 'udp', lookup: book, upstream: false });
        const framed = concatBytes(numbers(0xbeef, flags, count, 0, 0, more), bytes);
        const response = respond(framed, { over: 'udp', lookup: book, upstream: true });
        if (response.kind === 'answer') expect(response.bytes.length).toBeLessThanOrEqual(1232);
        const decoded = decodeQuery(framed);
        if (decoded.kind === 'query')
          expect(readName(writeName(decoded.query.name), 0)?.name).toEqual(decoded.query.name);
      }),
      { numRuns: 5000 },
    );
    fc.assert(
      fc.property(fc.nat(query('ann.hypha', { edns: {} }).length - 1), fc.nat(255), (at, value) => {
        const changed = query('ann.hypha', { edns: {} });
        changed[at] = value;
        respond(changed, { over: 'tcp', lookup: book, upstream: false });
        expect(['answer', 'silence']).toContain(
          respond(changed.subarray(0, at), { over: 'udp', lookup: book, upstream: false }).kind,
        );
      }),
      { numRuns: 3000 },
    );
  });
});

describe('the book of names', () => {
  it('knows names as people write them', () => {
    for (const name of ['ann', 'ann.hypha', 'Ann.HYPHA.']) expect(book.addresses(name)).toHaveLength(2);
    for (const name of ['', 'hypha', 'bob', 'ann.example', '.', 'анна']) expect(book.addresses(name)).toEqual([]);
    expect(addressText(book.addresses('me')[0] ?? new Uint8Array(16))).toMatch(/^[45]/);
  });

  it('forgets what changed', () => {
    let label = 'ann';
    const moving = createNameBook({ people: () => [{ label, meshKeys: [hex(1)] }], devices: () => [] });
    expect(moving.addresses('ann')).toHaveLength(1);
    label = 'anna';
    moving.changed();
    expect([moving.addresses('ann'), moving.nameOf(addressOf(key(1))), moving.find(['me'])]).toEqual([
      [],
      'anna',
      null,
    ]);
  });
});
