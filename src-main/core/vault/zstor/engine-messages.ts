import type { OpeningOptions } from './opening.ts';
import type { SealingOptions } from './sealing.ts';

/** What a thread is asked. `object` was given by `sealing` or `opening`. */
export type Request =
  | { readonly id: number; readonly make: 'sealing'; readonly options: SealingOptions }
  | { readonly id: number; readonly make: 'opening'; readonly options: OpeningOptions }
  | { readonly id: number; readonly object: number; readonly method: string; readonly args: readonly unknown[] };
export type Answer =
  | { readonly id: number; readonly result: unknown }
  | {
      readonly id: number;
      readonly error: {
        readonly kind: 'damaged' | 'too-long' | 'other';
        readonly message: string;
        readonly code?: string;
      };
    };

/** Memory that belongs to one of the values alone, and so can go to another thread without being copied. */
export function wholeBuffers(values: readonly unknown[]): ArrayBuffer[] {
  const out = new Set<ArrayBuffer>();
  for (const value of values.flat()) {
    if (!(value instanceof Uint8Array) || !(value.buffer instanceof ArrayBuffer)) continue;
    // Small ones may share memory with others of the same pool; large ones that fill theirs do not.
    if (value.byteLength === value.buffer.byteLength && value.byteLength >= 65_536) out.add(value.buffer);
  }
  return [...out];
}
