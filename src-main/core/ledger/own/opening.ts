import { type Abi, encodeDeployData, type Hex } from 'viem';
import type { Accounts } from '#core/evm/accounts.ts';
import type { Chain, Contracts } from '#core/evm/chain.ts';
import { type Built, compareContracts } from '#core/evm/code.ts';
import { attestations } from '#core/evm/contracts/attestations.generated.ts';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import { deals } from '#core/evm/contracts/deals.generated.ts';
import { names } from '#core/evm/contracts/names.generated.ts';
import { nodes } from '#core/evm/contracts/nodes.generated.ts';
import type { Host } from '#core/host.ts';
import type { EvmAddress } from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';
import { nameFor, refusePublicNames } from './credit-names.ts';
import { noLedger, type Own } from './own.ts';
import type { OwnRecord } from './register.ts';
import { unreachable } from './run.ts';

type Puts = { readonly [N in keyof NonNullable<OwnRecord['contracts']>]: EvmAddress };

/** How far it is, told as each contract is there. */
export type Progress = (done: number) => void;

/** The contracts of a ledger, in the order in which they are put, with what their constructors are given. */
const puts = ({ name, symbol, operator }: OwnRecord): [keyof Puts, Built, readonly unknown[]][] => [
  ['deals', deals, []],
  ['nodes', nodes, []],
  // There is no coin: names cost nothing.
  ['names', names, [0n]],
  ['attestations', attestations, []],
  ['credits', credits, [name, symbol, operator]],
];
export const contractsToPut = 5;

/** Opens the person's ledger: its first block, and in the next ones its contracts. What was begun is gone on with after a restart. */
export function createOpening(own: Own, accounts: Accounts, host: Pick<Host, 'now'>) {
  const { register, run, source } = own;
  let going: Promise<void> | null = null;
  const listeners = new Set<Progress>();

  const check = (name: string, symbol: string): void => {
    refusePublicNames(name, symbol);
    const there = register.get();
    const same = there?.name === name && there.symbol === symbol;
    if (there !== null && !(same && there.contracts === null)) {
      throw fail('LEDGER_EXISTS', `You have a ledger already: ${there.name} (${there.symbol}).`, {
        meaning: 'Nothing was changed. A ledger stays what it is, because others may hold its credits.',
        next: 'Use the one you have: ledger status.',
      });
    }
    if (accounts.main() === null) {
      throw fail('LOCKED', 'Your ledger is run by your main account, whose key is not here now.', {
        next: 'Unlock Hypha on a device that has your keys.',
      });
    }
  };

  async function put(): Promise<void> {
    const record = register.get();
    const [chain] = source.list();
    if (record === null) throw noLedger();
    if (record.contracts !== null) return;
    if (chain === undefined) throw run.broken() ?? unreachable();
    const at: Partial<Record<keyof Puts, EvmAddress>> = {};
    for (const [i, [name, built, args]] of puts(record).entries()) {
      for (const listener of listeners) listener(i);
      at[name] = await putOne(chain, record, name, built, args);
    }
    const contracts = at as Contracts & Puts;
    const strange = await compareContracts(chain, chain.chainId, contracts);
    if (strange !== null) throw new Error(`the contract ${strange.contract} is not what was put`);
    register.set({ ...record, contracts });
    own.renew();
  }

  async function putOne(
    chain: Chain,
    { operator }: OwnRecord,
    name: string,
    built: Built,
    args: readonly unknown[],
  ): Promise<EvmAddress> {
    const data = encodeDeployData({ abi: built.abi as Abi, bytecode: built.bytecode as Hex, args });
    const about = `Put the contract ${built.name} on your ledger`;
    const hash = await accounts.send({
      ...{ chain: chain.ref, from: operator, to: null, data, about },
      key: `ledger-open ${chain.ref} ${name}`,
    });
    const { ok, contract } = await accounts.settled(chain.ref, hash);
    if (!ok || contract === null) throw new Error(`the contract ${name} was not made`);
    return contract;
  }

  /** Go on with what was begun, if anything. One at a time, for whoever asks. */
  const goOn = (): Promise<void> => {
    const record = register.get();
    if (record === null || record.contracts !== null) return Promise.resolve();
    going ??= put().finally(() => {
      going = null;
    });
    return going;
  };

  return {
    check,
    goOn,
    /** Of credits whose issuer gave them no name. */
    nameFor,
    async open(name: string, symbol: string, progress: Progress): Promise<void> {
      check(name, symbol);
      const operator = register.get()?.operator ?? accounts.main();
      if (operator === null) throw unreachable();
      register.set(
        register.get() ?? { ...{ name, symbol, operator }, openedAt: host.now(), chain: null, contracts: null },
      );
      listeners.add(progress);
      try {
        if (run.now() === null) {
          await run.start(Buffer.from(operator.slice(2), 'hex'));
          own.renew();
        }
        await goOn();
      } finally {
        listeners.delete(progress);
      }
    },
  };
}

export type Opening = ReturnType<typeof createOpening>;
