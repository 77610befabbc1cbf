import { mul } from './gf256.ts';
import { kernelBase64 } from './kernel-bytes.ts';
import type { Matrix } from './matrix.ts';

interface Exports {
  combine(tables: number, nIn: number, nOut: number, ins: number, outs: number, length: number): void;
  cut(
    gear: number,
    data: number,
    length: number,
    min: number,
    normal: number,
    max: number,
    maskSmall: number,
    maskLarge: number,
  ): number;
}

/** Sizes and masks of the content-defined chunker; see format/chunker.ts. */
export interface CutRules {
  readonly min: number;
  readonly normal: number;
  readonly max: number;
  readonly maskSmall: number;
  readonly maskLarge: number;
}

/**
 * Reed-Solomon and chunk cutting on a shared memory, at addresses in it. Regions handed in are multiples of 32 bytes.
 * One kernel a thread: each has its own scratch region, the memory is common.
 */
export interface Kernel {
  /** outputs[o] = XOR over i of rows[o][i] * inputs[i] over `length` bytes, a multiple of 32. */
  combine(rows: Matrix, inputs: readonly number[], outputs: readonly number[], length: number): void;
  /** Length of the first chunk, or 0 when more data is needed; `gear` is 256 little-endian u32. */
  cut(gear: Uint8Array, at: number, length: number, rules: CutRules): number;
}

/** What one kernel needs for itself: tables for 64 x 64 coefficients, two pointer lists, the gear table. */
export const scratchBytes = 64 * 64 * 32 + 2 * 256 * 4 + 1024;

let compiled: WebAssembly.Module | undefined;

/** @param scratch address of {@link scratchBytes} bytes that no other kernel uses */
export function createKernel(memory: WebAssembly.Memory, scratch: number): Kernel {
  compiled ??= new WebAssembly.Module(Buffer.from(kernelBase64, 'base64'));
  const wasm = new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Exports;
  const bytes = new Uint8Array(memory.buffer);
  const ins = scratch + 64 * 64 * 32;
  const outs = ins + 256 * 4;
  const gearAt = outs + 256 * 4;
  const pointers = new DataView(memory.buffer);
  return {
    combine(rows, inputs, outputs, length) {
      if (length % 32 !== 0 || inputs.length > 64 || outputs.length > 64) throw new RangeError('kernel limits');
      rows.forEach((row, o) => {
        for (let i = 0; i < inputs.length; i++) {
          const table = scratch + (o * inputs.length + i) * 32;
          const factor = row[i] ?? 0;
          for (let x = 0; x < 16; x++) {
            bytes[table + x] = mul(factor, x);
            bytes[table + 16 + x] = mul(factor, x << 4);
          }
        }
      });
      inputs.forEach((address, i) => {
        pointers.setUint32(ins + i * 4, address, true);
      });
      outputs.forEach((address, o) => {
        pointers.setUint32(outs + o * 4, address, true);
      });
      wasm.combine(scratch, inputs.length, outputs.length, ins, outs, length);
    },
    cut(gear, at, length, rules) {
      bytes.set(gear, gearAt);
      // Results of WebAssembly are signed; chunk lengths are far below 2^31.
      return wasm.cut(gearAt, at, length, rules.min, rules.normal, rules.max, rules.maskSmall, rules.maskLarge);
    },
  };
}
