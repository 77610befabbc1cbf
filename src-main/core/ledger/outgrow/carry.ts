import { type Abi, encodeDeployData, encodeFunctionData, type Hex } from 'viem';
import { z } from 'zod';
import type { Accounts, Receipt } from '#core/evm/accounts.ts';
import { ask, quantitySchema } from '#core/evm/answers.ts';
import type { Chain } from '#core/evm/chain.ts';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import { names } from '#core/evm/contracts/names.generated.ts';
import type { EvmAddress, Hash32 } from '#shared/model/evm.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import { issuedUnder } from './check.ts';
import { hashOfState, type LedgerState } from './format.ts';
import { type Left, planOf } from './plan.ts';
import { labelHash, lookerAt, type NameEntry } from './state.ts';

/** Transactions that may be under way at once: each is signed and kept before it is sent. */
const atOnce = 16;
/** Seconds that `Names.sol` wants between a commitment and the name, and how long a commitment holds. */
const commitMin = 60;
const commitMax = 86_400;
const termMax = 2 * 365 * 86_400;

export interface CarryDeps {
  readonly accounts: Pick<Accounts, 'list' | 'send' | 'settled'>;
  /** Wait until the clock moved by so much. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  /** 32 bytes that hide the names until they are taken: the same for the same export and chain, also after a restart. */
  secret(export_: Hash32, chain: Chain): Hash32;
  step(key: string, text: string): void;
  progress(done: number, total: number): void;
}

export interface Carried {
  readonly credits: EvmAddress;
  readonly issued: number;
  readonly names: number;
  readonly left: readonly Left[];
}

/**
 * Issue credits of the same name again on another chain, to everybody what the export promises, and take their names for them. Each step
 * has a key, so that after a crash the same call goes on and does nothing twice.
 *
 * @throws Fail NOT_ISSUER, NO_CONTRACTS, and those of accounts and chain
 */
export async function carryOver(
  state: LedgerState,
  chain: Chain,
  deps: CarryDeps,
  signal: AbortSignal,
): Promise<Carried> {
  const { accounts, step, progress } = deps;
  const from = accounts.list().find((one) => one.toLowerCase() === state.credits.issuer);
  if (from === undefined) {
    throw fail('NOT_ISSUER', 'Only who issues these credits can carry them over.', {
      meaning: 'Their holders count on the promise of one person.',
      next: `Do it where the account ${state.credits.issuer} is.`,
    });
  }
  const { contracts } = chain;
  if (contracts === null) {
    throw fail('NO_CONTRACTS', `Hypha’s contracts are not on ${chain.name} yet.`, {
      meaning: 'Nothing was carried over.',
      next: 'Put them there first, or say where they lie.',
    });
  }
  const hash = hashOfState(state);
  const plan = planOf(state);
  const left = [...plan.left];
  const base = { chain: chain.ref, from };
  const keyOf = (what: string) => `carry:${hash}:${chain.ref}:${what}`;
  const settled = async (sent: Hash32, what: string): Promise<Receipt> => {
    const receipt = await accounts.settled(chain.ref, sent, signal);
    if (!receipt.ok)
      throw fail('CALL_REFUSED', `${chain.name} refused it: ${what}.`, { next: 'Carry over again to go on.' });
    return receipt;
  };

  step('credits', 'Putting the credits');
  const { name, symbol } = state.credits;
  const data = encodeDeployData({ abi: credits.abi, bytecode: credits.bytecode as Hex, args: [name, symbol, from] });
  const made = await accounts.send({
    ...base,
    to: null,
    data,
    key: keyOf('credits'),
    about: `Put “${name}” on ${chain.name}`,
  });
  const token = (await settled(made, 'putting the credits')).contract;
  if (token === null) throw new Error('a contract was put and lies nowhere');

  step('issue', 'Issuing to each holder what they had');
  const before = await issuedUnder(chain, token, hash, signal);
  const missing = plan.issue.filter(({ to }) => !before.has(to));
  for (let i = 0; i < missing.length; i += atOnce) {
    signal.throwIfAborted();
    const sent: Hash32[] = [];
    for (const { to, amount } of missing.slice(i, i + atOnce)) {
      const issue = encodeFunctionData({ abi: credits.abi, functionName: 'issue', args: [to, amount, hash] });
      const about = `Issue ${name} to ${to} as before`;
      sent.push(await accounts.send({ ...base, to: token, data: issue, key: keyOf(`issue:${to}`), about }));
    }
    for (const one of sent) await settled(one, 'issuing credits');
    progress(Math.min(i + atOnce, missing.length), missing.length);
  }

  step('names', 'Taking names for their owners');
  const look = lookerAt(chain, 'latest');
  const abi = names.abi as Abi;
  const secret = deps.secret(hash, chain);
  const free: { label: string; owner: EvmAddress; args: readonly [string, EvmAddress, bigint, Hash32, Hash32] }[] = [];
  let there = 0;
  for (const { label, owner, expires, record } of plan.names) {
    const entry = await look.view<NameEntry>(contracts.names, abi, 'lookUp', [labelHash(label)]);
    if (BigInt(entry.owner) !== 0n) {
      if (entry.owner.toLowerCase() === owner) there += 1;
      else left.push({ what: 'name', which: label, why: 'somebody else has it on that chain' });
      continue;
    }
    const term = BigInt(Math.min(expires - state.block.at, termMax));
    free.push({ label, owner, args: [label, owner, term, record, secret] });
  }
  const now = async () => Number((await ask(chain, momentSchema, 'eth_getBlockByNumber', ['latest', false])).timestamp);
  const committed = (commitment: Hash32) => look.view<bigint>(contracts.names, abi, 'committedAt', [commitment]);
  const commitments = new Map<string, Hash32>();
  for (const { label, args } of free) {
    const commitment = await look.view<Hash32>(contracts.names, abi, 'commitmentOf', args);
    commitments.set(label, commitment);
    const when = Number(await committed(commitment));
    if (when !== 0 && (await now()) <= when + commitMax - 3_600) continue;
    const commit = encodeFunctionData({ abi, functionName: 'commit', args: [commitment] });
    const about = `Reserve a name on ${chain.name} for its owner`;
    try {
      const key = keyOf(`commit:${label}:${when}`);
      await settled(
        await accounts.send({ ...base, to: contracts.names, data: commit, key, about }),
        'reserving a name',
      );
    } catch (error) {
      if (!isFail(error, 'CALL_REFUSED')) throw error;
    }
  }
  for (const [i, { label, args }] of free.entries()) {
    const commitment = commitments.get(label);
    const when = commitment === undefined ? 0 : Number(await committed(commitment));
    // By the chain's clock, which alone counts there; one that makes no blocks is asked as of now.
    const value = await look.view<bigint>(contracts.names, abi, 'depositFor', [BigInt(Buffer.byteLength(label))]);
    const register = encodeFunctionData({ abi, functionName: 'register', args });
    const about = `Take the name ${label} on ${chain.name} for its owner`;
    try {
      for (let waited = 0; (await now()) < when + commitMin && waited < commitMin + 15; waited += 5)
        await deps.pause(5_000, signal);
      const key = keyOf(`register:${label}:${when}`);
      await settled(
        await accounts.send({ ...base, to: contracts.names, data: register, value, key, about }),
        `the name ${label}`,
      );
      there += 1;
    } catch (error) {
      if (!isFail(error, 'CALL_REFUSED') && !isFail(error, 'MONEY_SHORT')) throw error;
      left.push({ what: 'name', which: label, why: error.message });
    }
    progress(i + 1, free.length);
  }
  return { credits: token, issued: plan.issue.length, names: there, left };
}

const momentSchema = z.object({ timestamp: quantitySchema });
