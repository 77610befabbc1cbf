import type { Out } from '../../../lib/agent/hooks.ts';

type Piece = Out<'vault.compare'>['pieces'][number];

export type DiffRow =
  /** Lines that both have and that are not told. */
  | { readonly key: string; readonly kind: 'gap'; readonly lines: number }
  | {
      readonly key: string;
      readonly kind: Piece['kind'];
      /** Numbers of the line in the older and the newer text, from 1; null where it is in only one. */
      readonly from: number | null;
      readonly to: number | null;
      readonly text: string;
    };

/** Pieces as rows, with what lies between them. */
export function rowsOf(pieces: readonly Piece[]): DiffRow[] {
  const rows: DiffRow[] = [];
  let told = 0;
  for (const { kind, from, to, lines } of pieces) {
    if (from > told) rows.push({ key: `gap ${told}`, kind: 'gap', lines: from - told });
    for (const [i, text] of lines.entries()) {
      const [a, b] = [from + i + 1, to + i + 1];
      rows.push({
        ...{ key: `${kind} ${kind === 'added' ? b : a}`, kind, text },
        ...{ from: kind === 'added' ? null : a, to: kind === 'removed' ? null : b },
      });
    }
    told = Math.max(told, kind === 'added' ? from : from + lines.length);
  }
  return rows;
}
