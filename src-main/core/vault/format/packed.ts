import { decode, Encoder } from '@msgpack/msgpack';
import { z } from 'zod';
import { equalBytes } from '#core/crypto/equal.ts';

/** Bytes of one length, or between two. */
export const bytesSchema = (least: number, most = least) =>
  z.custom<Uint8Array>((v) => v instanceof Uint8Array && v.length >= least && v.length <= most);

const encoder = new Encoder({ sortKeys: true, ignoreUndefined: true });

/** A msgpack map with its keys in order. */
export const pack = (value: unknown): Uint8Array => encoder.encode(value).slice();

/**
 * What {@link pack} made of a value of this schema, and nothing else: unknown fields, other spellings of the same value and bytes
 * left over are refused.
 */
export function unpack<S extends z.ZodType>(schema: S, bytes: Uint8Array): z.output<S> | null {
  let value: unknown;
  try {
    value = decode(bytes, { maxStrLength: 4096, maxArrayLength: 4096, maxMapLength: 64, maxBinLength: bytes.length });
    const parsed = schema.safeParse(value);
    return parsed.success && equalBytes(pack(parsed.data), bytes) ? parsed.data : null;
  } catch {
    return null;
  }
}
