import type { Connection } from './connection.ts';
import type { Session } from './session.ts';

/** Of one file so many pieces are on their way at most. */
const width = 16;
/** Servers take pieces of 32 KiB and more; the library cuts these where one takes less. */
export const pieceBytes = 64 * 1024;

interface Piece {
  readonly bytes: Uint8Array;
  readonly at: number;
}

function* piecesOf(parts: readonly Uint8Array[]): Generator<Piece> {
  let at = 0;
  for (const part of parts) {
    for (let from = 0; from < part.length; from += pieceBytes) {
      const bytes = part.subarray(from, from + pieceBytes);
      yield { bytes, at };
      at += bytes.length;
    }
  }
}

/** The first failure stops what has not begun; resolves or throws when nothing is under way any more. */
async function each<T>(items: Generator<T>, work: (item: T) => Promise<void>): Promise<void> {
  let failed: { error: unknown } | null = null;
  const worker = async (): Promise<void> => {
    for (let next = items.next(); !next.done && failed === null; next = items.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failed ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  const end = failed as { error: unknown } | null;
  if (end) throw end.error;
}

/** Write parts one after the other from the beginning of a file. */
export const writeParts = (
  { piece }: Connection,
  session: Session,
  handle: Buffer,
  parts: readonly Uint8Array[],
): Promise<void> => each(piecesOf(parts), ({ bytes, at }) => piece(() => session.write(handle, bytes, at)));

/** Fill `target` from `offset`. @returns false when the file ends before */
export async function readInto(
  { piece }: Connection,
  session: Session,
  handle: Buffer,
  offset: number,
  target: Uint8Array,
): Promise<boolean> {
  let whole = true;
  await each(piecesOf([target]), async ({ bytes, at }) => {
    for (let got = 0; got < bytes.length && whole; ) {
      const from = got;
      // A server may give less than was asked for before the end.
      const count = await piece(() => session.read(handle, bytes.subarray(from), offset + at + from));
      if (count === 0) whole = false;
      got += count;
    }
  });
  return whole;
}

/** A small file whole; null when it is longer than `most`. */
export async function readSmall(
  connection: Connection,
  session: Session,
  path: string,
  most: number,
): Promise<Uint8Array | null> {
  const handle = await session.open(path, 'r');
  try {
    const bytes = new Uint8Array(most + 1);
    let length = 0;
    for (let count = 1; count > 0 && length < bytes.length; length += count) {
      const from = length;
      count = await connection.piece(() => session.read(handle, bytes.subarray(from), from));
    }
    return length > most ? null : bytes.subarray(0, length);
  } finally {
    await session.close(handle).catch(() => {});
  }
}
