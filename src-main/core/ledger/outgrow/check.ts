import type { Abi } from 'viem';
import { newestBlock } from '#core/evm/answers.ts';
import type { Chain } from '#core/evm/chain.ts';
import { compareContracts } from '#core/evm/code.ts';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import { names } from '#core/evm/contracts/names.generated.ts';
import type { EvmAddress, Hash32 } from '#shared/model/evm.ts';
import { hashOfState, type LedgerState } from './format.ts';
import { planOf } from './plan.ts';
import { labelHash, logsOf, lookerAt, type NameEntry } from './state.ts';

/** What is not as the export says. */
export interface Difference {
  readonly what: 'credits' | 'holder' | 'name';
  readonly which: string;
  readonly why: string;
}

/** What was issued under a record: by address, as often as it was. */
export async function issuedUnder(chain: Chain, token: EvmAddress, record: Hash32, signal?: AbortSignal) {
  const issued = new Map<EvmAddress, bigint[]>();
  for (const { args } of await logsOf(chain, token, credits.abi as Abi, 'Issued', await newestBlock(chain), signal)) {
    if (args.record !== record) continue;
    const to = String(args.to).toLowerCase() as EvmAddress;
    issued.set(to, [...(issued.get(to) ?? []), args.amount as bigint]);
  }
  return issued;
}

/**
 * Compare what was carried to a chain with the export: anybody can, with nothing but both.
 *
 * @returns nothing when everybody has what the export promises, once
 * @throws Fail of the chain
 */
export async function checkCarried(
  state: LedgerState,
  chain: Chain,
  token: EvmAddress,
  signal?: AbortSignal,
): Promise<Difference[]> {
  const wrong: Difference[] = [];
  const add = (what: Difference['what'], which: string, why: string) => void wrong.push({ what, which, why });
  const { contracts } = chain;
  const nothing = { deals: null, nodes: null, names: null, attestations: null };
  const other = await compareContracts(chain, chain.chainId, { ...nothing, credits: token });
  if (other !== null) {
    add('credits', token, other.found === 'none' ? 'nothing lies there' : 'what lies there are no credits of Hypha');
    return wrong;
  }
  const look = lookerAt(chain, 'latest');
  const issuer = await look.view<EvmAddress>(token, credits.abi as Abi, 'issuer');
  if (issuer.toLowerCase() !== state.credits.issuer) add('credits', token, `somebody else issues them: ${issuer}`);

  const plan = planOf(state);
  const issued = await issuedUnder(chain, token, hashOfState(state), signal);
  for (const { to, amount } of plan.issue) {
    const [got, ...more] = issued.get(to) ?? [];
    issued.delete(to);
    if (got === undefined) add('holder', to, `has ${amount} in the export and was given nothing`);
    else if (more.length > 0) add('holder', to, `was given credits ${more.length + 1} times`);
    else if (got !== amount) add('holder', to, `has ${amount} in the export and was given ${got}`);
  }
  for (const [to] of issued) add('holder', to, 'was given credits under this export without being in it');

  for (const { label, owner } of plan.names) {
    if (contracts === null) add('name', label, 'there is no register of names on this chain yet');
    else {
      const entry = await look.view<NameEntry>(contracts.names, names.abi as Abi, 'lookUp', [labelHash(label)]);
      if (BigInt(entry.owner) === 0n) add('name', label, 'is nobody’s there');
      else if (entry.owner.toLowerCase() !== owner)
        add('name', label, `belongs to somebody else there: ${entry.owner}`);
    }
  }
  return wrong;
}
