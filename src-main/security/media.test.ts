import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerMedia, fileNameParameters, parseRange } from './media.ts';

describe('a file of the vault over HTTP', () => {
  it('answers ranges as RFC 9110 section 14 has them', () => {
    const cases: [string | undefined, number, ReturnType<typeof parseRange>][] = [
      [undefined, 10, null],
      ['bytes=0-', 10, { offset: 0, length: 10 }],
      ['bytes=2-4', 10, { offset: 2, length: 3 }],
      ['bytes=5-99', 10, { offset: 5, length: 5 }],
      ['bytes=-3', 10, { offset: 7, length: 3 }],
      ['bytes=-99', 10, { offset: 0, length: 10 }],
      ['bytes=10-', 10, 'unsatisfiable'],
      ['bytes=-0', 10, 'unsatisfiable'],
      ['bytes=0-', 0, 'unsatisfiable'],
      ['bytes=4-2', 10, null],
      ['bytes=0-1,3-4', 10, null],
      ['items=0-1', 10, null],
      ['bytes=-', 10, null],
      ['bytes=1e3-', 10, null],
    ];
    for (const [header, size, expected] of cases) expect(parseRange(header, size), header).toEqual(expected);
  });

  it('never sends more or other bytes than there are', () => {
    const header = fc.oneof(
      fc.string(),
      fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => `bytes=${a}-${b}`),
      fc.nat().map((n) => `bytes=-${n}`),
    );
    fc.assert(
      fc.property(header, fc.nat(), (text, size) => {
        const { status, range, headers } = answerMedia(
          { name: 'a', mime: 'video/mp4', size, disposition: 'inline' },
          text,
        );
        if (status === 416) {
          expect(range).toBeNull();
          return;
        }
        expect(range && range.offset >= 0 && range.length >= 0 && range.offset + range.length <= size).toBe(true);
        expect(headers['Content-Length']).toBe(String(range?.length));
      }),
    );
  });

  it('shows only what cannot run, and sandboxes it', () => {
    const answer = (mime: string, disposition: 'inline' | 'attachment' = 'inline') =>
      answerMedia({ name: 'a', mime, size: 1, disposition }, undefined).headers;
    expect(answer('image/png')).toMatchObject({ 'Content-Type': 'image/png' });
    for (const mime of ['text/html', 'text/xml', 'application/javascript', 'text/x-anything']) {
      expect(answer(mime)['Content-Type']).toBe('text/plain; charset=utf-8');
    }
    for (const mime of ['application/xhtml+xml', 'application/x-sh\r\nX: y', 'image/png; x', '', 'font/woff']) {
      expect(answer(mime)).toMatchObject({ 'Content-Type': 'application/octet-stream' });
      expect(answer(mime)['Content-Disposition']).toMatch(/^attachment/);
    }
    expect(answer('image/png', 'attachment')['Content-Disposition']).toMatch(/^attachment/);
    for (const mime of ['image/svg+xml', 'text/html', 'video/mp4']) {
      expect(answer(mime)['Content-Security-Policy']).toMatch(/default-src 'none'.*sandbox$/);
    }
    expect(answer('application/pdf')['Content-Security-Policy']).toMatch(/default-src 'none'/);
  });

  it('names files so that no name breaks a header', () => {
    expect(fileNameParameters('a "b" ü.txt')).toBe(`filename="a _b_ _.txt"; filename*=UTF-8''a%20%22b%22%20%C3%BC.txt`);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(fileNameParameters(name)).toMatch(/^filename="[\x20-\x7e]+"; filename\*=UTF-8''[\w.~!$&+^`|%-]*$/);
      }),
    );
  });
});
