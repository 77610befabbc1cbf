import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { request } from '../testing/raw-client.ts';
import { createBufferPool } from './buffer-pool.ts';
import { limits } from './limits.ts';
import { createRequestParser, type Parsed, wordBytes } from './request-parser.ts';

const all = (bytes: Uint8Array, sizes: readonly number[]): { requests: Buffer[][]; end: Parsed; held: number } => {
  const parser = createRequestParser(createBufferPool());
  const requests: Buffer[][] = [];
  let end: Parsed = { kind: 'more' };
  let at = 0;
  let turn = 0;
  do {
    const size = Math.max(1, sizes[turn++ % Math.max(1, sizes.length)] ?? bytes.length);
    parser.push(bytes.subarray(at, at + size));
    at += size;
    for (end = parser.next(); end.kind === 'request'; end = parser.next()) {
      requests.push(end.words.map((word) => Buffer.from(wordBytes(word))));
    }
  } while (at < bytes.length);
  return { requests, end, held: parser.held() };
};
const said = (text: string): Parsed => all(Buffer.from(text, 'latin1'), []).end;

describe('the request parser', () => {
  it('takes requests however they are cut', () => {
    const words = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 6 });
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 5 });
    fc.assert(
      fc.property(fc.array(words, { maxLength: 6 }), sizes, (wanted, cuts) => {
        const { requests, end, held } = all(Buffer.concat(wanted.map((one) => request(...one))), cuts);
        expect(requests).toEqual(wanted.map((one) => one.map((word) => Buffer.from(word))));
        expect(end).toEqual({ kind: 'more' });
        expect(held).toBe(0);
      }),
    );
  });

  it('takes a large value in large and small pieces', () => {
    const value = Buffer.alloc(300_000, 'large value ');
    for (const sizes of [[65_536], [1_000], [16_384, 3, 70_000], [300_100]]) {
      const { requests } = all(request('SET', 'k', value), sizes);
      expect(requests[0]?.[2]?.equals(value)).toBe(true);
    }
  });

  it('any bytes are requests, the beginning of one, or a named error, and never held without bound', () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .string({ unit: fc.constantFrom('*', '$', '1', '3', '\r', '\n', '-', 'a', '9'), maxLength: 60 })
        .map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(hostile, fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 }), (bytes, sizes) => {
        const { end, held } = all(bytes, sizes);
        expect(['more', 'error']).toContain(end.kind);
        expect(held).toBeLessThanOrEqual(bytes.length + 1);
        expect(end.kind === 'error' ? held : 0).toBe(0);
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses what 0-db refuses, and more than one value a request', () => {
    const error = (text: string) => ({ kind: 'error', error: text });
    expect(said('PING\r\n')).toEqual(error('Malformed request, array expected'));
    expect(said('*0\r\n')).toEqual(error('Missing arguments'));
    expect(said('*1025\r\n')).toEqual(error('Too many arguments'));
    expect(said('*99999999999\r\n')).toEqual(error('Malformed query string'));
    expect(said('*-1\r\n')).toEqual(error('Malformed query string'));
    expect(said('*1\r\n:1\r\n')).toEqual(error('Malformed query string'));
    expect(said('*1\r\n$-1\r\n')).toEqual(error('Malformed query string'));
    expect(said(`*1\r\n$${limits.word + 1}\r\n`)).toEqual(error('Payload too big'));
    expect(said(`*1\r\n$${limits.word}\r\n`)).toEqual({ kind: 'more' });
    const megabytes = `$${1 << 22}\r\n${'x'.repeat(1 << 22)}\r\n`;
    expect(said(`*4\r\n${megabytes.repeat(3)}`)).toEqual(error('Payload too big'));
  });

  it('holds a value that comes byte by byte in little more than its size', () => {
    const parser = createRequestParser(createBufferPool());
    parser.push(Buffer.from('*1\r\n$100000\r\n'));
    parser.next();
    for (let i = 0; i < 50_000; i++) {
      parser.push(Uint8Array.of(65));
      parser.next();
    }
    expect(parser.partial()).toBe(true);
    expect(parser.held()).toBe(50_000);
  });
});
