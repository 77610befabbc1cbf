import { inverse, mul, power } from './gf256.ts';

/** Rows of field elements. */
export type Matrix = readonly Uint8Array[];

export function multiply(a: Matrix, b: Matrix): Matrix {
  const columns = b[0]?.length ?? 0;
  return a.map((row) => {
    const out = new Uint8Array(columns);
    for (let c = 0; c < columns; c++) {
      let sum = 0;
      for (let i = 0; i < row.length; i++) sum ^= mul(row[i] ?? 0, b[i]?.[c] ?? 0);
      out[c] = sum;
    }
    return out;
  });
}

/** Gauss-Jordan. @throws RangeError when the matrix is singular or not square. */
export function invert(matrix: Matrix): Matrix {
  const n = matrix.length;
  const rows: Uint8Array[] = matrix.map((row, r) => {
    if (row.length !== n) throw new RangeError('not square');
    const wide = new Uint8Array(2 * n);
    wide.set(row);
    wide[n + r] = 1;
    return wide;
  });
  for (let c = 0; c < n; c++) {
    const pivot = rows.findIndex((row, r) => r >= c && row[c] !== 0);
    if (pivot < 0) throw new RangeError('singular');
    const pivotRow = rows[pivot] as Uint8Array;
    rows[pivot] = rows[c] as Uint8Array;
    rows[c] = pivotRow;
    const scale = inverse(pivotRow[c] ?? 0);
    for (let i = 0; i < 2 * n; i++) pivotRow[i] = mul(pivotRow[i] ?? 0, scale);
    for (let r = 0; r < n; r++) {
      const row = rows[r] as Uint8Array;
      const factor = row[c] ?? 0;
      if (r === c || factor === 0) continue;
      for (let i = 0; i < 2 * n; i++) row[i] = (row[i] ?? 0) ^ mul(factor, pivotRow[i] ?? 0);
    }
  }
  return rows.map((row) => row.slice(n));
}

const generators = new Map<number, Matrix>();

/**
 * The (k+m) x k systematic generator matrix: V[r][c] = r^c, G = V * inverse(V[0..k-1]). The top is the identity; any k
 * rows are invertible. The construction of zstor's Reed-Solomon crate, so parity equals theirs.
 *
 * @throws RangeError unless 1 <= k <= 255, 0 <= m, k+m <= 256
 */
export function generator(k: number, m: number): Matrix {
  if (!Number.isInteger(k) || !Number.isInteger(m) || k < 1 || k > 255 || m < 0 || k + m > 256) {
    throw new RangeError(`no code with k=${k}, m=${m}`);
  }
  const cached = generators.get(k * 257 + m);
  if (cached) return cached;
  const vandermonde = Array.from({ length: k + m }, (_, r) => Uint8Array.from({ length: k }, (_, c) => power(r, c)));
  const made = multiply(vandermonde, invert(vandermonde.slice(0, k)));
  generators.set(k * 257 + m, made);
  return made;
}

/**
 * Rows that make the shards `wanted` from the k shards `have` (indices, in the order the inputs will be given).
 *
 * @throws RangeError when `have` is not k distinct indices
 */
export function rebuildRows(k: number, m: number, have: readonly number[], wanted: readonly number[]): Matrix {
  const g = generator(k, m);
  if (have.length !== k || new Set(have).size !== k) throw new RangeError(`needs ${k} distinct shards`);
  const pick = (i: number): Uint8Array => {
    const row = g[i];
    if (!row) throw new RangeError(`no shard ${i}`);
    return row;
  };
  return multiply(wanted.map(pick), invert(have.map(pick)));
}
