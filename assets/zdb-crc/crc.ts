// 0-db's checksum in AssemblyScript (not TypeScript: `load` and the like are instructions).
// `node src-main/core/vault/zdb-server/layout/build-crc.ts` compiles it into crc-bytes.ts beside that file; layout.test.ts rebuilds
// it and compares.
//
// CRC-32C by eight tables, eight bytes at a time ("slicing by 8": Kounavis, Berry, ISCC 2005). A step waits for the one before,
// so three streams are taken side by side and joined: a CRC that begins with 0 and is not inverted is linear, so
// crc(A || B) = shifted(crc(A), length of B) ^ crc(B), and the shift by a fixed length is four tables more.
//
// Memory: 8 tables of 1,024 bytes, 4 of the shift, then from 16,384 on what the caller puts there.

const polynomial: u32 = 0x82f63b78;
const shiftTables: usize = 8192;
/** Bytes of one of the three streams. */
const stream: u32 = 2048;

function entry(table: usize, index: u32): u32 {
  return load<u32>((table << 10) + ((<usize>index) << 2));
}

function shifted(c: u32): u32 {
  return (
    load<u32>(shiftTables + ((<usize>(c & 255)) << 2)) ^
    load<u32>(shiftTables + 1024 + ((<usize>((c >> 8) & 255)) << 2)) ^
    load<u32>(shiftTables + 2048 + ((<usize>((c >> 16) & 255)) << 2)) ^
    load<u32>(shiftTables + 3072 + ((<usize>(c >> 24)) << 2))
  );
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
  for (let byte: usize = 0; byte < 4; byte++) {
    for (let n: u32 = 0; n < 256; n++) {
      let c = n << ((<u32>byte) << 3);
      for (let zero: u32 = 0; zero < stream; zero++) c = entry(0, c & 255) ^ (c >> 8);
      store<u32>(shiftTables + (byte << 10) + ((<usize>n) << 2), c);
    }
  }
}

/** The checksum of `length` bytes at `at`, going on from `before`. */
export function crc(at: usize, length: u32, before: u32): u32 {
  let c = before;
  let p = at;
  let left = length;
  while (left >= 3 * stream) {
    let c0 = c;
    let c1: u32 = 0;
    let c2: u32 = 0;
    const end = p + <usize>stream;
    while (p < end) {
      c0 = step(load<u64>(p) ^ <u64>c0);
      c1 = step(load<u64>(p, <usize>stream) ^ <u64>c1);
      c2 = step(load<u64>(p, <usize>(2 * stream)) ^ <u64>c2);
      p += 8;
    }
    p += <usize>(2 * stream);
    left -= 3 * stream;
    c = shifted(shifted(c0) ^ c1) ^ c2;
  }
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
