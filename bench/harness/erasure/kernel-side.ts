import { systemRandom } from '#core/crypto/random.ts';
import { createKernel, scratchBytes } from '#core/vault/erasure/kernel.ts';
import { generator } from '#core/vault/erasure/matrix.ts';
import { timed } from '../clock.ts';

/** k data shards of random bytes and room for m of parity, in the memory that our kernel works on. */
export interface Stripe {
  readonly k: number;
  readonly m: number;
  readonly shardBytes: number;
  /** The rows of parity, one after the other. */
  readonly rows: Uint8Array;
  readonly data: Uint8Array;
  /** Seconds for so many encodings. */
  encode(rounds: number): Promise<number>;
  parity(): Uint8Array;
}

const page = 65_536;

export function createStripe(k: number, m: number, shardBytes: number): Stripe {
  const base = Math.ceil(scratchBytes / page) * page;
  const pages = (base + (k + m) * shardBytes) / page;
  const memory = new WebAssembly.Memory({ initial: Math.ceil(pages), maximum: Math.ceil(pages), shared: true });
  const bytes = new Uint8Array(memory.buffer);
  const kernel = createKernel(memory, 0);
  const at = (i: number): number => base + i * shardBytes;
  const data = systemRandom(k * shardBytes);
  bytes.set(data, base);
  const matrix = generator(k, m).slice(k);
  const indices = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => at(from + i));
  const [ins, outs] = [indices(0, k), indices(k, m)];
  return {
    k,
    m,
    shardBytes,
    rows: Buffer.concat(matrix),
    data,
    async encode(rounds) {
      const { seconds } = await timed(async () => {
        for (let i = 0; i < rounds; i++) kernel.combine(matrix, ins, outs, shardBytes);
      });
      return seconds;
    },
    parity: () => bytes.slice(at(k), at(k + m)),
  };
}
