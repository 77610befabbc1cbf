import type { ZodType } from 'zod';
import { z } from 'zod';
import type { EvmAddress, Hash32 } from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Asking } from './chain.ts';

/*
 * Answers of a chain as the Ethereum JSON-RPC API shapes them (https://ethereum.github.io/execution-apis), parsed where they come in: who
 * answers is somebody else's program.
 */

/** A number in hex. */
export const quantitySchema = z
  .string()
  .regex(/^0x[0-9a-fA-F]{1,64}$/)
  .transform((text) => BigInt(text));

export const hashSchema = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/)
  .transform((text) => text.toLowerCase() as Hash32);

export const rawAddressSchema = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform((text) => text.toLowerCase() as EvmAddress);

export const dataSchema = z
  .string()
  .regex(/^0x(?:[0-9a-fA-F]{2})*$/)
  .transform((text) => text.toLowerCase() as `0x${string}`);

export const hex = (value: bigint | number): `0x${string}` => `0x${value.toString(16)}`;

interface Options {
  readonly signal?: AbortSignal;
}

/** @throws Fail as {@link Asking.request}; CHAIN_UNREACHABLE for an answer that has not the shape of one */
export async function ask<T>(
  chain: Asking,
  answer: ZodType<T>,
  method: string,
  params: readonly unknown[] = [],
  options: Options = {},
): Promise<T> {
  const parsed = answer.safeParse(await chain.request(method, params, options));
  if (parsed.success) return parsed.data;
  throw fail('CHAIN_UNREACHABLE', `The answer to ${method} is none that a chain gives.`, {
    meaning: 'Nothing was concluded from it.',
    next: 'Try again, or ask this chain at another address.',
  });
}

/** The number of the newest block. @throws Fail as {@link ask} */
export const newestBlock = (chain: Asking, options?: Options): Promise<bigint> =>
  ask(chain, quantitySchema, 'eth_blockNumber', [], options);

/** What a contract answers a question. @throws Fail as {@link ask} */
export const callContract = (
  chain: Asking,
  to: EvmAddress,
  data: `0x${string}`,
  options?: Options,
): Promise<`0x${string}`> => ask(chain, dataSchema, 'eth_call', [{ to, data }, 'latest'], options);
