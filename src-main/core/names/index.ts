import { join } from 'node:path';
import type { Handlers, Naming } from '#core/broker/handlers.ts';
import { openDatabase } from '#core/store/database.ts';
import type { namesContract } from '#shared/contract/names.ts';
import { registryHandlers } from './handlers.ts';
import { createHeld } from './held.ts';
import { nameChains } from './ledgers.ts';
import type { NamesDeps } from './ports.ts';
import { createRegistering } from './registering.ts';
import { createResolver } from './resolver.ts';
import { createNamesStore, namesMigration } from './store.ts';

export type { NamePeople, NamesDeps } from './ports.ts';

export interface Names {
  readonly handlers: Handlers<typeof namesContract>;
  readonly naming: Naming<typeof namesContract>;
  start(): Promise<void>;
  stop(): Promise<void>;
  notices(): readonly { readonly code: string; readonly text: string }[];
}

/** Names on ledgers: the person's own, and those of others looked up. */
export function createNames(deps: NamesDeps): Names {
  const { home, log, chains, accounts } = deps;
  const database = openDatabase({ path: join(home, 'names.db'), migrations: [namesMigration], log });
  const store = createNamesStore(database);
  const resolver = createResolver(deps, store);
  const held = createHeld(deps, store, resolver);
  const find = (row: { chain: string; registry: string }) =>
    nameChains(chains).find(({ chain, registry }) => chain.ref === row.chain && registry === row.registry) ?? null;
  const registering = createRegistering({
    deps,
    store,
    find,
    changed: ({ id }) => deps.emit({ topic: 'names', ids: [id] }),
  });
  const stops: (() => void)[] = [];
  return {
    handlers: registryHandlers({ deps, store, resolver, held, registering }),
    naming: {
      'names.forgo'({ registration }) {
        const row = store.registration(registration);
        return row === null ? {} : { registration: `“${row.label}”` };
      },
    },
    async start() {
      registering.start();
      stops.push(chains.onChange(registering.goOn), accounts.onChange(registering.goOn));
    },
    async stop() {
      for (const stop of stops.splice(0)) stop();
      await registering.stop();
      await database
        .keepCopy()
        .catch((error: unknown) => log.warn({ error }, 'the copy of the names was not refreshed'));
      database.close();
    },
    notices: () => [...(database.notice === null ? [] : [database.notice]), ...held.notices()],
  };
}
