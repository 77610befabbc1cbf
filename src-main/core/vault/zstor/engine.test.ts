import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAesGcm } from '#core/crypto/aead.ts';
import { blake2b128 } from '#core/crypto/blake2b.ts';
import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { fromHex, toHex } from '#core/crypto/ids.ts';
import { noise } from '../testing/harness.ts';
import { codeShards, joinShards } from './erasure.ts';
import { createOpening, Damaged } from './opening.ts';
import { createSealing, pieceBytes } from './sealing.ts';

let directory = '';
let files = 0;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hypha-zstor-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));
const key = Uint8Array.from({ length: 32 }, (_, i) => i);
const name = (): string => join(directory, `s${++files}`);

async function seal(
  plain: Uint8Array,
  k: number,
  parity: number,
  step = 1 << 20,
  nonce = new Uint8Array(12).fill(0x24),
) {
  const sealing = await createSealing({ spool: name(), key, nonce, k, parity });
  for (let at = 0; at < plain.length; at += step) sealing.push(plain.subarray(at, at + step));
  const sealed = sealing.finish();
  const shards: Uint8Array[][] = Array.from({ length: k + parity }, () => []);
  for (let all = sealing.pieces(); all; all = sealing.pieces())
    for (const [i, piece] of all.entries()) shards[i]?.push(piece);
  const checksums = sealing.checksums();
  sealing.close();
  return { ...sealed, shards, checksums };
}

async function open(
  s: Awaited<ReturnType<typeof seal>>,
  k: number,
  parity: number,
  which: readonly number[],
  using = key,
): Promise<Uint8Array> {
  const opening = await createOpening({ spool: name(), key: using, k, parity, checksum: s.checksum });
  try {
    for (const i of which) {
      for (const piece of s.shards[i] ?? []) await opening.append(i, piece);
      expect(opening.finishShard(i, s.checksums[i] ?? new Uint8Array(16))).toBe(true);
    }
    opening.assemble();
    const out: Uint8Array[] = [];
    for (let plain = opening.next(); plain; plain = opening.next()) out.push(plain);
    return concatBytes(...out);
  } finally {
    opening.close();
  }
}

describe('shards', () => {
  // Compared with the reed-solomon-erasure crate 6.0.0 when they were made.
  it.each([
    ['68656c6c6f', 2, 2, '68656c 6c6f01 6071b6 647bdb'],
    ['68656c6c', 2, 2, '68656c 6c0202 60abb0 64ccde'],
    ['', 2, 2, '02 02 02 02'],
    [
      toHex(Uint8Array.from({ length: 25 }, (_, i) => i)),
      10,
      5,
      '000102 030405 060708 090a0b 0c0d0e 0f1011 121314 151617 180505 050505 1bdf93 baaa5a 5b05f4 21d345 342fee',
    ],
  ])('of %j in %i+%i', (hex, k, parity, shards) => {
    const value = fromHex(hex) ?? new Uint8Array(0);
    expect(codeShards(value, k, parity).map(toHex).join(' ')).toBe(shards);
  });

  it('give the value back, whichever are lost', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.integer({ min: 1, max: 12 }),
        fc.nat(6),
        fc.infiniteStream(fc.nat()),
        (value, k, parity, stream) => {
          const shards: (Uint8Array | null)[] = codeShards(value, k, parity);
          for (let lost = 0; lost < parity; ) {
            const i = stream.next().value % (k + parity);
            if (shards[i]) lost++;
            shards[i] = null;
          }
          expect(joinShards(shards, k, parity)).toEqual(value);
          shards[shards.findIndex((shard) => shard !== null)] = null;
          expect(joinShards(shards, k, parity)).toBeNull();
        },
      ),
    );
  });

  it('of no one value are refused', () => {
    expect(joinShards([Uint8Array.of(1, 2), Uint8Array.of(3)], 2, 0)).toBeNull();
    expect(joinShards([Uint8Array.of(1), Uint8Array.of(9)], 2, 0)).toBeNull();
    expect(joinShards([Uint8Array.of(1), Uint8Array.of(2)], 2, 0)).toBeNull();
    expect(joinShards([new Uint8Array(0)], 1, 0)).toBeNull();
  });
});

describe('an object', () => {
  it('is what the whole of it, framed, sealed, padded and coded at once, would be', async () => {
    const s = await seal(utf8('hello world'), 2, 2);
    const shards = s.shards.map((pieces) => concatBytes(...pieces));
    const sealed = joinShards(shards, 2, 2) ?? new Uint8Array(0);
    expect(codeShards(sealed, 2, 2)).toEqual(shards);
    expect(sealed.subarray(0, 12)).toEqual(new Uint8Array(12).fill(0x24));
    const framed = openAesGcm(key, sealed.subarray(0, 12), sealed.subarray(12), new Uint8Array(0));
    expect(framed && toHex(framed)).toBe('ff060000734e61507059010f0000007ed86d68656c6c6f20776f726c64');
    expect(s.checksum).toEqual(await blake2b128(utf8('hello world')));
    for (const [i, shard] of shards.entries()) expect(s.checksums[i]).toEqual(await blake2b128(shard));
  });

  it.each([
    [0, 3, 2],
    [1, 1, 0],
    [100_000, 16, 4],
    [3 * pieceBytes + 12_345, 1, 1],
    [5 * pieceBytes + 77, 2, 3],
  ])('of %i bytes comes back from any of its shards (%i+%i)', async (length, k, parity) => {
    const plain = noise(length, 7);
    plain.fill(1, 0, length >> 1);
    const s = await seal(plain, k, parity, 300_001);
    expect(s.plainLength).toBe(length);
    expect(s.shards.every((pieces) => pieces.length === s.pieces)).toBe(true);
    for (const pieces of s.shards) for (const piece of pieces.slice(0, -1)) expect(piece.length).toBe(pieceBytes);
    const all = Array.from({ length: k + parity }, (_, i) => i);
    expect(Buffer.from(await open(s, k, parity, all)).equals(plain)).toBe(true);
    expect(Buffer.from(await open(s, k, parity, all.slice(parity).reverse())).equals(plain)).toBe(true);
    // Nothing of it is left, by any name.
    expect(await readdir(directory)).toEqual([]);
  });

  it('is not given out when anything is wrong', async () => {
    const plain = noise(500_000, 9);
    const s = await seal(plain, 3, 2);
    await expect(open(s, 3, 2, [0, 1])).rejects.toThrow(Damaged);
    await expect(open(s, 3, 2, [0, 1, 4], new Uint8Array(32))).rejects.toThrow(Damaged);
    await expect(open({ ...s, checksum: new Uint8Array(16) }, 3, 2, [0, 1, 2])).rejects.toThrow(Damaged);
    const opening = await createOpening({ spool: name(), key, k: 3, parity: 2, checksum: s.checksum });
    for (const piece of s.shards[0] ?? [])
      await opening.append(
        0,
        piece.map((byte, i) => (i === 5 ? byte ^ 1 : byte)),
      );
    expect(opening.finishShard(0, s.checksums[0] ?? new Uint8Array(0))).toBe(false);
    expect(opening.finishShard(1, s.checksums[1] ?? new Uint8Array(0))).toBe(false);
    opening.close();
    // Shards that another code gave: each is right by itself, together they are not.
    const other = await seal(plain, 3, 2, 1 << 20, new Uint8Array(12).fill(1));
    const mixed = {
      ...s,
      shards: [...s.shards.slice(0, 2), ...other.shards.slice(2)],
      checksums: [...s.checksums.slice(0, 2), ...other.checksums.slice(2)],
    };
    await expect(open(mixed, 3, 2, [0, 1, 2])).rejects.toThrow(Damaged);
    expect(await readdir(directory)).toEqual([]);
  });
});
