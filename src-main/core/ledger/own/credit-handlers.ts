import { type Abi, decodeFunctionResult, encodeFunctionData } from 'viem';
import { z } from 'zod';
import type { Checks, Handlers } from '#core/broker/handlers.ts';
import type { Accounts } from '#core/evm/accounts.ts';
import { ask, callContract, quantitySchema } from '#core/evm/answers.ts';
import type { Chain, Chains } from '#core/evm/chain.ts';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import type { CreditAct, ledgerCreditsContract } from '#shared/contract/ledger/credits.ts';
import { parseAmount } from '#shared/model/amount.ts';
import type { ChainRef, EvmAddress } from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Act, Acts } from './acts.ts';
import { recordText } from './credit-record.ts';
import type { Credits } from './credits.ts';
import { creditEvents } from './issued.ts';
import { noLedger, type Own } from './own.ts';
import { unreachable } from './run.ts';
import { creditsDecimals, creditsSum } from './view.ts';

interface CreditParts {
  readonly own: Own;
  readonly acts: Acts;
  readonly credits: Credits;
  readonly chains: Chains;
  readonly accounts: Accounts;
}

type Methods = typeof ledgerCreditsContract;

/** A chain with credits on it, and the account of this person that deals with them. */
interface Place {
  readonly chain: Chain;
  readonly credits: EvmAddress;
  readonly from: EvmAddress;
}

export function creditHandlers({ own, acts, credits: made, chains, accounts }: CreditParts): Handlers<Methods> {
  const viewAct = (act: Act, symbol: string): CreditAct => ({
    ...{ kind: act.kind, state: act.state, chain: act.chain, who: act.to, sum: creditsSum(BigInt(act.units)), symbol },
    ...{ memo: act.memo, record: act.record, text: recordText(act), tx: act.tx, block: act.block, at: act.at },
  });
  return {
    'ledger.issue': async ({ amount, memo, to }, { signal }) => {
      const { record, place } = ownPlace(own);
      const what = { ...place, from: record.operator, to: to ?? record.operator, units: sumOf(amount), memo };
      return viewAct(await made.make('issue', { ...what, symbol: record.symbol }, signal), record.symbol);
    },
    'ledger.redeem': async ({ amount, memo, chain }, { signal }) => {
      const from = accounts.main();
      if (from === null) throw locked();
      const place = chain === undefined ? ownPlace(own).place : elsewhere(chains, chain);
      const symbol = await symbolOf(place.chain, place.credits);
      const act = await made.make('redeem', { ...place, from, to: from, units: sumOf(amount), memo, symbol }, signal);
      return viewAct(act, symbol);
    },
    'ledger.issued': async ({ limit, before }) => {
      const { record, place } = ownPlace(own);
      const { events, next } = await creditEvents(place.chain, place.credits, limit, before ?? null);
      const times = new Map<number, number>();
      for (const { block } of events) {
        if (!times.has(block)) times.set(block, await timeOf(place.chain, block));
      }
      const waiting = before === undefined ? acts.open().filter(({ chain }) => chain === place.chain.ref) : [];
      const there = events.map((event): CreditAct => {
        const act = acts.byRecord(event.record);
        const { kind, who, tx, block } = event;
        const about = { memo: act?.memo ?? null, text: act === null ? null : recordText(act) };
        const what = { state: 'done' as const, chain: place.chain.ref, symbol: record.symbol, record: event.record };
        return { kind, who, tx, block, ...what, ...about, sum: creditsSum(event.units), at: times.get(block) ?? null };
      });
      const known = new Set(there.map((one) => one.record));
      const open = waiting.filter((act) => !known.has(act.record)).map((act) => viewAct(act, record.symbol));
      return { acts: [...open, ...there], next };
    },
  };
}

/** What is wrong with it, before the person is asked to allow it. */
export function creditChecks({ own, chains, accounts }: CreditParts): Checks<Methods> {
  return {
    'ledger.issue': ({ amount }) => {
      const { record } = ownPlace(own);
      sumOf(amount);
      if (!accounts.list().some((one) => one.toLowerCase() === record.operator.toLowerCase())) throw locked();
    },
    'ledger.redeem': ({ amount, chain }) => {
      if (chain === undefined) ownPlace(own);
      else elsewhere(chains, chain);
      sumOf(amount);
      if (accounts.main() === null) throw locked();
    },
  };
}

/** @throws Fail NO_LEDGER, CHAIN_UNREACHABLE, LEDGER_BROKEN */
function ownPlace({ register, source, run }: Own) {
  const record = register.get();
  const [chain] = source.list();
  if (record === null) throw noLedger();
  const broken = run.broken();
  if (broken !== null) throw broken;
  if (chain === undefined || record.contracts === null) throw unreachable();
  return { record, place: { chain, credits: record.contracts.credits } };
}

function elsewhere(chains: Chains, ref: ChainRef): Omit<Place, 'from'> {
  const chain = chains.find(ref);
  if (chain === null || chain.contracts?.credits == null) {
    throw fail('NOT_FOUND', 'Nobody’s credits are known on that chain.', { data: { what: 'chain' } });
  }
  return { chain, credits: chain.contracts.credits };
}

function sumOf(amount: string): bigint {
  const sum = parseAmount(amount, creditsDecimals);
  if (sum === null || sum === 0n) {
    throw fail('BAD_AMOUNT', `${amount} is no amount of credits.`, { next: 'Give more than nothing, like 12.5.' });
  }
  return sum;
}

const locked = () =>
  fail('LOCKED', 'The key of the account that this needs is not here now.', {
    next: 'Unlock Hypha, on a device that has your keys.',
  });

export async function symbolOf(chain: Chain, address: EvmAddress): Promise<string> {
  const call = { abi: credits.abi as Abi, functionName: 'symbol' };
  const data = await callContract(chain, address, encodeFunctionData(call));
  return String(decodeFunctionResult({ ...call, data })).slice(0, 32);
}

const timeOf = async (chain: Chain, block: number): Promise<number> => {
  const schema = z.object({ timestamp: quantitySchema });
  const { timestamp } = await ask(chain, schema, 'eth_getBlockByNumber', [`0x${block.toString(16)}`, false]);
  return Number(timestamp) * 1_000;
};
