import type { Worker } from 'node:worker_threads';
import type { Chain } from '#core/evm/chain.ts';
import type { Emit, Host, Logger } from '#core/host.ts';
import type { Database } from '#core/store/database.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { ChainSource, HeadSigner, Notice, OwnLedger } from '../ports.ts';
import { askThread, ownChain } from './chain.ts';
import { createHeads } from './heads.ts';
import { createRegister } from './register.ts';
import { createRun } from './run.ts';

export interface OwnDeps {
  readonly host: Host;
  readonly log: Logger;
  readonly emit: Emit;
  readonly home: string;
  readonly known: Database;
  readonly signer: HeadSigner;
  readonly made?: (worker: Worker) => void;
}

/** The person's own ledger: kept running, asked as a chain, vouched for by signed heads. */
export function createOwn({ host, log, emit, home, known, signer, made }: OwnDeps) {
  const register = createRegister(known);
  const onBlock = new Set<(number: number) => void>();
  const onChange = new Set<() => void>();
  let chain: Chain | null = null;
  let sessions = 0;
  let blocks = -1;
  const notices: Notice[] = [];

  /** Contracts were put, or the first block was made: the chain is another object, so that nobody keeps what is over. */
  const renew = (): void => {
    const record = register.get();
    const had = chain;
    chain =
      record === null || record.chain === null
        ? null
        : ownChain(run, { ...record.chain, name: record.name, contracts: record.contracts }, (...timer) =>
            host.setTimer(...timer),
          );
    if (chain !== null || had !== null) for (const changed of onChange) changed();
    emit({ topic: 'ledger', ids: [] });
  };
  const changed = (): void => {
    const now = run.now();
    emit({ topic: 'ledger', ids: [] });
    if (now === null || now.newest.number === blocks) return;
    blocks = now.newest.number;
    for (const listener of onBlock) listener(blocks);
  };
  const run = createRun({ host, log, home, register, changed, made });
  const heads = createHeads(run, register, signer);
  const mustBe = (): void => {
    if (register.get() === null) throw noLedger();
  };

  const source: ChainSource = {
    list: () => (chain === null ? [] : [chain]),
    onChange(listener) {
      onChange.add(listener);
      return () => void onChange.delete(listener);
    },
  };
  const served: OwnLedger = {
    chain: () => (run.now() === null ? null : chain),
    session() {
      mustBe();
      const id = ++sessions;
      return {
        ask: (text) => askThread(run, id, text),
        end: () =>
          void run
            .now()
            ?.thread.call.end(id)
            .catch(() => {}),
      };
    },
    async head() {
      mustBe();
      return heads.head();
    },
    async shown(head) {
      mustBe();
      const fits = await heads.shown(head);
      if (!fits) notices.push(putBack);
      return fits;
    },
    onBlock(listener) {
      onBlock.add(listener);
      return () => void onBlock.delete(listener);
    },
  };

  return {
    ...{ run, register, source, served, renew },
    notices: (): readonly Notice[] => notices,
    async start() {
      if (register.get() === null) return;
      const before = register.seen()?.incarnation ?? 0;
      // Made anew only where it was wanted and its first block never came to be.
      await run.start(null);
      if ((run.now()?.incarnation ?? 0) > before) notices.push(putBack);
      renew();
    },
    stop: () => run.stop(),
  };
}

export type Own = ReturnType<typeof createOwn>;

export const noLedger = () =>
  fail('NO_LEDGER', 'You have no ledger of your own.', { next: 'Open one first: ledger open.' });

const putBack: Notice = {
  code: 'LEDGER_PUT_BACK',
  text: 'Your ledger is not as far as it was: an older copy of it was put in its place. It goes on from there, and everybody who deals on it is asked before they do.',
};
