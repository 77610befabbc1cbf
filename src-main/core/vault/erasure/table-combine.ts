import { mul } from './gf256.ts';
import type { Matrix } from './matrix.ts';

/**
 * outputs[o] = XOR over i of rows[o][i] * inputs[i], in plain TypeScript with one product table a coefficient. The
 * oracle for the WebAssembly kernel; about 45 times slower.
 */
export function tableCombine(rows: Matrix, inputs: readonly Uint8Array[], outputs: readonly Uint8Array[]): void {
  outputs.forEach((out, o) => {
    out.fill(0);
    inputs.forEach((input, i) => {
      const factor = rows[o]?.[i] ?? 0;
      if (factor === 0) return;
      const products = Uint8Array.from({ length: 256 }, (_, x) => mul(factor, x));
      for (let at = 0; at < out.length; at++) out[at] = (out[at] ?? 0) ^ (products[input[at] ?? 0] ?? 0);
    });
  });
}
