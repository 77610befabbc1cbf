// 0-db's checksum in AssemblyScript (not TypeScript: `load` and the like are instructions).
// `node src-main/core/vault/zdb-server/layout/build-crc.ts` compiles it into crc-bytes.ts beside that file; layout.test.ts rebuilds
// it and compares.
//
// CRC-32C by eight tables, eight bytes at a time ("slicing by 8": Kounavis, Berry, ISCC 2005).
//
// Longer values are first made short. The polynomial divides x^5275 + x^4508 + x^2751 + 1 (found by search; no shorter one has
// four terms), and so, squared three times, the same with eight times the exponents: a byte can be taken away where it stands
// when it is added 767, 2,524 and 5,275 bytes further on. Sixteen bytes at a time that is four loads and no table. What is left,
// when all but the last 5,275 bytes or so are gone, has the same remainder. The same once more with x^290 + x^136 + x^113 +
// x^107 + x^32 + 1 leaves 290. (The idea: Russell, "Chorba", 2024, there for CRC-32.)
//
// Memory: 8 tables of 1,024 bytes; from 12,288 on what the long way leaves; from 18,432 on what the short way leaves; from 19,040
// on what was folded lately, 5,280 bytes, and then a part of 32 KiB; from 65,536 on what the caller puts there.

const polynomial: u32 = 0x82f63b78;
const far: usize = 5275;
const short: usize = 290;
const longRest: usize = 12288;
const shortRest: usize = 18432;
/** Where a part of what is being folded stands, with room before it for what was folded lately. */
const part: usize = 24320;
const reach: usize = 5280;
const partBytes: usize = 32768;
/** Shorter ones are not worth it. */
const longFrom: usize = 24576;
const shortFrom: usize = 1024;

function entry(table: usize, index: u32): u32 {
  return load<u32>((table << 10) + ((<usize>index) << 2));
}

function step(word: u64): u32 {
  const a = <u32>word;
  const b = <u32>(word >> 32);
  return (
    entry(7, a & 255) ^
    entry(6, (a >> 8) & 255) ^
    entry(5, (a >> 16) & 255) ^
    entry(4, a >> 24) ^
    entry(3, b & 255) ^
    entry(2, (b >> 8) & 255) ^
    entry(1, (b >> 16) & 255) ^
    entry(0, b >> 24)
  );
}

/** Make the tables; once, before anything else. */
export function init(): void {
  for (let n: u32 = 0; n < 256; n++) {
    let c = n;
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >> 1) ^ polynomial : c >> 1;
    store<u32>((<usize>n) << 2, c);
  }
  for (let table: usize = 1; table < 8; table++) {
    for (let n: u32 = 0; n < 256; n++) {
      const before = entry(table - 1, n);
      store<u32>((table << 10) + ((<usize>n) << 2), (before >> 8) ^ entry(0, before & 255));
    }
  }
}

// Sixteen bytes at `p` of the caller's, with what was taken away before them put in; `w`: where they stand among the folded.

function folded4(p: usize, w: usize): v128 {
  const a = v128.xor(v128.load(p), v128.load(w - 767));
  return v128.xor(a, v128.xor(v128.load(w - 2524), v128.load(w - far)));
}

function folded6(p: usize, w: usize): v128 {
  const a = v128.xor(v128.load(p), v128.load(w - 154));
  const b = v128.xor(v128.load(w - 177), v128.load(w - 183));
  return v128.xor(a, v128.xor(b, v128.xor(v128.load(w - 258), v128.load(w - short))));
}

/** What of `length` bytes at `p` is left by the long way, put at `longRest`. @returns how much that is */
function foldLong(p: usize, length: usize, before: u32): usize {
  memory.fill(part - reach, 0, reach);
  let left = (length - far) & ~15;
  const tail = length - left;
  let begun = before;
  while (left > 0) {
    const some = left < partBytes ? left : partBytes;
    let w = part;
    v128.store(w, v128.xor(folded4(p, w), i32x4.replace_lane(i32x4.splat(0), 0, begun)));
    begun = 0;
    w += 16;
    p += 16;
    const stop = part + some;
    while (w + 64 <= stop) {
      v128.store(w, folded4(p, w));
      v128.store(w, folded4(p + 16, w + 16), 16);
      v128.store(w, folded4(p + 32, w + 32), 32);
      v128.store(w, folded4(p + 48, w + 48), 48);
      w += 64;
      p += 64;
    }
    while (w < stop) {
      v128.store(w, folded4(p, w));
      w += 16;
      p += 16;
    }
    memory.copy(part - reach, stop - reach, reach);
    left -= some;
  }
  // Nothing stands where nothing was folded.
  memory.fill(part, 0, reach + 16);
  let i: usize = 0;
  while (i + 16 <= tail) {
    v128.store(longRest + i, folded4(p + i, part + i));
    i += 16;
  }
  while (i < tail) {
    const w = part + i;
    store<u8>(longRest + i, load<u8>(p + i) ^ load<u8>(w - 767) ^ load<u8>(w - 2524) ^ load<u8>(w - far));
    i++;
  }
  return tail;
}

/** The same by the short way, of at most `partBytes`, put at `shortRest`. */
function foldShort(p: usize, length: usize, before: u32): usize {
  memory.fill(part - 304, 0, 304);
  const left = (length - short) & ~15;
  const tail = length - left;
  let w = part;
  v128.store(w, v128.xor(folded6(p, w), i32x4.replace_lane(i32x4.splat(0), 0, before)));
  w += 16;
  p += 16;
  const stop = part + left;
  while (w + 64 <= stop) {
    v128.store(w, folded6(p, w));
    v128.store(w, folded6(p + 16, w + 16), 16);
    v128.store(w, folded6(p + 32, w + 32), 32);
    v128.store(w, folded6(p + 48, w + 48), 48);
    w += 64;
    p += 64;
  }
  while (w < stop) {
    v128.store(w, folded6(p, w));
    w += 16;
    p += 16;
  }
  memory.fill(w, 0, 320);
  let i: usize = 0;
  while (i < tail) {
    const at = w + i;
    const a = load<u8>(p + i) ^ load<u8>(at - 154) ^ load<u8>(at - 177);
    store<u8>(shortRest + i, a ^ load<u8>(at - 183) ^ load<u8>(at - 258) ^ load<u8>(at - short));
    i++;
  }
  return tail;
}

/** The checksum of `length` bytes at `at`, going on from `before`. */
export function crc(at: usize, length: u32, before: u32): u32 {
  let p = at;
  let left = <usize>length;
  let c = before;
  if (left >= longFrom) {
    left = foldLong(p, left, c);
    p = longRest;
    c = 0;
  }
  if (left >= shortFrom) {
    left = foldShort(p, left, c);
    p = shortRest;
    c = 0;
  }
  return slices(p, <u32>left, c);
}

function slices(at: usize, length: u32, before: u32): u32 {
  let c = before;
  let p = at;
  let left = length;
  while (left >= 8) {
    c = step(load<u64>(p) ^ <u64>c);
    p += 8;
    left -= 8;
  }
  while (left > 0) {
    c = entry(0, (c ^ load<u8>(p)) & 255) ^ (c >> 8);
    p++;
    left--;
  }
  return c;
}
