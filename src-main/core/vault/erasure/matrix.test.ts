import { describe, expect, it } from 'vitest';
import { generator, invert, multiply, rebuildRows } from './matrix.ts';
import { tableCombine } from './table-combine.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const parity = (k: number, m: number): string[] =>
  generator(k, m)
    .slice(k)
    .map((row) => hex(row));

/** zstor pads like PKCS#7 over k before it splits; only needed to use its published vectors. */
function zstorShards(plain: Uint8Array, k: number, m: number): string[] {
  const pad = k - (plain.length % k);
  const padded = new Uint8Array(plain.length + pad).fill(pad);
  padded.set(plain);
  const size = padded.length / k;
  const data = Array.from({ length: k }, (_, i) => padded.slice(i * size, (i + 1) * size));
  const extra = Array.from({ length: m }, () => new Uint8Array(size));
  tableCombine(generator(k, m).slice(k), data, extra);
  return [...data, ...extra].map(hex);
}

describe('Reed-Solomon matrix', () => {
  it('equals the matrix of zstor (2+2, 10+5, 16+4)', () => {
    expect(parity(2, 2)).toEqual(['0302', '0203']);
    expect(parity(10, 5)).toEqual([
      '8196afb8d2c4fee80302',
      '9681b8afc4d2e8fe0203',
      'bfd6620a066fdfb70504',
      'd6bf0a62 6f06b7df0405'.replace(' ', ''),
      'bfc04c32552ba0df0706',
    ]);
    expect(parity(16, 4)).toEqual([
      '21b5f685df02b7873edd4aa48dda6130',
      'b521 85f602df87b7dd3ea44ada8d3061'.replace(' ', ''),
      'f68521b5b787df024aa43edd6130 8dda'.replace(' ', ''),
      '85f6b52187b702dfa44add3e3061da8d',
    ]);
  });

  it('makes the shards of the published vectors', () => {
    const text = (s: string): Uint8Array => new TextEncoder().encode(s);
    expect(zstorShards(text('hello'), 2, 2)).toEqual(['68656c', '6c6f01', '6071b6', '647bdb']);
    expect(zstorShards(text('hell'), 2, 2)).toEqual(['68656c', '6c0202', '60abb0', '64ccde']);
    expect(zstorShards(text(''), 2, 2)).toEqual(['02', '02', '02', '02']);
    expect(
      zstorShards(
        Uint8Array.from({ length: 25 }, (_, i) => i),
        10,
        5,
      ),
    ).toEqual(
      '000102 030405 060708 090a0b 0c0d0e 0f1011 121314 151617 180505 050505 1bdf93 baaa5a 5b05f4 21d345 342fee'.split(
        ' ',
      ),
    );
  });

  it('has the identity on top and inverts', () => {
    for (const [k, m] of [
      [1, 0],
      [1, 3],
      [4, 2],
      [32, 32],
      [100, 28],
    ] as const) {
      const g = generator(k, m);
      expect(g.length).toBe(k + m);
      const bottom = g.slice(m);
      const product = multiply(invert(bottom), bottom);
      product.forEach((row, r) => {
        row.forEach((x, c) => {
          expect(x).toBe(r === c ? 1 : 0);
        });
      });
    }
  });

  it('refuses what is no code', () => {
    expect(() => generator(0, 1)).toThrow(RangeError);
    expect(() => generator(200, 57)).toThrow(RangeError);
    expect(() => rebuildRows(2, 1, [0, 0], [1])).toThrow(RangeError);
    expect(() => invert([Uint8Array.of(1, 1), Uint8Array.of(1, 1)])).toThrow(RangeError);
  });
});
