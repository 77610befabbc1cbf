import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { behindArguments, decodeSigned, encodeSigned, type NameRecord, putBehind } from './record.ts';

const hex = (n: number) =>
  fc.uint8Array({ minLength: n, maxLength: n }).map((b) => `0x${Buffer.from(b).toString('hex')}`);
const text = (most: number) =>
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: Math.floor(most / 16) }).filter((s) => s.trim() === s);
const record = fc.record(
  {
    v: fc.constant(1 as const),
    type: fc.constant('hypha-name-record' as const),
    chain: fc.bigInt(1n, 1n << 60n).map((id) => `eip155:${id}`),
    registry: hex(20),
    label: text(63),
    owner: hex(20),
    sequence: fc.integer({ min: 1, max: 0xffff_ffff }),
    at: fc.nat(),
    person: fc.constant(`hy1${'a'.repeat(52)}`),
    mesh: fc.array(
      fc
        .ipV6()
        .map((ip) => ip.toLowerCase())
        .filter((ip) => !ip.includes('.')),
      { maxLength: 8 },
    ),
    wallet: hex(20),
    services: fc.array(fc.record({ name: text(64), url: text(256) }), { maxLength: 16 }),
  },
  { requiredKeys: ['v', 'type', 'chain', 'registry', 'label', 'owner', 'sequence', 'at', 'mesh', 'services'] },
) as unknown as fc.Arbitrary<NameRecord>;

describe('a signed record', () => {
  it('reads back, behind the arguments of any call', () => {
    fc.assert(
      fc.property(record, hex(65), fc.option(fc.uint8Array({ maxLength: 3_373 })), (one, owner, person) => {
        const signed = { record: one, owner: owner as `0x${string}`, person };
        const bytes = encodeSigned(signed);
        expect(decodeSigned(bytes)).toEqual(signed);
        const call = putBehind(`0x${'ab'.repeat(4 + 96)}`, bytes);
        expect(decodeSigned(behindArguments(call, 3))).toEqual(signed);
      }),
    );
  });

  it('is nothing when the bytes are anything else, or say it in another spelling', () => {
    const one: NameRecord = {
      ...{
        v: 1,
        type: 'hypha-name-record',
        chain: 'eip155:5',
        label: 'ann',
        sequence: 1,
        at: 1,
        mesh: [],
        services: [],
      },
      ...{ registry: `0x${'aa'.repeat(20)}`, owner: `0x${'bb'.repeat(20)}` },
    } as unknown as NameRecord;
    const bytes = encodeSigned({ record: one, owner: `0x${'11'.repeat(65)}`, person: null });
    expect(decodeSigned(bytes)).not.toBeNull();
    const spelled = Buffer.from(bytes).toString();
    for (const other of [`${spelled} `, spelled.replace('"v":1', '"v":1.0'), spelled.replace('"v":1', '"v":2')]) {
      expect(decodeSigned(Buffer.from(other))).toBeNull();
    }
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const broken = Uint8Array.from(bytes);
        broken[at] = (broken[at] ?? 0) ^ change;
        const read = decodeSigned(broken);
        // A changed digit still reads as another record; what it is not is the same one.
        expect(read === null || !Buffer.from(encodeSigned(read)).equals(Buffer.from(bytes))).toBe(true);
      }),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (any) => decodeSigned(any) === null));
  });
});
