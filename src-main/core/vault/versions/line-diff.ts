/** A piece of a text: lines that both have, that only the older has, or only the newer. Lines are counted from 0. */
export interface DiffPiece {
  readonly kind: 'same' | 'removed' | 'added';
  /** Where it begins in the older and in the newer text. */
  readonly from: number;
  readonly to: number;
  readonly lines: readonly string[];
}

/**
 * The shortest way from one text to another by lines: the greedy algorithm of Myers, "An O(ND) Difference Algorithm and Its Variations"
 * (Algorithmica 1, 1986), in O((N + M) D) steps and O(D²) memory. What both begin and end with is taken off first.
 *
 * @param most differing lines to look for; texts that differ in more are told as one replaced by the other in between
 */
export function diffLines(older: readonly string[], newer: readonly string[], most = 2000): DiffPiece[] {
  let start = 0;
  while (start < older.length && start < newer.length && older[start] === newer[start]) start++;
  let tail = 0;
  const shorter = Math.min(older.length, newer.length) - start;
  while (tail < shorter && older[older.length - 1 - tail] === newer[newer.length - 1 - tail]) tail++;
  const a = older.slice(start, older.length - tail);
  const b = newer.slice(start, newer.length - tail);
  const pieces: { kind: DiffPiece['kind']; from: number; to: number; lines: string[] }[] = [];
  let from = 0;
  let to = 0;
  const add = (kind: DiffPiece['kind'], line: string): void => {
    const last = pieces.at(-1);
    if (last?.kind === kind) last.lines.push(line);
    else pieces.push({ kind, from, to, lines: [line] });
    if (kind !== 'added') from++;
    if (kind !== 'removed') to++;
  };
  for (const line of older.slice(0, start)) add('same', line);
  const edits = script(a, b, most);
  if (edits) {
    for (const { kind, line } of edits) add(kind, line);
  } else {
    for (const line of a) add('removed', line);
    for (const line of b) add('added', line);
  }
  for (const line of older.slice(older.length - tail)) add('same', line);
  return pieces;
}

interface Edit {
  readonly kind: DiffPiece['kind'];
  readonly line: string;
}

/** Null when more than `most` lines differ. */
function script(a: readonly string[], b: readonly string[], most: number): Edit[] | null {
  const limit = Math.min(most, a.length + b.length);
  // By diagonal k = x - y, shifted to be positive: the furthest x that d edits reach.
  const reach = new Int32Array(2 * limit + 3);
  const at = (k: number): number => k + limit + 1;
  const trace: Int32Array[] = [];
  for (let d = 0; d <= limit; d++) {
    trace.push(reach.slice(at(-d - 1), at(d + 1) + 1));
    for (let k = -d; k <= d; k += 2) {
      let x = step(reach, at, d, k) ? (reach[at(k + 1)] ?? 0) : (reach[at(k - 1)] ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reach[at(k)] = x;
      if (x >= a.length && x - k >= b.length) return walkBack(a, b, trace);
    }
  }
  return null;
}

/** Whether diagonal k is best reached by adding a line (from k + 1) rather than by removing one. */
function step(reach: Int32Array, at: (k: number) => number, d: number, k: number): boolean {
  return k === -d || (k !== d && (reach[at(k - 1)] ?? 0) < (reach[at(k + 1)] ?? 0));
}

function walkBack(a: readonly string[], b: readonly string[], trace: readonly Int32Array[]): Edit[] {
  const edits: Edit[] = [];
  let x = a.length;
  let y = b.length;
  for (let d = trace.length - 1; d >= 0; d--) {
    const before = trace[d] ?? new Int32Array();
    const at = (k: number): number => k + d + 1;
    const k = x - y;
    const added = step(before, at, d, k);
    // Where the one edit before this run of common lines came from, and where it led to.
    const px = before[at(added ? k + 1 : k - 1)] ?? 0;
    const begin = d === 0 ? 0 : added ? px : px + 1;
    while (x > begin) {
      edits.push({ kind: 'same', line: a[--x] as string });
      y--;
    }
    if (d === 0) break;
    if (added) edits.push({ kind: 'added', line: b[--y] as string });
    else edits.push({ kind: 'removed', line: a[--x] as string });
  }
  return edits.reverse();
}
