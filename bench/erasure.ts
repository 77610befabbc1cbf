import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { type Benchmark, Unavailable } from './harness/benchmark.ts';
import { createStripe, type Stripe } from './harness/erasure/kernel-side.ts';
import { workplace } from './harness/workplace.ts';

const shardBytes = 256 * 1024;

export const benchmark: Benchmark = {
  name: 'erasure',
  about: 'Parity for 1 GiB of data by our WebAssembly kernel, against ISA-L, with the same matrix and one thread each.',
  better: 'higher',
  rival: 'ISA-L',
  runs: 7,
  warmUp: true,
  async prepare(options) {
    const place = await workplace();
    const program = place.path('isal-encode');
    await compile(program).catch(async (error: unknown) => {
      await place.close();
      throw error;
    });
    const bytes = options.size ?? 1024 ** 3;
    return {
      contests: [
        [16, 4],
        [4, 2],
      ].map(([k = 0, m = 0]) => {
        const stripe = createStripe(k, m, shardBytes);
        const rounds = Math.max(1, Math.round(bytes / (k * shardBytes)));
        return {
          name: `${k}+${m}`,
          ours: async () => ({ seconds: await stripe.encode(rounds) }),
          rival: async () => ({ seconds: await encodeByIsal(program, stripe, rounds) }),
        };
      }),
      notes: [
        `shards of ${shardBytes / 1024} KiB of random bytes, in the cache or not as it comes; ISA-L as Debian builds it chooses its own instructions`,
        'the parity of both is compared in every run',
      ],
      close: () => place.close(),
    };
  },
};

async function compile(target: string): Promise<void> {
  const source = path.join(import.meta.dirname, 'harness', 'erasure', 'isal-encode.c');
  await promisify(execFile)('cc', ['-O2', '-o', target, source, '-lisal']).catch(() => {
    throw new Unavailable(
      'A C compiler and ISA-L are needed. Install them: sudo apt-get install gcc libc6-dev libisal-dev',
    );
  });
}

async function encodeByIsal(program: string, stripe: Stripe, rounds: number): Promise<number> {
  const child = spawn(program, [stripe.k, stripe.m, stripe.shardBytes, rounds].map(String));
  child.stdin.end(Buffer.concat([stripe.rows, stripe.data]));
  const [out, err, [code]] = await Promise.all([buffer(child.stdout), buffer(child.stderr), once(child, 'close')]);
  if (code !== 0) throw new Error(`isal-encode ended with ${code}.`);
  await stripe.encode(1);
  if (err.toString().trim() !== fnv(stripe.parity())) throw new Error('The parity of ISA-L is another.');
  return Number(out.toString());
}

/** FNV-1a of 64 bits, in hex: what the C program prints. */
function fnv(bytes: Uint8Array): string {
  // In two halves of 32 bits: 0x100000001b3 is 2^40 + 0x1b3.
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (const byte of bytes) {
    low = (low ^ byte) >>> 0;
    const product = low * 0x1b3;
    const carry = Math.floor(product / 2 ** 32);
    high = (Math.imul(high, 0x1b3) + carry + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}
