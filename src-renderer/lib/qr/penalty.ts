import type { Matrix } from './matrix.ts';

/** How hard a code is to read by the measure of ISO/IEC 18004, 7.8.3: the mask with the least is taken. */
export function penaltyOf(matrix: Matrix): number {
  const { size } = matrix;
  const lines = Array.from({ length: size }, (_, i) => i);
  let penalty = 0;
  for (const i of lines) {
    penalty += linePenalty(lines.map((j) => matrix.isDark(j, i))) + linePenalty(lines.map((j) => matrix.isDark(i, j)));
  }
  let dark = 0;
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      if (matrix.isDark(x, y)) dark += 1;
      if (x + 1 < size && y + 1 < size && isBlock(matrix, x, y)) penalty += 3;
    }
  }
  const share = (dark * 20) / (size * size);
  return penalty + 10 * Math.floor(Math.abs(share - 10));
}

function isBlock(matrix: Matrix, x: number, y: number): boolean {
  const first = matrix.isDark(x, y);
  return (
    matrix.isDark(x + 1, y) === first && matrix.isDark(x, y + 1) === first && matrix.isDark(x + 1, y + 1) === first
  );
}

/** Runs of five and more, and what looks like a finder pattern. */
function linePenalty(line: readonly boolean[]): number {
  let penalty = 0;
  let run = 0;
  for (const [i, dark] of line.entries()) {
    run = i > 0 && line[i - 1] === dark ? run + 1 : 1;
    if (run === 5) penalty += 3;
    else if (run > 5) penalty += 1;
  }
  const text = line.map(Number).join('');
  for (let i = 0; i + 11 <= text.length; i += 1) {
    const part = text.slice(i, i + 11);
    if (part === '10111010000' || part === '00001011101') penalty += 40;
  }
  return penalty;
}
