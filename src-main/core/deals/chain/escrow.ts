import { encodeFunctionData, type Hex } from 'viem';
import { ask, quantitySchema } from '#core/evm/answers.ts';
import type { Chain, Chains } from '#core/evm/chain.ts';
import { readContract } from '#core/evm/contract-call.ts';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import { deals } from '#core/evm/contracts/deals.generated.ts';
import type { ChainRef, EvmAddress, Hash32 } from '#shared/model/evm.ts';
import { failures } from '../failures.ts';
import type { Venue } from '../terms/signed.ts';

/** A chain with the contracts that deals are made on. */
export interface Ground {
  readonly chain: Chain;
  readonly venue: Venue;
}

/** @throws Fail CHAIN_UNKNOWN, NO_CONTRACTS */
export function groundOf(chains: Chains, ref: ChainRef): Ground {
  const chain = chains.find(ref);
  if (chain === null) throw failures.chainUnknown(ref);
  if (chain.contracts === null) throw failures.noContracts(chain.name);
  return { chain, venue: { chainId: chain.chainId, deals: chain.contracts.deals } };
}

/** States as the contract numbers them. */
export const states = ['none', 'agreed', 'active', 'grace', 'ended', 'disputed', 'closed'] as const;
export type State = (typeof states)[number];

/** Seconds in which an arbiter decides (Deals.ARBITER_TIME). */
export const arbiterTime = 30n * 86_400n;

/** A deal as the contract keeps it, and what touching it now would make of it. Times in seconds since 1970. */
export interface Escrow {
  readonly tenant: EvmAddress;
  readonly provider: EvmAddress;
  readonly token: EvmAddress;
  readonly arbiter: EvmAddress;
  readonly fallbackShare: number;
  readonly whole: boolean;
  readonly node: Hash32;
  readonly spec: Hash32;
  readonly rate: bigint;
  readonly clock: bigint;
  readonly stopAt: bigint;
  readonly disputedAt: bigint;
  readonly grace: number;
  readonly window: number;
  readonly notice: number;
  readonly refunds: number;
  readonly state: State;
  readonly earned: bigint;
  readonly balance: bigint;
  readonly runsOutAt: bigint;
  /** Earned since it was touched last: no event tells of it yet. */
  readonly since: bigint;
  /** Touching it would make another state of it. */
  readonly untouched: boolean;
  /** The chain's clock when this was read. */
  readonly at: bigint;
}

/** Code that gives back the time: TIMESTAMP, MSTORE at 0, RETURN of 32 bytes. */
const clockCode: Hex = '0x4260005260206000f3';

/** Seconds since 1970, by the clock that contracts on it would see now. */
export async function chainTime(chain: Chain): Promise<bigint> {
  return ask(chain, quantitySchema, 'eth_call', [{ data: clockCode }, 'latest']);
}

const contract = ({ venue }: Ground) => ({ abi: deals.abi, address: venue.deals }) as const;

/** @returns null where there is no such deal */
export async function readEscrow(ground: Ground, id: Hash32): Promise<Escrow | null> {
  const args = [id] as const;
  const kept = await readContract(ground.chain, { ...contract(ground), functionName: 'get', args });
  if (kept.state === 0) return null;
  const [status, at] = await Promise.all([
    readContract(ground.chain, { ...contract(ground), functionName: 'statusOf', args }),
    chainTime(ground.chain),
  ]);
  const [state, earned, balance, runsOutAt] = status;
  const { state: _, earned: touched, balance: __, ...rest } = kept;
  return {
    ...(rest as unknown as Escrow),
    ...{ state: states[state] ?? 'none', earned, balance, runsOutAt, at },
    since: earned > touched ? earned - touched : 0n,
    untouched: state !== kept.state,
  };
}

/** How many deals were made of an offer, or that it was taken back. */
export async function usesOf(ground: Ground, offer: Hash32): Promise<number | 'takenBack'> {
  const used = await readContract(ground.chain, { ...contract(ground), functionName: 'used', args: [offer] });
  return used === 0xffff_ffff ? 'takenBack' : used;
}

/** What somebody can withdraw. */
export const owedTo = (ground: Ground, token: EvmAddress, who: EvmAddress): Promise<bigint> =>
  readContract(ground.chain, { ...contract(ground), functionName: 'owed', args: [token, who] });

const erc20 = (address: EvmAddress) => ({ abi: credits.abi, address }) as const;

export const balanceOf = (chain: Chain, token: EvmAddress, who: EvmAddress): Promise<bigint> =>
  readContract(chain, { ...erc20(token), functionName: 'balanceOf', args: [who] });

export interface Token {
  readonly address: EvmAddress;
  readonly symbol: string;
  readonly decimals: number;
}

/** What a token says of itself. @throws Fail NO_TOKEN for what says nothing sensible */
export async function readToken(chain: Chain, address: EvmAddress): Promise<Token> {
  const read = (functionName: 'symbol' | 'decimals') =>
    readContract(chain, { ...erc20(address), functionName, args: [] });
  try {
    const [symbol, decimals] = await Promise.all([read('symbol'), read('decimals')]);
    const shown = String(symbol).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Z}]/gu, '');
    if (shown === '' || shown.length > 32 || Number(decimals) > 77) throw failures.noToken(address);
    return { address, symbol: shown, decimals: Number(decimals) };
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === 'CHAIN_SAID' || code === 'CHAIN_WRONG') throw failures.noToken(address);
    throw error;
  }
}

/** Data of a call of the deals contract. */
export function dealsCall(functionName: string, args: readonly unknown[]): Hex {
  return encodeFunctionData({ abi: deals.abi, functionName, args } as Parameters<typeof encodeFunctionData>[0]);
}

/** Data of an exact allowance. */
export const approveCall = (spender: EvmAddress, amount: bigint): Hex =>
  encodeFunctionData({ abi: credits.abi, functionName: 'approve', args: [spender, amount] });
