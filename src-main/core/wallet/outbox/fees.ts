import { z } from 'zod';
import { ask, hex, quantitySchema } from '#core/evm/answers.ts';
import type { Chain } from '#core/evm/chain.ts';

export const speeds = ['slow', 'normal', 'fast'] as const;
export type Speed = (typeof speeds)[number];

/** For each gas, in the coin's smallest unit. */
export interface Fee {
  readonly maxFee: bigint;
  /** To who makes the block (EIP-1559); null on a chain that knows one price only. */
  readonly tip: bigint | null;
}

/** Blocks that are looked back at. */
const lookBack = 10;
/** Of what was paid in them: the tip that so many of a hundred transactions stayed below. */
const percentiles = { slow: 10, normal: 50, fast: 90 } as const;
/** Base fees of so many blocks to come, each an eighth higher than the one before, are provided for (2.03 after six of them). */
const room = { slow: 125n, normal: 200n, fast: 300n } as const;

const historySchema = z.object({
  baseFeePerGas: z.array(quantitySchema).min(1),
  reward: z.array(z.array(quantitySchema)).nullish(),
});

/** What a transaction costs at each speed. @throws Fail of the chain */
export async function feesOf(chain: Chain, signal?: AbortSignal): Promise<Readonly<Record<Speed, Fee>>> {
  if (chain.free) {
    const nothing = { maxFee: 0n, tip: 0n };
    return { slow: nothing, normal: nothing, fast: nothing };
  }
  const options = signal === undefined ? {} : { signal };
  const wanted = [hex(lookBack), 'latest', [percentiles.slow, percentiles.normal, percentiles.fast]];
  const history = historySchema.safeParse(
    await chain.request('eth_feeHistory', wanted, options).catch((error: unknown) => {
      // A chain from before EIP-1559 has no such method.
      if ((error as { code?: unknown }).code === 'CHAIN_SAID') return null;
      throw error;
    }),
  );
  const base = history.success ? history.data.baseFeePerGas.at(-1) : undefined;
  if (!history.success || base === undefined) {
    const price = await ask(chain, quantitySchema, 'eth_gasPrice', [], options);
    const at = (percent: bigint): Fee => ({ maxFee: (price * percent) / 100n, tip: null });
    return { slow: at(100n), normal: at(110n), fast: at(150n) };
  }
  const rewards = history.data.reward ?? [];
  const at = (speed: Speed, position: number): Fee => {
    const tip = median(rewards.flatMap((block) => block[position] ?? []));
    return { maxFee: (base * room[speed]) / 100n + tip, tip };
  };
  return { slow: at('slow', 0), normal: at('normal', 1), fast: at('fast', 2) };
}

/** One block of somebody who pays a fortune says nothing of the others. */
function median(values: readonly bigint[]): bigint {
  const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted[Math.floor(sorted.length / 2)] ?? 0n;
}

/** What takes another's place must pay a tenth more for each gas (go-ethereum, `txpool.pricebump`); an eighth, to be taken by others too. */
export function raised(before: Fee, now: Fee): Fee {
  const most = (a: bigint, b: bigint): bigint => (a > b ? a : b);
  const more = (fee: bigint): bigint => (fee * 9n + 7n) / 8n + 1n;
  if (before.tip === null) return { maxFee: most(more(before.maxFee), now.maxFee), tip: null };
  const tip = most(more(before.tip), now.tip ?? 0n);
  return { maxFee: most(most(more(before.maxFee), now.maxFee), tip), tip };
}
