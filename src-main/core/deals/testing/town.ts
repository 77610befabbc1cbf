import { cpSync, rmSync } from 'node:fs';
import { encodeDeployData, encodeFunctionData, type Hex } from 'viem';
import type { Accounts } from '#core/evm/accounts.ts';
import type { Chain } from '#core/evm/chain.ts';
import { readContract } from '#core/evm/contract-call.ts';
import { attestations } from '#core/evm/contracts/attestations.generated.ts';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import { deals as dealsCode } from '#core/evm/contracts/deals.generated.ts';
import { names } from '#core/evm/contracts/names.generated.ts';
import { nodes } from '#core/evm/contracts/nodes.generated.ts';
import { startAnvil } from '#core/evm/testing/anvil.ts';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { anvilChain, chainsOf, ownChain, type TestChain } from '#core/wallet/testing/chains.ts';
import { startWallet, type TestWallet } from '#core/wallet/testing/wallets.ts';
import { dealsContract } from '#shared/contract/deals.ts';
import type { EvmAddress, Hash32 } from '#shared/model/evm.ts';
import type { AnyMethod, Client } from '#shared/rpc/contract.ts';
import { fail } from '#shared/rpc/fail.ts';
import { createDeals, type Deals, type DealsDeps } from '../index.ts';

/** What ends the work at a point, as if the process had been killed there. */
export class Killed extends Error {}

export interface Dweller {
  readonly name: string;
  readonly account: EvmAddress;
  readonly wallet: TestWallet;
  /** Called at every named point of what is done on chains. */
  probe: (point: string) => void;
  /** Letters that came, before they are looked into; a test may bend them. */
  readonly letters: { from: string; letter: Uint8Array }[];
  call<N extends keyof typeof dealsContract>(
    method: N,
    input: Parameters<Client<typeof dealsContract>[N]>[0],
    signal?: AbortSignal,
  ): Promise<never>;
  readonly deals: Deals;
  /** Forget the service and begin another over what is on the disk. @param killed nothing of it may go on meanwhile */
  restart(killed?: boolean): Promise<void>;
  /** Put back what all that it keeps was once. @param copy a directory that `copyTo` wrote */
  restore(copy: string): Promise<void>;
  /** As a backup finds it in this moment. */
  copyTo(directory: string): void;
  balance(): Promise<bigint>;
  stop(): Promise<void>;
}

export interface Town {
  readonly chain: TestChain;
  readonly credits: EvmAddress;
  readonly operator: Dweller;
  dweller(name: string, seed: number): Promise<Dweller>;
  issue(to: EvmAddress, amount: bigint): Promise<void>;
  /** A letter as somebody else would write it, past their Hypha. */
  post(from: string, to: Dweller, letter: Uint8Array): void;
  /** Let time pass on the chain. */
  pass(seconds: number): Promise<void>;
  /** Milliseconds, by the chain's clock. */
  now(): number;
  stop(): Promise<void>;
}

const realTimer = (ms: number, fire: () => void): (() => void) => {
  const timer = setTimeout(fire, Math.min(ms, 4_000));
  return () => clearTimeout(timer);
};

/** A chain with the contracts on it, and people who know each other. @param anvil path of the program; null for an own ledger */
export async function createTown(anvil: string | null): Promise<Town> {
  let clock = Date.now();
  const started = anvil === null ? null : await startAnvil(anvil, 31_337n, [], true);
  const own = started === null ? ownChain({}, 1, () => clock) : null;
  const chain =
    own?.chain ?? (started === null ? null : await anvilChain(started, 31_337n, { free: true, coin: null }));
  if (chain === null) throw new Error('no chain');
  const chains = chainsOf(chain);
  const people = new Map<string, Dweller>();
  const listeners = new Map<string, (contact: string, letter: Uint8Array) => void>();

  async function dweller(name: string, seed: number): Promise<Dweller> {
    const wallet = await startWallet(chains, { seed });
    const account = wallet.wallet.accounts.main();
    if (account === null) throw new Error('no account');
    const fake = createFakeHost({ seed });
    const host: DealsDeps['host'] = { ...fake, now: () => clock, setTimer: realTimer };
    let alive = { dead: false };
    const begin = async (): Promise<Deals> => {
      const mine = { dead: false };
      alive = mine;
      const guard = <T>(work: () => T): T => {
        if (mine.dead) throw new Killed('it was killed');
        return work();
      };
      const accounts = wallet.wallet.accounts;
      const guarded: Accounts = {
        ...accounts,
        list: () => (mine.dead ? [] : accounts.list()),
        send: (what) => guard(() => accounts.send(what)),
        settled: (...what) => guard(() => accounts.settled(...what)),
        signTypedData: (...what) => guard(() => accounts.signTypedData(...what)),
      };
      const made = createDeals({
        ...{ host, log: silentLog, emit: () => {}, home: wallet.home, chains, accounts: guarded },
        people: {
          self: () => `person of ${name}`,
          find(who) {
            if (!people.has(who)) throw fail('NOT_FOUND', 'There is no such contact.');
            return who;
          },
          nameOf: (contact) => (people.has(contact) ? contact : null),
          personOf: (contact) => `person of ${contact}`,
          addressOf: (contact) => people.get(contact)?.account ?? null,
          contactOf: () => null,
        },
        letters: {
          send: (contact, letter) =>
            guard(() => {
              people.get(contact)?.letters.push({ from: name, letter });
              listeners.get(contact)?.(name, letter);
            }),
          onLetter(take) {
            listeners.set(name, take);
            return () => void listeners.delete(name);
          },
        },
        probe(point) {
          guard(() => {});
          dwelling.probe(point);
        },
      });
      await made.start();
      return made;
    };
    const dwelling: { -readonly [K in keyof Dweller]: Dweller[K] } = {
      ...{ name, account, wallet, letters: [] },
      probe: () => {},
      deals: undefined as unknown as Deals,
      async call(method, input, signal = new AbortController().signal) {
        const spec = dealsContract[method] as AnyMethod;
        const handler = dwelling.deals.handlers[method] as (input: unknown, context: unknown) => unknown;
        const check = dwelling.deals.checks[method] as ((input: unknown) => unknown) | undefined;
        const parsed = spec.input.parse(input);
        await check?.(parsed);
        const context = {
          caller: { connection: 'window', face: 'ui', name: 'Window', person: true },
          ...{ signal, undo() {}, step() {}, progress() {}, rest: () => null },
        };
        return spec.output.parse(await handler(parsed, context)) as never;
      },
      async restart(killed = false) {
        if (killed) alive.dead = true;
        await dwelling.deals.stop();
        dwelling.deals = await begin();
      },
      async restore(copy) {
        await dwelling.deals.stop();
        await wallet.restart(() => {
          rmSync(wallet.home, { recursive: true });
          cpSync(copy, wallet.home, { recursive: true });
        });
        dwelling.deals = await begin();
      },
      copyTo: (directory) => cpSync(wallet.home, directory, { recursive: true }),
      balance: () =>
        readContract(chain as Chain, { abi: credits.abi, address: at, functionName: 'balanceOf', args: [account] }),
      async stop() {
        await dwelling.deals.stop();
        await wallet.stop();
      },
    };
    people.set(name, dwelling);
    dwelling.deals = await begin();
    return dwelling;
  }

  let at = `0x${'0'.repeat(40)}` as EvmAddress;
  const operator = await dweller('Olga', 200);
  const { accounts } = operator.wallet.wallet;
  const put = async (
    code: { abi: readonly unknown[]; bytecode: Hex },
    args: readonly unknown[],
  ): Promise<EvmAddress> => {
    const data = encodeDeployData({ abi: code.abi, bytecode: code.bytecode, args } as Parameters<
      typeof encodeDeployData
    >[0]);
    const key = `put ${code.bytecode.length}`;
    const hash = await accounts.send({ chain: chain.ref, from: operator.account, to: null, data, key, about: 'Put' });
    const { contract } = await accounts.settled(chain.ref, hash);
    if (contract === null) throw new Error('no contract');
    return contract;
  };
  at = await put(credits, ['Credits issued by Olga', 'OLGAS', operator.account]);
  Object.assign(chain, {
    contracts: {
      deals: await put(dealsCode, []),
      nodes: await put(nodes, []),
      names: await put(names, [0n]),
      attestations: await put(attestations, []),
      credits: at,
    },
  });
  let issued = 0;
  return {
    ...{ chain, operator, dweller, credits: at },
    async issue(to, amount) {
      const data = encodeFunctionData({
        abi: credits.abi,
        functionName: 'issue',
        args: [to, amount, `0x${'77'.repeat(32)}`],
      });
      const key = `issue ${issued++}`;
      const hash = await accounts.send({ chain: chain.ref, from: operator.account, to: at, data, key, about: 'Issue' });
      const { ok } = await accounts.settled(chain.ref, hash as Hash32);
      if (!ok) throw new Error('not issued');
    },
    post: (from, to, letter) => listeners.get(to.name)?.(from, letter),
    async pass(seconds) {
      clock += seconds * 1_000;
      await started?.ask('evm_increaseTime', [seconds]);
      await started?.ask('evm_mine');
    },
    now: () => clock,
    async stop() {
      for (const one of people.values()) await one.stop();
      await own?.ledger.close();
      await started?.stop();
    },
  };
}
