import type { Checks, Handlers, Naming } from '#core/broker/handlers.ts';
import type { Chains } from '#core/evm/chain.ts';
import type { ledgerContract } from '#shared/contract/ledger.ts';
import { mergeChains } from './chains.ts';
import { openKnown } from './known.ts';
import { createOwn } from './own/own.ts';
import { createOwnPart } from './own/part.ts';
import { createPeers } from './peers/index.ts';
import type { LedgerDeps, Notice } from './ports.ts';

/** Chains: the person's own, and those of others. */
export interface LedgerDomain {
  readonly handlers: Handlers<typeof ledgerContract>;
  readonly checks: Checks<typeof ledgerContract>;
  readonly naming: Naming<typeof ledgerContract>;
  /** For other parts of Hypha. */
  readonly chains: Chains;
  start(): Promise<void>;
  stop(): Promise<void>;
  notices(): readonly Notice[];
}

export function createLedger(deps: LedgerDeps): LedgerDomain {
  const { host, log, emit, home, signer, accounts, safe, person, people, made } = deps;
  const known = openKnown(home, log);
  const base = { host, log, emit, home, known };
  const own = createOwn({ ...base, signer, ...(made === undefined ? {} : { made }) });
  const peers = createPeers({ host, log, emit, home, ...people, own: own.served, others: own.source });
  const chains = mergeChains([own.source, peers.source]);
  const ownPart = createOwnPart({ ...base, own, accounts, safe, chains, person });
  return {
    handlers: { ...ownPart.handlers, ...peers.handlers },
    checks: ownPart.checks,
    naming: { ...peers.naming },
    chains,
    async start() {
      await own.start();
      ownPart.start();
      await peers.start();
    },
    async stop() {
      await peers.stop();
      await ownPart.stop();
      await own.stop();
      known.close();
    },
    notices: () => [...(known.notice === null ? [] : [known.notice]), ...own.notices(), ...peers.notices()],
  };
}
