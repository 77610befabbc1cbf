import { fail } from '#shared/rpc/fail.ts';
import type { Session } from '../core.ts';
import { damaged, notFound } from '../failures.ts';
import { decodeManifest } from '../format/manifest.ts';
import { openRow } from '../format/row.ts';
import { decodeText } from '../search/extract/charset.ts';
import { type DiffPiece, diffLines } from './line-diff.ts';
import { manifestAtAll } from './rows.ts';

/** Longer texts are not compared. */
const mostBytes = 2 * 1024 * 1024;
/** Lines told in one answer. */
const mostLines = 20_000;

export interface Comparison {
  readonly added: number;
  readonly removed: number;
  readonly pieces: readonly DiffPiece[];
  /** There is more than was told. */
  readonly cut: boolean;
}

/**
 * Which lines differ between two versions of a text, with so many common lines around each difference. Also versions that only
 * snapshots hold. @throws Fail NOT_FOUND, NOT_TEXT, TOO_LARGE, DAMAGED
 */
export async function compareVersions(
  session: Session,
  older: string,
  newer: string,
  context: number,
): Promise<Comparison> {
  const all = diffLines(await linesOf(session, older), await linesOf(session, newer));
  const pieces: DiffPiece[] = [];
  let [added, removed, told] = [0, 0, 0];
  let cut = false;
  for (const [i, piece] of all.entries()) {
    if (piece.kind === 'added') added += piece.lines.length;
    if (piece.kind === 'removed') removed += piece.lines.length;
    for (const part of piece.kind === 'same' ? around(piece, context, i > 0, i < all.length - 1) : [piece]) {
      const lines = part.lines.slice(0, mostLines - told);
      told += lines.length;
      if (lines.length < part.lines.length) cut = true;
      if (lines.length > 0) pieces.push({ ...part, lines });
    }
  }
  return { added, removed, pieces, cut };
}

/** Of common lines, those next to a difference before and behind them. */
function around(piece: DiffPiece, context: number, before: boolean, behind: boolean): DiffPiece[] {
  const { lines, from, to } = piece;
  const head = before ? context : 0;
  const tail = behind ? context : 0;
  if (lines.length <= head + tail) return [piece];
  const rest = lines.length - tail;
  return [
    { ...piece, lines: lines.slice(0, head) },
    { ...piece, from: from + rest, to: to + rest, lines: lines.slice(rest) },
  ];
}

async function linesOf(session: Session, ref: string): Promise<string[]> {
  const id = session.tree.find(ref)?.id ?? ref;
  const sealed = manifestAtAll(session.catalogue, id);
  if (!sealed) throw notFound(`A file "${ref}"`);
  const plain = openRow(session.keys, 'manifest', id, sealed);
  const manifest = plain && decodeManifest(plain);
  if (!manifest) throw damaged('This file');
  const size = manifest.chunks.reduce((sum, chunk) => sum + chunk.plain, 0);
  if (size > mostBytes) {
    throw fail('TOO_LARGE', 'Only texts of up to 2 MiB are compared.', {
      next: 'Save both versions and compare them elsewhere.',
    });
  }
  const pieces: Uint8Array[] = [];
  for (const chunk of manifest.chunks) {
    session.signal.throwIfAborted();
    const row = session.catalogue.chunk(chunk.id);
    if (!row || row.plain !== chunk.plain) throw damaged('This file');
    pieces.push(await session.packs.readChunk(session.keys, row));
  }
  const text = decodeText(Buffer.concat(pieces));
  if (text === null) {
    throw fail('NOT_TEXT', 'This file is no text, so its lines cannot be compared.', { next: 'Choose a text file.' });
  }
  return text === '' ? [] : text.split(/\r\n|\n/);
}
