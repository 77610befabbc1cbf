import { decode, Encoder } from '@msgpack/msgpack';
import { fromBase64url, fromHex, toBase64url, toHex } from '#core/crypto/encoding.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import type { Context } from '../model/records.ts';
import { mostCount, mostMs, type Stamp } from '../model/stamp.ts';

/*
 * The values that messages and rows of several devices are made of (docs/formats/devices.md): msgpack arrays. Whatever a reader does
 * not take, it takes none of: each throws, and {@link readPacked} makes null of that.
 */

export class BadValue extends Error {}
const bad = (): never => {
  throw new BadValue();
};

const encoder = new Encoder();
export const packed = (value: unknown): Uint8Array => encoder.encode(value).slice();

/** What `read` makes of packed bytes; null for any bytes that `write` would not have made of it. */
export function readPacked<T>(bytes: Uint8Array, read: (value: unknown) => T, write: (value: T) => unknown): T | null {
  try {
    const value = read(
      decode(bytes, {
        maxStrLength: 4096,
        maxBinLength: 4096,
        maxArrayLength: 65_536,
        maxMapLength: 0,
        maxExtLength: 0,
      }),
    );
    return equalBytes(packed(write(value)), bytes) ? value : null;
  } catch {
    return null;
  }
}

export const list = (value: unknown, least: number, most = least): readonly unknown[] =>
  Array.isArray(value) && value.length >= least && value.length <= most ? value : bad();
export const count = (value: unknown, most = Number.MAX_SAFE_INTEGER, least = 0): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most ? value : bad();
/** Text that any file system and screen can take as a name, or none. */
export const text = (value: unknown, least: number, most: number): string =>
  typeof value === 'string' && value.length >= least && value.length <= most && value.isWellFormed() ? value : bad();
export const flag = (value: unknown): boolean => (typeof value === 'boolean' ? value : bad());
const bytesOf = (value: unknown, length: number): Uint8Array =>
  value instanceof Uint8Array && value.length === length ? value : bad();

/** 16 bytes. */
export const id = (value: unknown): string => toBase64url(bytesOf(value, 16));
export const idBytes = (text: string): Uint8Array => fromBase64url(text) ?? bad();
export const orNull = <T>(value: unknown, read: (value: unknown) => T): T | null =>
  value === null ? null : read(value);
/** 32 bytes. */
export const content = (value: unknown): string => toHex(bytesOf(value, 32));
export const contentBytes = (text: string): Uint8Array => fromHex(text) ?? bad();

/** Authors that took part in one thing. */
const mostAuthors = 1024;
export function context(value: unknown): Context {
  const out = list(value, 0, mostAuthors).map((one): readonly [string, number] => {
    const [author, seq] = list(one, 2);
    return [id(author), count(seq, undefined, 1)];
  });
  // In order, and each once.
  for (let i = 1; i < out.length; i++) if ((out[i - 1]?.[0] ?? '') >= (out[i]?.[0] ?? '')) bad();
  return out;
}
export const contextValue = (of: Context): unknown => of.map(([author, seq]) => [idBytes(author), seq]);

export const stamp = (ms: unknown, n: unknown): Stamp => ({ ms: count(ms, mostMs), count: count(n, mostCount) });
