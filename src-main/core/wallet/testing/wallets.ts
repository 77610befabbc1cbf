import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallContext } from '#core/broker/handlers.ts';
import { walletKey } from '#core/crypto/wallet.ts';
import type { Chains } from '#core/evm/chain.ts';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { walletContract } from '#shared/contract/wallet.ts';
import type { AnyMethod } from '#shared/rpc/contract.ts';
import { fail } from '#shared/rpc/fail.ts';
import { createWallet, type Wallet, type WalletDeps } from '../index.ts';

export interface TestWallet {
  readonly home: string;
  readonly wallet: Wallet;
  readonly undone: { method: string; input: unknown }[];
  /** A call by the person. */
  call<T = Record<string, unknown>>(method: string, input?: Record<string, unknown>): Promise<T>;
  lock(locked: boolean): void;
  /** @param meanwhile what is done to its directory while it is closed */
  restart(meanwhile?: () => void): Promise<void>;
  stop(): Promise<void>;
}

const realTimer = (ms: number, fire: () => void): (() => void) => {
  const timer = setTimeout(fire, ms);
  return () => clearTimeout(timer);
};

/** The wallet of somebody, in a directory of its own, over these chains. Timers are real. */
export async function startWallet(
  chains: Chains,
  options: { seed?: number; people?: Record<string, string>; probe?: WalletDeps['probe']; home?: string } = {},
): Promise<TestWallet> {
  const { seed = 1, people = {} } = options;
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'hypha-wallet-')));
  const entropy = new Uint8Array(32).fill(seed);
  const host = { ...createFakeHost({ seed }), now: () => Date.now(), setTimer: realTimer };
  const listeners = new Set<() => void>();
  let locked = false;
  const begin = async (): Promise<Wallet> => {
    const made = createWallet({
      ...{ host, log: silentLog, emit: () => {}, home, chains },
      keys: {
        account: (index) => (locked ? null : walletKey(entropy, index)),
        seal: () => (locked ? null : entropy.slice()),
        onChange(changed) {
          listeners.add(changed);
          return () => void listeners.delete(changed);
        },
      },
      people: {
        find(who) {
          const id = Object.keys(people).find((one) => one === who || people[one] === who);
          if (id === undefined) throw fail('NOT_FOUND', 'There is no such contact.');
          return id;
        },
        nameOf: (contact) => (locked ? null : (people[contact] ?? null)),
      },
      ...(options.probe === undefined ? {} : { probe: options.probe }),
    });
    await made.start();
    return made;
  };
  let wallet = await begin();
  const undone: TestWallet['undone'] = [];
  const context = {
    caller: { connection: 'window', face: 'ui', name: 'Window', person: true },
    signal: new AbortController().signal,
    undo: (method: string, input: unknown) => void undone.push({ method, input }),
  } satisfies CallContext;
  return {
    ...{ home, undone },
    get wallet() {
      return wallet;
    },
    async call<T>(method: string, input: Record<string, unknown> = {}) {
      const spec = walletContract[method as keyof typeof walletContract] as AnyMethod | undefined;
      const handler = (wallet.handlers as unknown as Record<string, (input: unknown, context: unknown) => unknown>)[
        method
      ];
      if (spec === undefined || handler === undefined) throw new Error(`no ${method}`);
      const answer = await handler(spec.input.parse(input), { ...context, step() {}, progress() {} });
      // What does not fit the contract would be a fault in front of the person.
      return spec.output.parse(answer) as T;
    },
    lock(value) {
      locked = value;
      for (const changed of listeners) changed();
    },
    async restart(meanwhile = () => {}) {
      await wallet.stop();
      meanwhile();
      wallet = await begin();
    },
    async stop() {
      await wallet.stop();
      if (options.home === undefined) await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
