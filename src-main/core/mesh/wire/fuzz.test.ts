import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '#core/testing/fake-host.ts';
import { hex } from '#core/testing/hex.ts';
import { control } from '../testing/vectors.ts';
import { decodeControl, encodeControl } from './control.ts';
import { createFrameReader } from './frame-reader.ts';
import { decodeDataPacket } from './packet.ts';
import { decodeUserData } from './user-data.ts';

/*
 * Mutations of valid packets, by a seed. `HYPHA_FUZZ=5000000 npx vitest run src-main/core/mesh/wire/fuzz` runs as many as
 * told; what ever failed goes into `corpus/` as hex and is tried first.
 */
const rounds = Number(process.env.HYPHA_FUZZ ?? 20_000);
const seed = Number(process.env.HYPHA_SEED ?? 1);
const corpusDirectory = new URL('./corpus/', import.meta.url);
const corpus = readdirSync(corpusDirectory)
  .filter((name) => name.endsWith('.hex'))
  .sort()
  .map((name) => [name, hex(readFileSync(new URL(name, corpusDirectory), 'utf8'))] as const);

/** Whatever the bytes: values or nothing, and what was read can be written and is read the same again. */
function tryAll(bytes: Uint8Array): void {
  for (const message of decodeControl(bytes)) expect(decodeControl(encodeControl(message))).toEqual([message]);
  decodeDataPacket(bytes);
  decodeUserData(bytes);
  let seen = 0;
  const reader = createFrameReader({
    data: (_, __, length) => (seen += length),
    control: (_, __, length) => (seen += length),
  });
  reader.push(bytes);
  expect(seen + reader.pending()).toBeLessThanOrEqual(bytes.length);
}

describe('fuzzed packets', () => {
  it.each(corpus)('%s is survived', (_, bytes) => tryAll(bytes));

  it(`${rounds} mutations are survived (seed ${seed})`, () => {
    const random = seededRandom(seed);
    const valid = Object.values(control).map(hex);
    for (let round = 0; round < rounds; round++) {
      const dice = random(8);
      const base = valid[(dice[0] as number) % valid.length] as Uint8Array;
      const other = valid[(dice[1] as number) % valid.length] as Uint8Array;
      let bytes = (dice[2] as number & 1) ? base.slice() : Uint8Array.from([...base, ...other]);
      for (let i = (dice[3] as number) & 3; i >= 0; i--) {
        const [where, what] = random(2) as unknown as [number, number];
        bytes[where % bytes.length] = what;
      }
      if ((dice[4] as number) < 64) bytes = bytes.subarray(0, (dice[5] as number) % (bytes.length + 1));
      try {
        tryAll(bytes);
      } catch (error) {
        throw new Error(`seed ${seed} round ${round}: ${Buffer.from(bytes).toString('hex')}`, { cause: error });
      }
    }
  });
});
