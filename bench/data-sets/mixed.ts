import type { Stream } from './stream.ts';
import { textSource } from './text.ts';

export interface GeneratedFile {
  /** Relative, with forward slashes. */
  readonly path: string;
  readonly bytes: Buffer;
}

const kib = 1024;
const mib = 1024 * kib;

/** Share of the whole in bytes. */
const shares = { photos: 0.35, documents: 0.3, copies: 0.15, small: 0.1, tables: 0.1 } as const;

/**
 * What a person's folders hold, `size` bytes in all: photographs (incompressible, 1 to 6 MiB), documents (text), copies
 * (two thirds exact, one third with something inserted), tens of thousands of small files, and tables half of whose
 * pages are empty.
 */
export function* mixedFiles(stream: Stream, size: number): Generator<GeneratedFile> {
  const { text } = textSource(stream);
  const originals: GeneratedFile[] = [];
  const budget = (share: number) => Math.floor(size * share);
  /** Files named by `name` until the share is used up; the last is cut to fit. */
  function* until(share: number, make: (number: number, room: number) => GeneratedFile): Generator<GeneratedFile> {
    let room = budget(share);
    for (let number = 1; room > 0; number += 1) {
      const file = make(number, room);
      room -= file.bytes.length;
      yield file;
    }
  }

  for (const file of until(shares.photos, (n, room) => {
    const bytes = stream.bytes(Math.min(room, stream.between(mib, 6 * mib)));
    Buffer.from('ffd8ffe000104a46494600010100', 'hex').copy(bytes);
    return { path: `photos/${2015 + (n % 10)}/img-${n}.jpg`, bytes };
  })) {
    // What copies are made from, bounded so that the generator's memory is.
    if (originals.length < 24) originals.push(file);
    yield file;
  }
  for (const file of until(shares.documents, (n, room) => {
    const bytes = text(Math.min(room, stream.logBetween(4 * kib, 4 * mib)));
    return { path: `documents/project-${n % 17}/report-${n}.txt`, bytes };
  })) {
    if (originals.length < 96) originals.push(file);
    yield file;
  }
  yield* until(shares.copies, (n, room) => {
    const original = originals[stream.between(0, originals.length - 1)];
    const whole = original?.bytes ?? stream.bytes(mib);
    const cut = stream.between(0, whole.length);
    const changed =
      n % 3 === 0 ? Buffer.concat([whole.subarray(0, cut), stream.bytes(100), whole.subarray(cut)]) : whole;
    return { path: `copies/${n % 9}/copy-${n}-${original?.path.split('/').at(-1)}`, bytes: changed.subarray(0, room) };
  });
  yield* until(shares.small, (n, room) => {
    const length = Math.min(room, stream.logBetween(200, 16 * kib));
    const binary = n % 4 === 0;
    const path = `source/package-${n % 113}/${n % 7}/${binary ? `icon-${n}.png` : `module-${n}.ts`}`;
    return { path, bytes: binary ? stream.bytes(length) : text(length) };
  });
  yield* until(shares.tables, (n, room) => {
    const pages = Array.from({ length: Math.max(1, Math.floor(Math.min(room, 16 * mib) / (4 * kib))) }, (_, page) => {
      if (stream.between(0, 1) === 0) return Buffer.alloc(4 * kib);
      const row = Buffer.alloc(4 * kib, `row ${page} of table ${n};`);
      stream.bytes(512).copy(row, 1024);
      return row;
    });
    return { path: `tables/data-${n}.db`, bytes: Buffer.concat(pages).subarray(0, room) };
  });
}

/** Incompressible, no two chunks alike: `size` bytes in files of 64 MiB. */
export function* randomFiles(stream: Stream, size: number): Generator<GeneratedFile> {
  for (let n = 1, room = size; room > 0; n += 1) {
    const bytes = stream.bytes(Math.min(room, 64 * mib));
    room -= bytes.length;
    yield { path: `random-${n}.bin`, bytes };
  }
}
