import fc from 'fast-check';
import { expect, it } from 'vitest';
import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { ReplyDecoder, type ReplyLimits, usualLimits } from './decode.ts';
import { encodeCommand, type Word } from './encode.ts';
import { ConnectionError, Landed, type Landing, type Reply, ReplyError } from './reply.ts';

/** Written as a server would. */
function write(reply: Reply): Uint8Array {
  if (reply === null) return utf8('$-1\r\n');
  if (typeof reply === 'string') return utf8(`+${reply}\r\n`);
  if (typeof reply === 'number') return utf8(`:${reply}\r\n`);
  if (reply instanceof ReplyError) return utf8(`-${reply.message}\r\n`);
  if (reply instanceof Uint8Array) return concatBytes(utf8(`$${reply.length}\r\n`), reply, utf8('\r\n'));
  if (reply instanceof Landed) throw new Error('no server writes this');
  return concatBytes(utf8(`*${reply.length}\r\n`), ...reply.map(write));
}

function decode(
  chunks: readonly Uint8Array[],
  limits: ReplyLimits = usualLimits,
  landing: Landing | null = null,
): Reply[] {
  const replies: Reply[] = [];
  const decoder = new ReplyDecoder(
    (reply) => replies.push(reply),
    limits,
    () => landing,
  );
  for (const chunk of chunks) decoder.push(chunk);
  return replies;
}

const line = fc.stringMatching(/^[ -~äöü€]{0,40}$/);
const { reply } = fc.letrec<{ reply: Reply }>((tie) => ({
  reply: fc.oneof(
    { maxDepth: 4 },
    line,
    fc.maxSafeInteger(),
    fc.uint8Array({ maxLength: 200 }),
    fc.constant(null),
    line.map((text) => new ReplyError(text)),
    fc.array(tie('reply'), { maxLength: 4 }),
  ),
}));

const cut = (bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] => {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes.length === 0 ? bytes.length : (sizes[i % sizes.length] ?? 1);
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
};

it('reads what a server writes, however it is cut', () => {
  fc.assert(
    fc.property(fc.array(reply, { maxLength: 6 }), fc.array(fc.integer({ min: 1, max: 50 })), (replies, sizes) => {
      const bytes = concatBytes(...replies.map(write));
      expect(decode(cut(bytes, sizes))).toEqual(replies);
    }),
  );
});

it('writes commands that read as lists of bytes', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 3 });
  const bytesOf = (one: Word): Uint8Array =>
    one instanceof Uint8Array ? one : typeof one === 'object' ? Buffer.concat([...one]) : Buffer.from(String(one));
  const word = fc.oneof(
    pieces,
    fc.string(),
    fc.integer(),
    fc.uint8Array({ maxLength: 100 }),
    fc.constant(new Uint8Array(5000)),
  );
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), (words) => {
      const [read] = decode([concatBytes(...encodeCommand(words))]);
      const asBytes = words.map((one) => new Uint8Array(bytesOf(one)));
      expect((read as Reply[]).map((one) => new Uint8Array(one as Uint8Array))).toEqual(asBytes);
    }),
  );
});

it('sends a long word from where it lies, and gathers short ones', () => {
  const value = new Uint8Array(100_000);
  const segments = encodeCommand(['SET', 'name', value]);
  expect(segments).toHaveLength(3);
  expect(segments[1]).toBe(value);
});

it('hands on a string that came in one piece without copying it', () => {
  const bytes = write(new Uint8Array([1, 2, 3]));
  const [read] = decode([bytes]);
  expect((read as Uint8Array).buffer).toBe(bytes.buffer);
});

it('puts a string where it is wanted, however it is cut and whatever part of it is', () => {
  const value = Uint8Array.from({ length: 100 }, (_, i) => i);
  fc.assert(
    fc.property(fc.nat(120), fc.nat(120), fc.array(fc.integer({ min: 1, max: 50 })), (skip, length, sizes) => {
      const target = new Uint8Array(length).fill(255);
      const [read] = decode(cut(write(value), sizes), usualLimits, { target, skip });
      expect(read).toEqual(new Landed(100));
      expect([...target]).toEqual(Array.from({ length }, (_, i) => (skip + i < 100 ? skip + i : 255)));
    }),
  );
});

it('ends for any bytes in replies or a typed error, and stays refused', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 30 }),
    fc
      .constantFrom(
        '*3\r\n',
        '$5\r\nhel',
        '$-1\r\n',
        ':12\r\n',
        '+OK\r\n',
        '-ERR\r\n',
        '*-1\r\n',
        '$9999999999\r\n',
        '\r\n',
      )
      .map(utf8),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const decoder = new ReplyDecoder(() => {});
      let refused: unknown = null;
      for (const bytes of pieces) {
        try {
          decoder.push(bytes);
          expect(refused === null || bytes.length === 0).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(ConnectionError);
          if (refused !== null) expect(error).toBe(refused);
          refused = error;
        }
      }
    }),
    { numRuns: 500 },
  );
});

it.each([
  ['an unknown type', '_\r\n'],
  ['a length that is no number', '$x\r\n'],
  ['a negative length', '$-2\r\n'],
  ['a string longer than allowed', '$2000\r\n'],
  ['a list longer than allowed', '*200\r\n'],
  ['lists too deep', '*1\r\n'.repeat(20)],
  ['a line too long', `+${'x'.repeat(2000)}`],
  ['a line without CR', '+OK\n'],
  ['a string that does not end where it should', '$2\r\nabc\r\n'],
  ['an integer past what a double holds', ':9007199254740993\r\n'],
  ['lists that each are short and together are not', `*10\r\n${`*90\r\n${':1\r\n'.repeat(90)}`.repeat(10)}`],
])('refuses %s', (_, bytes) => {
  const limits = { bulk: 1000, line: 1000, items: 100, depth: 8, total: 20_000 };
  expect(() => decode([utf8(bytes)], limits)).toThrow(ConnectionError);
});

it('reserves nothing for a length that was only announced', () => {
  const before = process.memoryUsage().arrayBuffers;
  const decoders = Array.from({ length: 200 }, () => new ReplyDecoder(() => {}));
  for (const decoder of decoders) decoder.push(utf8(`$${usualLimits.bulk}\r\n`));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(usualLimits.bulk * 10);
});
