// The vault's WebAssembly kernel, in AssemblyScript (not TypeScript: `load`, `v128` and the like are instructions).
// `node src-main/core/vault/erasure/build-kernel.ts` compiles it into src-main/core/vault/erasure/kernel-bytes.ts;
// kernel.test.ts rebuilds it and compares. It works on one shared memory and keeps no state: every pointer is an argument.
//
// Multiplication by a constant c in GF(2^8) is linear over bits, so c*x = low[x & 15] ^ high[x >> 4] with two tables of
// 16 bytes a coefficient; i8x16.relaxed_swizzle looks 16 of them up at once (the PSHUFB method: Plank, Greenan, Miller,
// "Screaming Fast Galois Field Arithmetic Using Intel SIMD Instructions", FAST 2013). Relaxed it is one instruction; what
// processors do differently concerns indices of 16 and more, and there are none.

/**
 * outputs[o] = XOR over i of coefficient(o, i) * inputs[i], for `length` bytes (a multiple of 32).
 * `tables`: 32 bytes (low, high) for each (output, input), output-major. `ins`, `outs`: arrays of u32 pointers.
 * Up to four outputs are made in one pass over the inputs, held in registers.
 */
export function combine(tables: usize, nIn: u32, nOut: u32, ins: usize, outs: usize, length: u32): void {
  const row: usize = (<usize>nIn) << 5;
  let o: u32 = 0;
  while (o < nOut) {
    const left = nOut - o;
    const t = tables + <usize>o * row;
    const p = outs + ((<usize>o) << 2);
    if (left >= 4) {
      pass4(t, row, nIn, ins, p, length);
      o += 4;
    } else if (left === 3) {
      pass3(t, row, nIn, ins, p, length);
      o += 3;
    } else if (left === 2) {
      pass2(t, row, nIn, ins, p, length);
      o += 2;
    } else {
      pass1(t, nIn, ins, p, length);
      o += 1;
    }
  }
}

function pass1(t: usize, nIn: u32, ins: usize, outs: usize, length: u32): void {
  const nibble = i8x16.splat(15);
  const d0: usize = load<u32>(outs);
  for (let at: usize = 0; at < <usize>length; at += 32) {
    let a0 = i8x16.splat(0);
    let a1 = i8x16.splat(0);
    let q = t;
    for (let i: u32 = 0; i < nIn; i++) {
      const s: usize = <usize>load<u32>(ins + ((<usize>i) << 2)) + at;
      const x = v128.load(s);
      const y = v128.load(s, 16);
      const xl = v128.and(x, nibble);
      const xh = v128.and(i16x8.shr_u(x, 4), nibble);
      const yl = v128.and(y, nibble);
      const yh = v128.and(i16x8.shr_u(y, 4), nibble);
      const l = v128.load(q);
      const h = v128.load(q, 16);
      a0 = v128.xor(a0, v128.xor(i8x16.relaxed_swizzle(l, xl), i8x16.relaxed_swizzle(h, xh)));
      a1 = v128.xor(a1, v128.xor(i8x16.relaxed_swizzle(l, yl), i8x16.relaxed_swizzle(h, yh)));
      q += 32;
    }
    v128.store(d0 + at, a0);
    v128.store(d0 + at, a1, 16);
  }
}

function pass2(t: usize, row: usize, nIn: u32, ins: usize, outs: usize, length: u32): void {
  const nibble = i8x16.splat(15);
  const d0: usize = load<u32>(outs);
  const d1: usize = load<u32>(outs, 4);
  for (let at: usize = 0; at < <usize>length; at += 32) {
    let a0 = i8x16.splat(0);
    let a1 = i8x16.splat(0);
    let b0 = i8x16.splat(0);
    let b1 = i8x16.splat(0);
    let q = t;
    for (let i: u32 = 0; i < nIn; i++) {
      const s: usize = <usize>load<u32>(ins + ((<usize>i) << 2)) + at;
      const x = v128.load(s);
      const y = v128.load(s, 16);
      const xl = v128.and(x, nibble);
      const xh = v128.and(i16x8.shr_u(x, 4), nibble);
      const yl = v128.and(y, nibble);
      const yh = v128.and(i16x8.shr_u(y, 4), nibble);
      let l = v128.load(q);
      let h = v128.load(q, 16);
      a0 = v128.xor(a0, v128.xor(i8x16.relaxed_swizzle(l, xl), i8x16.relaxed_swizzle(h, xh)));
      a1 = v128.xor(a1, v128.xor(i8x16.relaxed_swizzle(l, yl), i8x16.relaxed_swizzle(h, yh)));
      l = v128.load(q + row);
      h = v128.load(q + row, 16);
      b0 = v128.xor(b0, v128.xor(i8x16.relaxed_swizzle(l, xl), i8x16.relaxed_swizzle(h, xh)));
      b1 = v128.xor(b1, v128.xor(i8x16.relaxed_swizzle(l, yl), i8x16.relaxed_swizzle(h, yh)));
      q += 32;
    }
    v128.store(d0 + at, a0);
    v128.store(d0 + at, a1, 16);
    v128.store(d1 + at, b0);
    v128.store(d1 + at, b1, 16);
  }
}

function pass3(t: usize, row: usize, nIn: u32, ins: usize, outs: usize, length: u32): void {
  const nibble = i8x16.splat(15);
  const d0: usize = load<u32>(outs);
  const d1: usize = load<u32>(outs, 4);
  const d2: usize = load<u32>(outs, 8);
  const row2 = row << 1;
  for (let at: usize = 0; at < <usize>length; at += 32) {
    let a0 = i8x16.splat(0);
    let a1 = i8x16.splat(0);
    let b0 = i8x16.splat(0);
    let b1 = i8x16.splat(0);
    let c0 = i8x16.splat(0);
    let c1 = i8x16.splat(0);
    let q = t;
    for (let i: u32 = 0; i < nIn; i++) {
      const s: usize = <usize>load<u32>(ins + ((<usize>i) << 2)) + at;
      const x = v128.load(s);
      const y = v128.load(s, 16);
      const xl = v128.and(x, nibble);
      const xh = v128.and(i16x8.shr_u(x, 4), nibble);
      const yl = v128.and(y, nibble);
      const yh = v128.and(i16x8.shr_u(y, 4), nibble);
      let l = v128.load(q);
      let h = v128.load(q, 16);
      a0 = v128.xor(a0, v128.xor(i8x16.relaxed_swizzle(l, xl), i8x16.relaxed_swizzle(h, xh)));
      a1 = v128.xor(a1, v128.xor(i8x16.relaxed_swizzle(l, yl), i8x16.relaxed_swizzle(h, yh)));
      l = v128.load(q + row);
      h = v128.load(q + row, 16);
      b0 = v128.xor(b0, v128.xor(i8x16.relaxed_swizzle(l, xl), i8x16.relaxed_swizzle(h, xh)));
      b1 = v128.xor(b1, v128.xor(i8x16.relaxed_swizzle(l, yl), i8x16.relaxed_swizzle(h, yh)));
      l = v128.load(q + row2);
      h = v128.load(q + row2, 16);
      c0 = v128.xor(c0, v128.xor(i8x16.relaxed_swizzle(l, xl), i8x16.relaxed_swizzle(h, xh)));
      c1 = v128.xor(c1, v128.xor(i8x16.relaxed_swizzle(l, yl), i8x16.relaxed_swizzle(h, yh)));
      q += 32;
    }
    v128.store(d0 + at, a0);
    v128.store(d0 + at, a1, 16);
    v128.store(d1 + at, b0);
    v128.store(d1 + at, b1, 16);
    v128.store(d2 + at, c0);
    v128.store(d2 + at, c1, 16);
  }
}

function pass4(t: usize, row: usize, nIn: u32, ins: usize, outs: usize, length: u32): void {
  const nibble = i8x16.splat(15);
  const d0: usize = load<u32>(outs);
  const d1: usize = load<u32>(outs, 4);
  const d2: usize = load<u32>(outs, 8);
  const d3: usize = load<u32>(outs, 12);
  const row2 = row << 1;
  const row3 = row + row2;
  for (let at: usize = 0; at < <usize>length; at += 32) {
    let a0 = i8x16.splat(0);
    let a1 = i8x16.splat(0);
    let b0 = i8x16.splat(0);
    let b1 = i8x16.splat(0);
    let c0 = i8x16.splat(0);
    let c1 = i8x16.splat(0);
    let e0 = i8x16.splat(0);
    let e1 = i8x16.splat(0);
    let q = t;
    for (let i: u32 = 0; i < nIn; i++) {
      const s: usize = <usize>load<u32>(ins + ((<usize>i) << 2)) + at;
      const x = v128.load(s);
      const y = v128.load(s, 16);
      const xl = v128.and(x, nibble);
      const xh = v128.and(i16x8.shr_u(x, 4), nibble);
      const yl = v128.and(y, nibble);
      const yh = v128.and(i16x8.shr_u(y, 4), nibble);
      let l = v128.load(q);
      let h = v128.load(q, 16);
      a0 = v128.xor(a0, v128.xor(i8x16.relaxed_swizzle(l, xl), i8x16.relaxed_swizzle(h, xh)));
      a1 = v128.xor(a1, v128.xor(i8x16.relaxed_swizzle(l, yl), i8x16.relaxed_swizzle(h, yh)));
      l = v128.load(q + row);
      h = v128.load(q + row, 16);
      b0 = v128.xor(b0, v128.xor(i8x16.relaxed_swizzle(l, xl), i8x16.relaxed_swizzle(h, xh)));
      b1 = v128.xor(b1, v128.xor(i8x16.relaxed_swizzle(l, yl), i8x16.relaxed_swizzle(h, yh)));
      l = v128.load(q + row2);
      h = v128.load(q + row2, 16);
      c0 = v128.xor(c0, v128.xor(i8x16.relaxed_swizzle(l, xl), i8x16.relaxed_swizzle(h, xh)));
      c1 = v128.xor(c1, v128.xor(i8x16.relaxed_swizzle(l, yl), i8x16.relaxed_swizzle(h, yh)));
      l = v128.load(q + row3);
      h = v128.load(q + row3, 16);
      e0 = v128.xor(e0, v128.xor(i8x16.relaxed_swizzle(l, xl), i8x16.relaxed_swizzle(h, xh)));
      e1 = v128.xor(e1, v128.xor(i8x16.relaxed_swizzle(l, yl), i8x16.relaxed_swizzle(h, yh)));
      q += 32;
    }
    v128.store(d0 + at, a0);
    v128.store(d0 + at, a1, 16);
    v128.store(d1 + at, b0);
    v128.store(d1 + at, b1, 16);
    v128.store(d2 + at, c0);
    v128.store(d2 + at, c1, 16);
    v128.store(d3 + at, e0);
    v128.store(d3 + at, e1, 16);
  }
}

/**
 * Length of the first chunk of `length` bytes at `data`: FastCDC (Xia et al., USENIX ATC 2016) with a 32-bit gear hash.
 * No cut before `min`; up to `normal` a cut needs `maskSmall` zero, after it `maskLarge`; at `max` it is cut anyway.
 * Returns 0 when `length` < `max` and no cut was found (more data may move it).
 */
export function cut(
  gear: usize,
  data: usize,
  length: u32,
  min: u32,
  normal: u32,
  max: u32,
  maskSmall: u32,
  maskLarge: u32,
): u32 {
  if (length <= min) return 0;
  const end = length < max ? length : max;
  const mid = end < normal ? end : normal < min ? min : normal;
  let hash: u32 = 0;
  // The window is 32 bytes: a bit shifted 32 times is gone. Warm it up so that a cut depends on content alone.
  let i: u32 = min - 32;
  for (; i < min; i++) hash = (hash << 1) + load<u32>(gear + ((<usize>load<u8>(data + <usize>i)) << 2));
  i = seek(gear, data, i, mid, hash, maskSmall);
  if (i <= mid) return i;
  // The hash of a window is the same wherever it is begun.
  hash = 0;
  for (i = mid - 32; i < mid; i++) hash = (hash << 1) + load<u32>(gear + ((<usize>load<u8>(data + <usize>i)) << 2));
  i = seek(gear, data, mid, end, hash, maskLarge);
  if (i <= end) return i;
  return end === max ? max : 0;
}

/** One past the first byte in [from, to) after which the masked bits of the hash are zero; more than `to` when there is none. */
function seek(gear: usize, data: usize, from: u32, to: u32, start: u32, mask: u32): u32 {
  let hash = start;
  let p = data + <usize>from;
  const end = data + <usize>to;
  // Eight at a time: what a loop costs is a third of what is done with a byte.
  while (p + 8 <= end) {
    hash = (hash << 1) + load<u32>(gear + ((<usize>load<u8>(p)) << 2));
    if ((hash & mask) === 0) return <u32>(p - data) + 1;
    hash = (hash << 1) + load<u32>(gear + ((<usize>load<u8>(p, 1)) << 2));
    if ((hash & mask) === 0) return <u32>(p - data) + 2;
    hash = (hash << 1) + load<u32>(gear + ((<usize>load<u8>(p, 2)) << 2));
    if ((hash & mask) === 0) return <u32>(p - data) + 3;
    hash = (hash << 1) + load<u32>(gear + ((<usize>load<u8>(p, 3)) << 2));
    if ((hash & mask) === 0) return <u32>(p - data) + 4;
    hash = (hash << 1) + load<u32>(gear + ((<usize>load<u8>(p, 4)) << 2));
    if ((hash & mask) === 0) return <u32>(p - data) + 5;
    hash = (hash << 1) + load<u32>(gear + ((<usize>load<u8>(p, 5)) << 2));
    if ((hash & mask) === 0) return <u32>(p - data) + 6;
    hash = (hash << 1) + load<u32>(gear + ((<usize>load<u8>(p, 6)) << 2));
    if ((hash & mask) === 0) return <u32>(p - data) + 7;
    hash = (hash << 1) + load<u32>(gear + ((<usize>load<u8>(p, 7)) << 2));
    if ((hash & mask) === 0) return <u32>(p - data) + 8;
    p += 8;
  }
  for (; p < end; p++) {
    hash = (hash << 1) + load<u32>(gear + ((<usize>load<u8>(p)) << 2));
    if ((hash & mask) === 0) return <u32>(p - data) + 1;
  }
  return to + 1;
}
