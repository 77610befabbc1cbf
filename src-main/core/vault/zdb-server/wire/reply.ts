import type { BufferPool } from './buffer-pool.ts';

/*
 * Replies of the Redis protocol (RESP2) as 0-db writes them: errors are plain English with no code before it.
 * Source: https://redis.io/docs/latest/develop/reference/protocol-spec/
 */

/** A reply, or a piece of one, ready to be sent. */
export type Reply = readonly Uint8Array[];

const crlf = Buffer.from('\r\n', 'latin1');

/** `+text`. */
export const simple = (text: string): Reply => [Buffer.from(`+${text}\r\n`, 'latin1')];
/** `-text`. */
export const failure = (text: string): Reply => [Buffer.from(`-${text}\r\n`, 'latin1')];
/** `:n`. */
export const integer = (value: number): Reply => [Buffer.from(`:${value}\r\n`, 'latin1')];
export const nil: Reply = [Buffer.from('$-1\r\n', 'latin1')];
export const ok: Reply = simple('OK');
/** `*n`, before the n replies it holds. */
export const arrayOf = (count: number): Reply => [Buffer.from(`*${count}\r\n`, 'latin1')];

/** `$length bytes`. Small ones become one buffer, which costs less to send than three. */
export function bulk(bytes: Uint8Array): Reply {
  const head = Buffer.from(`$${bytes.length}\r\n`, 'latin1');
  return bytes.length < 4096 ? [Buffer.concat([head, bytes, crlf])] : [head, bytes, crlf];
}

/** A bulk string of text, UTF-8. */
export const bulkText = (text: string): Reply => bulk(Buffer.from(text, 'utf8'));

export function array(items: readonly Reply[]): Reply {
  const parts = [arrayOf(items.length), ...items].flat();
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  return size < 65536 ? [Buffer.concat(parts, size)] : parts;
}

/** Room for a value of `length` bytes with what stands before and after it, so that it goes out as one piece. */
export function bulkRoom(
  length: number,
  pool: BufferPool | null,
): { readonly whole: Uint8Array; readonly value: Uint8Array } {
  const head = Buffer.from(`$${length}\r\n`, 'latin1');
  const size = head.length + length + crlf.length;
  const whole = pool === null ? Buffer.allocUnsafe(size) : pool.take(size);
  whole.set(head);
  whole.set(crlf, head.length + length);
  return { whole, value: whole.subarray(head.length, head.length + length) };
}

export const replyBytes = (reply: Reply): number => reply.reduce((sum, part) => sum + part.length, 0);
