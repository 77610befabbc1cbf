import type { Duplex } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemRandom } from '#core/crypto/random.ts';
import { createFrameReader, encodeFrame } from '../remote/friend/wire/frames.ts';
import { type Answer, decodeAnswer, encodeQuestion, version } from '../remote/friend/wire/messages.ts';
import { grant, type OneRoom, openOneRoom, secret } from './testing/one-room.ts';

let one: OneRoom;
beforeEach(async () => {
  one = await openOneRoom({ patience: { greetMs: 150, stallMs: 150, idleMs: 60_000 } });
});
afterEach(() => one.end());

const hex = (text: string): Uint8Array => Buffer.from(text, 'hex');
const hello = encodeQuestion(1, { kind: 'open', version, grant: hex(grant), secret: hex(secret) });
const name = `c/${'ab'.repeat(16)}.00`;

/** Everything that is answered until the other side ends. */
async function answers(stream: Duplex): Promise<Answer[]> {
  const reader = createFrameReader();
  const found: Answer[] = [];
  stream.on('data', (chunk: Uint8Array) => {
    for (const frame of reader.push(chunk)) {
      const answer = decodeAnswer(frame);
      if (answer !== null) found.push(answer);
    }
  });
  await new Promise((resolve) => stream.once('close', resolve));
  return found;
}
const openedRoom = async (): Promise<Duplex> => {
  const stream = one.connect();
  stream.write(hello);
  await new Promise((resolve) => stream.once('data', resolve));
  return stream;
};

describe('whoever comes to a room', () => {
  it('with another secret or grant is told no, the same for both, and is cut off', async () => {
    for (const [asked, opens] of [
      [grant, 'ee'.repeat(32)],
      ['ee'.repeat(16), secret],
    ] as const) {
      const stream = one.connect();
      const said = answers(stream);
      stream.write(encodeQuestion(1, { kind: 'open', version, grant: hex(asked), secret: hex(opens) }));
      stream.write(encodeQuestion(2, { kind: 'list', directory: 'c' }));
      expect(await said).toEqual([{ kind: 'error', error: 'refused' }]);
    }
    const imposter = one.open({ secret: 'ee'.repeat(32) });
    expect(await imposter.inspect()).toMatchObject({ kind: 'unreadable' });
    expect(imposter.reason()?.text).toContain('keeps no room');
    await imposter.close();
  });

  it.each(['put', 'read', 'size', 'remove', 'list', 'settle', 'mark', 'claim', 'unclaim', 'room', 'data'] as const)(
    'and asks to %s without opening one is cut off',
    async (kind) => {
      const stream = one.connect();
      const said = answers(stream);
      const any = { kind, name, length: 9, offset: 0, directory: 'c', bytes: systemRandom(9) };
      stream.write(encodeQuestion(3, any as Parameters<typeof encodeQuestion>[1]));
      expect(await said).toEqual([{ kind: 'error', error: 'bad' }]);
    },
  );

  it('and speaks a version to come is told so', async () => {
    const stream = one.connect();
    const said = answers(stream);
    stream.write(encodeQuestion(1, { kind: 'mine', version: 2 }));
    expect((await said)[0]).toEqual({ kind: 'error', error: 'version' });
  });

  it('and sends byte by byte, or nothing, or half of a piece, is not waited for', async () => {
    const silent = one.connect();
    await answers(silent);
    const slow = await openedRoom();
    const frame = encodeQuestion(2, { kind: 'size', name });
    let at = 0;
    const drip = setInterval(() => void slow.write(frame.subarray(at, ++at)), 40);
    await answers(slow);
    clearInterval(drip);
    expect(at).toBeLessThan(frame.length);
    const half = await openedRoom();
    half.write(encodeQuestion(2, { kind: 'put', length: 1000, name }));
    half.write(encodeQuestion(2, { kind: 'data', bytes: systemRandom(10) }));
    await answers(half);
    // Nothing is left of it, nor promised to it.
    await expect.poll(async () => (await one.room().state()).free).toBe(one.state.bytes);
    expect(await one.room().size(name)).toBe(null);
  });

  it('and does not take its answers holds up nobody else', async () => {
    const writer = one.open();
    await writer.store.put(name, [systemRandom(3_000_000)]);
    const deaf = await openedRoom();
    deaf.pause();
    const gone = new Promise((resolve) => deaf.once('close', resolve));
    for (let i = 2; i < 200; i++) {
      deaf.write(encodeQuestion(i, { kind: 'read', offset: 0, length: 256 * 1024, name }));
    }
    expect(await writer.store.size(name)).toBe(3_000_000);
    deaf.on('error', () => {});
    await gone;
    await writer.close();
  });

  it('and sends more than was said is refused, and the room has nothing of it', async () => {
    const stream = await openedRoom();
    const said = answers(stream);
    stream.write(encodeQuestion(2, { kind: 'put', length: 5, name }));
    stream.write(encodeQuestion(2, { kind: 'data', bytes: systemRandom(6) }));
    expect(await said).toContainEqual({ kind: 'error', error: 'bad' });
    expect(await one.room().size(name)).toBe(null);
  });

  it('and sends any bytes at all does no harm', { timeout: 60_000 }, async () => {
    const kept = one.open();
    await kept.store.put(name, [hex('abcd')]);
    const frame = fc
      .tuple(fc.integer({ min: 0, max: 20 }), fc.nat(9), fc.uint8Array({ maxLength: 80 }))
      .map(([type, id, body]) => encodeFrame(type, id, body));
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(fc.oneof(frame, fc.uint8Array({ maxLength: 50 }))),
        async (open, list) => {
          const stream = one.connect();
          const ended = answers(stream);
          if (open) stream.write(hello);
          for (const bytes of list) stream.write(bytes);
          stream.end();
          await ended;
        },
      ),
      { numRuns: 60 },
    );
    expect(await kept.store.size(name)).toBe(2);
    expect(await kept.store.list('p')).toEqual([]);
    await kept.close();
  });
});
