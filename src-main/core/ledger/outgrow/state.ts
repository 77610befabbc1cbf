import {
  type Abi,
  decodeEventLog,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
  keccak256,
  toEventSelector,
  toHex,
} from 'viem';
import { z } from 'zod';
import { ask, dataSchema, hashSchema, hex, quantitySchema } from '#core/evm/answers.ts';
import type { Chain } from '#core/evm/chain.ts';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import { deals } from '#core/evm/contracts/deals.generated.ts';
import { names } from '#core/evm/contracts/names.generated.ts';
import { type Log, readLogs } from '#core/evm/logs.ts';
import { type EvmAddress, type Hash32, units } from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { LedgerState } from './format.ts';

/** States of `Deals.sol`. */
const [ended, disputed, closed] = [4, 5, 6];

const blockSchema = z.object({ number: quantitySchema, hash: hashSchema, timestamp: quantitySchema });

/**
 * What a ledger held after a block: the same for whoever reads it.
 *
 * @param number the block; the newest unless given
 * @throws Fail NO_CREDITS, and those of the chain
 */
export async function readState(
  chain: Chain,
  number: number | null,
  progress: (text: string) => void,
  signal?: AbortSignal,
): Promise<LedgerState> {
  const { contracts } = chain;
  if (contracts === null || contracts.credits === null) {
    throw fail('NO_CREDITS', `${chain.name} has no credits that could be carried over.`);
  }
  const where = { ...contracts, credits: contracts.credits };
  const found = await ask(chain, blockSchema, 'eth_getBlockByNumber', [
    number === null ? 'latest' : hex(number),
    false,
  ]);
  const look = lookerAt(chain, found.number);
  const logs = (address: EvmAddress, abi: Abi, name: string) => logsOf(chain, address, abi, name, found.number, signal);

  progress('Reading who holds credits');
  const held = await holdersOf(look, logs, where.credits);
  progress('Reading deals');
  const { list, inside } = await dealsOf(look, logs, where);
  progress('Reading names');
  const at = Number(found.timestamp);
  const registered = await namesOf(look, logs, where.names, at);

  // What lies in the contract of deals belongs to their parties; more than it owes was sent to it by mistake and is nobody's.
  const inContract = held.get(low(where.deals)) ?? 0n;
  const owed = [...inside.values()].reduce((sum, one) => sum + one, 0n);
  held.set(low(where.deals), inContract - owed);
  const addresses = [...new Set([...held.keys(), ...inside.keys()])].sort();
  const holders: LedgerState['credits']['holders'] = [];
  for (const address of addresses) {
    const [own, parts] = [held.get(address) ?? 0n, inside.get(address) ?? 0n];
    if (own + parts === 0n) continue;
    holders.push({ address, held: units(own), inDeals: units(parts), contract: await look.isContract(address) });
  }
  const supply = await look.view<bigint>(where.credits, credits.abi as Abi, 'totalSupply');
  const sum = holders.reduce((all, one) => all + BigInt(one.held) + BigInt(one.inDeals), 0n);
  if (sum !== supply) throw new Error(`the holders of ${chain.ref} have ${sum}, issued were ${supply}`);
  return {
    chain: chain.ref,
    genesis: chain.genesis,
    block: { number: Number(found.number), hash: found.hash, at },
    contracts: { credits: low(where.credits), deals: low(where.deals), names: low(where.names) },
    credits: {
      name: await look.view<string>(where.credits, credits.abi as Abi, 'name'),
      symbol: await look.view<string>(where.credits, credits.abi as Abi, 'symbol'),
      issuer: low(await look.view<EvmAddress>(where.credits, credits.abi as Abi, 'issuer')),
      supply: units(supply),
      holders,
    },
    names: registered,
    deals: list,
  };
}

type Looker = ReturnType<typeof lookerAt>;
type Logs = (address: EvmAddress, abi: Abi, name: string) => Promise<Decoded[]>;

/** Who looks at contracts as they were after a block. */
export function lookerAt(chain: Chain, number: bigint | 'latest') {
  const at = number === 'latest' ? number : hex(number);
  return {
    async view<T>(to: EvmAddress, abi: Abi, functionName: string, args: readonly unknown[] = []): Promise<T> {
      const data = encodeFunctionData({ abi, functionName, args });
      const answer = await ask(chain, dataSchema, 'eth_call', [{ to, data }, at]);
      return decodeFunctionResult({ abi, functionName, data: answer }) as T;
    },
    isContract: async (address: EvmAddress) => (await ask(chain, dataSchema, 'eth_getCode', [address, at])) !== '0x',
  };
}

export interface Decoded {
  readonly args: Readonly<Record<string, unknown>>;
  readonly log: Log;
}

/** Events of a contract from the first block on. */
export async function logsOf(
  chain: Chain,
  address: EvmAddress,
  abi: Abi,
  name: string,
  to: bigint,
  signal?: AbortSignal,
): Promise<Decoded[]> {
  const event = abi.find((one) => one.type === 'event' && one.name === name);
  if (event?.type !== 'event') throw new Error(`no event ${name}`);
  const found = await readLogs(chain, { address, event: toEventSelector(event) as Hash32, from: 0n, to }, signal);
  return found.map((log) => {
    const topics = log.topics as unknown as [Hex, ...Hex[]];
    const { args } = decodeEventLog({ abi: [event], topics, data: log.data });
    return { args: args as unknown as Record<string, unknown>, log };
  });
}

async function holdersOf(look: Looker, logs: Logs, token: EvmAddress): Promise<Map<EvmAddress, bigint>> {
  const moved = await logs(token, credits.abi as Abi, 'Transfer');
  const held = new Map<EvmAddress, bigint>();
  for (const { args } of moved) held.set(low(args.to as EvmAddress), 0n);
  for (const address of held.keys())
    held.set(address, await look.view<bigint>(token, credits.abi as Abi, 'balanceOf', [address]));
  return held;
}

/** Deals that did not end, and what each account has in the contract: the unearned part is the tenant's, the earned one the provider's. */
async function dealsOf(
  look: Looker,
  logs: Logs,
  { deals: at, credits: token }: { deals: EvmAddress; credits: EvmAddress },
) {
  const abi = deals.abi as Abi;
  const agreed = await logs(at, abi, 'Agreed');
  const inside = new Map<EvmAddress, bigint>();
  const add = (who: EvmAddress, amount: bigint) => {
    if (amount > 0n) inside.set(low(who), (inside.get(low(who)) ?? 0n) + amount);
  };
  const list: LedgerState['deals'] = [];
  const parties = new Set<EvmAddress>();
  for (const id of [...new Set(agreed.map(({ args }) => args.deal as Hash32))].sort()) {
    const one = await look.view<Deal>(at, abi, 'get', [id]);
    parties.add(low(one.provider)).add(low(one.tenant));
    // What it would be if somebody touched it in this block: what is due moves by that, and its parties lose nothing by not having touched it.
    const [state, earned] = await look.view<readonly [number, bigint, bigint, bigint]>(at, abi, 'statusOf', [id]);
    const balance = one.balance + one.earned - earned;
    if (low(one.token) === low(token)) {
      add(one.tenant, balance);
      // What is objected to is nobody's yet: it stays with the contract, and cannot be carried.
      if (state !== disputed) add(one.provider, earned);
    }
    if (state === closed || (state === ended && balance + earned === 0n)) continue;
    list.push({
      ...{ id, provider: low(one.provider), tenant: low(one.tenant), token: low(one.token) },
      ...{ rate: units(one.rate), balance: units(balance), earned: units(earned), node: one.node, spec: one.spec },
    });
  }
  for (const who of [...parties].sort()) add(who, await look.view<bigint>(at, abi, 'owed', [token, who]));
  return { list, inside };
}

interface Deal {
  readonly tenant: EvmAddress;
  readonly provider: EvmAddress;
  readonly token: EvmAddress;
  readonly node: Hash32;
  readonly spec: Hash32;
  readonly rate: bigint;
  readonly balance: bigint;
  readonly earned: bigint;
}

async function namesOf(look: Looker, logs: Logs, at: EvmAddress, now: number): Promise<LedgerState['names']> {
  const abi = names.abi as Abi;
  const labels = new Set((await logs(at, abi, 'Registered')).map(({ args }) => String(args.label)));
  const list: LedgerState['names'] = [];
  for (const label of [...labels].sort()) {
    const entry = await look.view<NameEntry>(at, abi, 'lookUp', [labelHash(label)]);
    if (BigInt(entry.owner) === 0n || Number(entry.expires) <= now) continue;
    list.push({ label, owner: low(entry.owner), expires: Number(entry.expires), record: entry.record });
  }
  return list;
}

export interface NameEntry {
  readonly owner: EvmAddress;
  readonly expires: bigint;
  readonly record: Hash32;
}

export const labelHash = (label: string): Hash32 => keccak256(toHex(label)) as Hash32;
const low = (address: EvmAddress): EvmAddress => address.toLowerCase() as EvmAddress;
