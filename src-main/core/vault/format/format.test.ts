import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastTime } from '#shared/model/ids.ts';
import { packCapacity } from '../pool/arena.ts';
import { type CatalogueRecord, decodeCatalogue, encodeCatalogue, packRecords } from './catalogue.ts';
import { codecs, compress, decompress, openChunk, sealChunk, sealChunkInto } from './chunk.ts';
import { chunkKey, offlineCacheKey, packKey, u32, vaultKeys } from './keys.ts';
import { decodeManifest, encodeManifest } from './manifest.ts';
import { decodePlaceIdentity, encodePlaceIdentity } from './place-identity.ts';
import { decodeItem, encodeItem, type ItemRecord, openRow, sealRow } from './row.ts';
import {
  checkShardTag,
  decodeShardHeader,
  encodeShardHeader,
  headerBytes,
  type ShardHeader,
  shardLengthFor,
  shardTag,
  wholePayload,
} from './shard.ts';

const bytes = (n: number) => fc.uint8Array({ minLength: n, maxLength: n });
const hex = (b: Uint8Array): string => Buffer.from(b).toString('hex');

const header: fc.Arbitrary<ShardHeader> = fc
  .record({
    k: fc.integer({ min: 1, max: 40 }),
    m: fc.integer({ min: 0, max: 24 }),
    units: fc.integer({ min: 1, max: 9000 }),
  })
  .chain(({ k, m, units }) =>
    fc.record({
      kind: fc.constantFrom(0 as const, 1 as const, 2 as const),
      k: fc.constant(k),
      m: fc.constant(m),
      index: fc.integer({ min: 0, max: k + m - 1 }),
      vaultId: bytes(16),
      packId: bytes(16),
      epoch: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      shardLength: fc.constant(units * 32),
      payload: fc.integer({ min: 1, max: k * units * 32 }),
      part: fc.nat(9),
      parts: fc.integer({ min: 10, max: 2 ** 32 - 1 }),
      generation: fc.integer({ min: 2, max: 2 ** 48 - 1 }),
      previous: fc.constant(1),
    }),
  )
  .map((h) => {
    if (h.kind === 0) return { ...h, part: 0, parts: 1, generation: 0, previous: 0 };
    return h.kind === 1 ? { ...h, previous: 0 } : h;
  });

const item: fc.Arbitrary<ItemRecord> = fc.record({
  parent: fc.option(fc.string({ maxLength: 64 })),
  kind: fc.constantFrom('file' as const, 'folder' as const),
  name: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
  size: fc.maxSafeNat(),
  modified: fc.integer({ min: 0, max: lastTime }),
  added: fc.maxSafeNat(),
  mime: fc.string({ maxLength: 80 }),
  binnedAt: fc.option(fc.maxSafeNat()),
});

const record: fc.Arbitrary<CatalogueRecord> = fc.oneof(
  fc
    .record({ id: fc.stringMatching(/^[A-Za-z0-9_-]{1,22}$/), s: fc.uint8Array() })
    .map((r): CatalogueRecord => ['item', r.id, r.s]),
  fc
    .record({ id: fc.stringMatching(/^[A-Za-z0-9_-]{1,22}$/), s: fc.uint8Array() })
    .map((r): CatalogueRecord => ['manifest', r.id, r.s]),
  fc.record({ id: bytes(16), chunk: bytes(32), n: fc.nat(1e6), place: fc.option(fc.constant('abc')) }).map(
    (r): CatalogueRecord => [
      'pack',
      r.id,
      'p/00012',
      4,
      2,
      1,
      r.n + 1,
      64,
      r.n,
      [
        [r.place, 'ok'],
        [null, 'missing'],
      ],
      [[r.chunk, 0, 0, r.n, r.n, 1]],
    ],
  ),
  fc
    .record({ id: bytes(16), wrapped: bytes(60), epoch: fc.integer({ min: 1, max: 65_535 }) })
    .map((r): CatalogueRecord => {
      const wrapped = new Uint8Array([...u32(r.epoch), ...r.wrapped]);
      return ['pack', r.id, 'p/00012', 4, 2, r.epoch, 1, 64, 0, [[null, 'missing']], [], wrapped];
    }),
  fc.constant<CatalogueRecord>(['gone', 'pack', 'ff']),
  fc.constant<CatalogueRecord>(['place', 'a', 'n', '/p', 'fs:1', 'disk', 'active', 1]),
  fc
    .record({ owner: fc.constantFrom('', 'Ann'), limit: fc.option(fc.nat()), weight: fc.integer({ min: 1, max: 100 }) })
    .map((said): CatalogueRecord => {
      const address = { kind: 'zdb', host: 'a.example', port: 9900, namespace: 'n' } as const;
      const more = { address, sealed: new Uint8Array(40), site: 'home', ...said };
      return ['place', 'b', 'n', '', 'host:a.example', 'a.example', 'active', 1, more];
    }),
);

/** Any bytes, and bytes near a valid encoding: the decoder answers null or a value that encodes to the same bytes. */
function fuzz<T>(
  valid: fc.Arbitrary<Uint8Array>,
  decode: (b: Uint8Array) => T | null,
  encode?: (value: T) => Uint8Array,
) {
  const near = fc
    .record({ base: valid, at: fc.nat(), to: fc.nat(255), cut: fc.nat(40), grow: fc.uint8Array({ maxLength: 4 }) })
    .map(({ base, at, to, cut, grow }) => {
      const out = Buffer.from(base);
      if (out.length > 0) out[at % out.length] = to;
      return new Uint8Array(Buffer.concat([out.subarray(0, Math.max(0, out.length - (cut % 8))), grow]));
    });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), near), (input) => {
      const value = decode(input);
      if (value !== null && encode)
        expect(hex(encode(value).subarray(0, input.length))).toBe(hex(input.subarray(0, encode(value).length)));
    }),
    { numRuns: 500 },
  );
}

describe('shard file', () => {
  it('round-trips its header and refuses any other bytes', () => {
    fc.assert(
      fc.property(header, (h) => {
        expect(decodeShardHeader(encodeShardHeader(h))).toEqual(h);
      }),
    );
    fuzz(header.map(encodeShardHeader), decodeShardHeader, encodeShardHeader);
  });

  it('has a tag that any flipped bit of header or shard breaks', () => {
    fc.assert(
      fc.property(header, bytes(64), bytes(32), fc.nat(headerBytes + 64 - 1), fc.nat(7), (h, shard, key, at, bit) => {
        const head = encodeShardHeader(h);
        const tag = shardTag(key, head, shard);
        expect(checkShardTag(key, head, shard, tag)).toBe(true);
        const target = at < headerBytes ? head : shard;
        const index = at < headerBytes ? at : at - headerBytes;
        target[index] = (target[index] ?? 0) ^ (1 << bit);
        expect(checkShardTag(key, head, shard, tag)).toBe(false);
      }),
    );
  });

  it('rounds shard lengths so that they fit and waste little', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 26 }), fc.integer({ min: 1, max: 32 }), (payload, k) => {
        const length = shardLengthFor(payload, k);
        expect(length % 32).toBe(0);
        expect(length * k).toBeGreaterThanOrEqual(payload);
        // One byte more never takes less, and what is full stays so.
        expect(shardLengthFor(payload + 1, k)).toBeGreaterThanOrEqual(length);
        expect(wholePayload(wholePayload(payload, k), k)).toBe(wholePayload(payload, k));
        const waste = length - Math.max(64, payload / k);
        if (payload / k <= 65_536) expect(waste).toBeLessThan(Math.max(64, payload / k) + 1);
        else if (payload <= 2 ** 20) expect(waste).toBeLessThanOrEqual(Math.max(16_384, payload / k / 8));
        else expect(waste).toBeLessThanOrEqual(Math.max(16_384, 2 ** 20 / k / 8));
      }),
    );
    // The slots of an arena take any pack of the vault.
    const shapes = fc
      .integer({ min: 1, max: 63 })
      .chain((k) => fc.tuple(fc.constant(k), fc.integer({ min: 0, max: 64 - k })));
    fc.assert(
      fc.property(shapes, fc.double({ min: 0, max: 1, noNaN: true }), ([k, m], part) => {
        const most = packCapacity(k, m) + 131_072;
        expect(shardLengthFor(Math.ceil(most * part) || 1, k)).toBeLessThanOrEqual(shardLengthFor(most, k));
      }),
    );
    const sizes = (from: number, to: number): number => {
      const all = new Set<number>();
      for (let payload = from; payload < to; payload += 4096) all.add(shardLengthFor(payload, 4));
      return all.size;
    };
    // Few lengths where one small file makes a pack.
    expect(sizes(1, 256 * 1024)).toBeLessThan(12);
    expect(sizes(256 * 1024, 2 ** 20)).toBeLessThan(16);
  });
});

describe('chunk', () => {
  const position = { packId: new Uint8Array(16).fill(3), index: 5, codec: codecs.none, plain: 0 };
  it('opens only as what and where it was sealed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), bytes(32), (plain, key) => {
        const { codec, bytes: body } = compress(plain);
        const at = { ...position, codec, plain: plain.length };
        const sealed = sealChunk(key, at, body);
        const target = new Uint8Array(sealed.length);
        expect(sealChunkInto(key, at, body, target)).toBe(sealed.length);
        expect(hex(target)).toBe(hex(sealed));
        expect(hex(openChunk(key, at, sealed) ?? new Uint8Array([1]))).toBe(hex(plain));
        expect(openChunk(key, { ...at, index: 6 }, sealed)).toBeNull();
        expect(openChunk(key, { ...at, plain: plain.length + 1 }, sealed)).toBeNull();
        expect(openChunk(key, { ...at, packId: new Uint8Array(16) }, sealed)).toBeNull();
        expect(openChunk(key, at, sealed.subarray(1))).toBeNull();
      }),
      { numRuns: 60 },
    );
  });
  it('compresses text, leaves noise, and never grows past a hostile length', () => {
    const text = Buffer.from('hypha '.repeat(100_000));
    const packed = compress(text);
    expect(packed.codec).toBe(codecs.zstd);
    expect(packed.bytes.length).toBeLessThan(1000);
    expect(hex(decompress(packed.codec, packed.bytes, text.length) ?? new Uint8Array())).toBe(hex(text));
    expect(decompress(packed.codec, packed.bytes, text.length - 1)).toBeNull();
    expect(decompress(packed.codec, packed.bytes, 2 ** 31)).toBeNull();
    fuzz(fc.constant(packed.bytes), (b) => decompress(codecs.zstd, b, 100));
    fuzz(fc.constant(packed.bytes), (b) => decompress(codecs.deflate, b, 100));
  });
});

describe('rows, manifests, catalogue, identity', () => {
  const keys = vaultKeys(new Uint8Array(32).fill(1), new Uint8Array(16).fill(2));
  const random = (n: number): Uint8Array => new Uint8Array(n).fill(9);

  it('round-trips items and refuses other bytes', () => {
    fc.assert(
      fc.property(item, (r) => {
        expect(decodeItem(encodeItem(r))).toEqual(r);
      }),
    );
    fuzz(item.map(encodeItem), decodeItem);
  });

  it('opens a row only under its own id and table', () => {
    const sealed = sealRow(keys, random, 'item', 'abc', Uint8Array.of(1, 2, 3));
    expect(openRow(keys, 'item', 'abc', sealed)).toEqual(Uint8Array.of(1, 2, 3));
    expect(openRow(keys, 'item', 'abd', sealed)).toBeNull();
    expect(openRow(keys, 'manifest', 'abc', sealed)).toBeNull();
    fuzz(
      fc.constant(sealed),
      (b) => (hex(b) === hex(sealed) ? null : openRow(keys, 'item', 'abc', b)),
      () => new Uint8Array([255]),
    );
  });

  it('round-trips manifests and refuses other bytes', () => {
    const manifest = fc
      .array(fc.record({ id: bytes(32), plain: fc.integer({ min: 1, max: 2 ** 32 - 1 }) }), { maxLength: 20 })
      .map((chunks) => ({ chunks }));
    fc.assert(
      fc.property(manifest, (m) => {
        expect(decodeManifest(encodeManifest(m))).toEqual(m);
      }),
    );
    fuzz(manifest.map(encodeManifest), decodeManifest, encodeManifest);
  });

  it('round-trips the catalogue and refuses other bytes', () => {
    const list = fc.array(record, { maxLength: 12 });
    fc.assert(
      fc.property(list, (records) => {
        expect(decodeCatalogue(encodeCatalogue(packRecords(records)))).toMatchObject({ records, headless: false });
      }),
    );
    fuzz(
      list.map((records) => encodeCatalogue(packRecords(records))),
      decodeCatalogue,
    );
  });

  it('round-trips place identities and refuses other text', () => {
    const identity = {
      format: 'hypha-vault-place' as const,
      version: 1 as const,
      vault: 'a'.repeat(32),
      place: 'p',
      check: 'b'.repeat(32),
      k: 4,
      m: 2,
      createdAt: 1,
    };
    expect(decodePlaceIdentity(encodePlaceIdentity(identity))).toEqual(identity);
    expect(decodePlaceIdentity(JSON.stringify({ ...identity, extra: 1 }))).toBeNull();
    expect(decodePlaceIdentity(JSON.stringify({ ...identity, version: 2 }))).toBeNull();
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(decodePlaceIdentity(text)).toBeNull();
      }),
    );
  });

  it('keeps its frozen key vectors', () => {
    const vector = [
      hex(keys.ids),
      hex(keys.chunker),
      hex(keys.rows(1).seal(new Uint8Array(12), new Uint8Array(0), new Uint8Array(0))),
      hex(keys.integrity),
      hex(keys.check),
      hex(keys.epoch(1)),
      hex(packKey(keys.epoch(1), new Uint8Array(16).fill(3))),
      hex(chunkKey(packKey(keys.epoch(1), new Uint8Array(16).fill(3)), 7)),
      hex(offlineCacheKey(new Uint8Array(32).fill(1))),
    ];
    expect(vector).toMatchInlineSnapshot(`
      [
        "d369de95b5c336d1aae46952eedd68711ee98f7d6a7da530d9d67e927b84ed5d",
        "12fcea6bf07784fd1b0e35ab081a8868cd1656d1e86f97cc8462a20a2ad63971",
        "ff69406a4667b06a60acac4f02919dbb",
        "200c317a230f17d9af68a722ff4e46dc6880b02f2cbff9be6e7e8d12e2c96ade",
        "354f402e325a027da6f995a6d0f049d5",
        "8030016b0edbc20d385ca2dafd642349e5790ce206db5c81927aad63780fc869",
        "e381a66508b6dfef274d6cd9d699d3dace8ec03efd6f7368a0324e2abb42987e",
        "14ed484221a6e4c570e35c838250715c5b635e79f26c74fc43ce5be97a266753",
        "aaef8356ea006626936ee757f7e7bc7c8ca7bc619427b02c6a3e0944b767667b",
      ]
    `);
    expect(new Set(vector).size).toBe(vector.length);
  });
});
