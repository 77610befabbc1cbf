import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decoded, decodeAuthentication, decodeGreeting, decodeRequest } from './socks-codec.ts';

const text = new TextEncoder();
const bytes = (...parts: (number | string | Uint8Array)[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap((p) => (typeof p === 'number' ? [p] : [...(typeof p === 'string' ? text.encode(p) : p)])),
  );

/** A message is found whole with whatever follows it, and never in a part of it. */
function everyCut<T>(decode: (b: Uint8Array) => Decoded<T>, message: Uint8Array, value: unknown): void {
  for (let cut = 0; cut < message.length; cut++) expect(decode(message.subarray(0, cut)).kind).toBe('more');
  expect(decode(bytes(message, 1, 2, 3))).toEqual({ kind: 'message', length: message.length, value });
}

describe('SOCKS messages', () => {
  it('are read whole, however they are cut', () => {
    everyCut(decodeGreeting, bytes(5, 2, 0, 2), [0, 2]);
    everyCut(decodeAuthentication, bytes(1, 3, 'ann', 2, 'pw'), {
      user: text.encode('ann'),
      password: text.encode('pw'),
    });
    everyCut(decodeRequest, bytes(5, 1, 0, 3, 9, 'web.hypha', 0, 80), { host: 'web.hypha', port: 80 });
    everyCut(decodeRequest, bytes(5, 1, 0, 4, 4, 0, new Uint8Array(13), 1, 1, 187), { host: '400::1', port: 443 });
    everyCut(decodeRequest, bytes(5, 1, 0, 1, 127, 0, 0, 1, 1, 187), { host: '127.0.0.1', port: 443 });
  });

  it('names and credentials come back as they were written', () => {
    const name = fc.stringMatching(/^[a-z0-9.-]{1,255}$/);
    fc.assert(
      fc.property(name, fc.integer({ min: 1, max: 65_535 }), (host, port) => {
        everyCut(decodeRequest, bytes(5, 1, 0, 3, host.length, host, port >>> 8, port & 255), { host, port });
      }),
      { numRuns: 30 },
    );
    const field = fc.uint8Array({ maxLength: 255 });
    fc.assert(
      fc.property(field, field, (user, password) => {
        everyCut(decodeAuthentication, bytes(1, user.length, user, password.length, password), { user, password });
      }),
      { numRuns: 30 },
    );
  });

  it('of other kinds are refused with the code that says why', () => {
    expect(decodeGreeting(bytes(4, 1))).toMatchObject({ kind: 'wrong' });
    expect(decodeRequest(bytes(5, 2))).toEqual({ kind: 'wrong', code: 7 });
    expect(decodeRequest(bytes(5, 1, 0, 9, 1))).toEqual({ kind: 'wrong', code: 8 });
    expect(decodeRequest(bytes(5, 1, 0, 3, 2, 'a\n', 0, 80))).toEqual({ kind: 'wrong', code: 8 });
    expect(decodeRequest(bytes(5, 1, 0, 3, 0, 0, 80))).toEqual({ kind: 'wrong', code: 8 });
    expect(decodeRequest(bytes(5, 1, 0, 3, 1, 'a', 0, 0))).toEqual({ kind: 'wrong', code: 8 });
  });

  it('any bytes are a message, the beginning of one, or none', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 600 }),
      fc
        .tuple(fc.constantFrom([5], [5, 1], [5, 1, 0, 3], [1], [5, 1, 0, 4]), fc.uint8Array({ maxLength: 600 }))
        .map(([head, rest]) => bytes(Uint8Array.from(head), rest)),
    );
    fc.assert(
      fc.property(anything, (b) => {
        for (const decode of [decodeGreeting, decodeAuthentication, decodeRequest] as ((
          b: Uint8Array,
        ) => Decoded<unknown>)[]) {
          const found = decode(b);
          if (found.kind === 'message') expect(found.length).toBeLessThanOrEqual(b.length);
          // Nothing legal is longer than this, so waiting for more always ends.
          if (found.kind === 'more') expect(b.length).toBeLessThan(513);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
