import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { ReedSolomonErasure } from '@subspace/reed-solomon-erasure.wasm';
import type { Benchmark } from './harness/benchmark.ts';
import { timed } from './harness/clock.ts';
import { createStripe } from './harness/erasure/kernel-side.ts';

const shardBytes = 256 * 1024;

export const benchmark: Benchmark = {
  name: 'erasure-crate',
  about: 'Parity for 256 MiB of data by our WebAssembly kernel, against the Rust crate compiled to WebAssembly.',
  better: 'higher',
  rival: 'reed-solomon-erasure',
  runs: 5,
  warmUp: true,
  async prepare(options) {
    const bytes = options.size ?? 256 * 1024 ** 2;
    const require = createRequire(import.meta.url);
    const folder = path.dirname(require.resolve('@subspace/reed-solomon-erasure.wasm'));
    const crate = ReedSolomonErasure.fromBytes(await readFile(path.join(folder, 'reed_solomon_erasure_bg.wasm')));
    return {
      contests: [
        [16, 4],
        [4, 2],
      ].map(([k = 0, m = 0]) => {
        const stripe = createStripe(k, m, shardBytes);
        const shards = new Uint8Array((k + m) * shardBytes);
        shards.set(stripe.data);
        const rounds = Math.max(1, Math.round(bytes / (k * shardBytes)));
        return {
          name: `${k}+${m}`,
          ours: async () => ({ seconds: await stripe.encode(rounds) }),
          async rival() {
            const { seconds } = await timed(async () => {
              for (let i = 0; i < rounds; i++) {
                if (crate.encode(shards, k, m) !== ReedSolomonErasure.RESULT_OK) throw new Error('The crate refused.');
              }
            });
            await stripe.encode(1);
            if (Buffer.compare(shards.subarray(k * shardBytes), stripe.parity()) !== 0) {
              throw new Error('The parity of the crate is another.');
            }
            return { seconds };
          },
        };
      }),
      notes: [
        `shards of ${shardBytes / 1024} KiB of random bytes; the crate’s package copies the shards into its memory and back, which is part of its time`,
        'the parity of both is compared in every run',
      ],
      close: async () => {},
    };
  },
};
