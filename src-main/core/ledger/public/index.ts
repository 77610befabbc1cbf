import { join } from 'node:path';
import type { Emit, Host, Logger } from '#core/host.ts';
import { openDatabase } from '#core/store/database.ts';
import { createPublicChains } from './chains.ts';
import { createPublicHandlers, show } from './handlers.ts';
import { publicMigrations } from './store.ts';

export interface PublicPartDeps {
  readonly host: Host;
  readonly log: Logger;
  readonly emit: Emit;
  /** The data directory. */
  readonly home: string;
  /** Name of the ledger that has this chain id already, the person's own or a contact's; null when none has. */
  readonly taken: (chainId: bigint) => string | null;
}

/** Public chains by RPC address: what they are, who is asked, where Hypha's contracts lie there. */
export function createPublicPart({ host, log, emit, home, taken }: PublicPartDeps) {
  const database = openDatabase({
    path: join(home, 'ledger', 'public.db'),
    migrations: publicMigrations,
    log,
  });
  const chains = createPublicChains({ database, host, emit, taken });
  return {
    ...chains,
    show,
    handlers: createPublicHandlers(chains),
    async start() {},
    async stop() {
      database.close();
    },
    notices: () => (database.notice === null ? [] : [database.notice]),
  };
}

export type PublicPart = ReturnType<typeof createPublicPart>;
