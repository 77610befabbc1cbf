import type { Checks, Handlers, Naming } from '#core/broker/handlers.ts';
import type { Chains } from '#core/evm/chain.ts';
import type { ledgerContract } from '#shared/contract/ledger.ts';
import { mergeChains } from './chains.ts';
import { openKnown } from './known.ts';
import { ownHandlers } from './own/handlers.ts';
import { createOwn } from './own/own.ts';
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

export function createLedger({ host, log, emit, home, signer, made }: LedgerDeps): LedgerDomain {
  const known = openKnown(home, log);
  const own = createOwn({ host, log, emit, home, known, signer, ...(made === undefined ? {} : { made }) });
  return {
    handlers: ownHandlers(own, home, log),
    checks: {},
    naming: {},
    chains: mergeChains([own.source]),
    async start() {
      await own.start();
    },
    async stop() {
      await own.stop();
      known.close();
    },
    notices: () => [...(known.notice === null ? [] : [known.notice]), ...own.notices()],
  };
}
