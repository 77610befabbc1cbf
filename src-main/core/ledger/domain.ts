import type { Checks, Handlers, Naming } from '#core/broker/handlers.ts';
import type { Chains } from '#core/evm/chain.ts';
import type { ledgerContract } from '#shared/contract/ledger.ts';
import { mergeChains } from './chains.ts';
import { openKnown } from './known.ts';
import { outgrowHandlers } from './outgrow/handlers.ts';
import { createOwn } from './own/own.ts';
import { createOwnPart } from './own/part.ts';
import { createPeers } from './peers/index.ts';
import type { LedgerDeps, Notice } from './ports.ts';
import { createPublicPart } from './public/index.ts';

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
  const publicPart = createPublicPart({
    ...base,
    taken: (chainId) =>
      [...own.source.list(), ...peers.source.list()].find((one) => one.chainId === chainId)?.name ?? null,
  });
  const others = mergeChains([own.source, publicPart]);
  const peers = createPeers({ host, log, emit, home, ...people, own: own.served, others });
  const chains = mergeChains([own.source, peers.source, publicPart]);
  const ownPart = createOwnPart({ ...base, own, accounts, safe, chains, person });
  return {
    handlers: {
      ...ownPart.handlers,
      ...peers.handlers,
      ...publicPart.handlers,
      ...outgrowHandlers({
        ...{ host, accounts, chains, public_: publicPart },
        own: () => own.source.list()[0] ?? null,
      }),
    },
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
      await publicPart.stop();
      known.close();
    },
    notices: () => [
      ...(known.notice === null ? [] : [known.notice]),
      ...own.notices(),
      ...peers.notices(),
      ...publicPart.notices(),
    ],
  };
}
