import type { NameEntry } from '#shared/contract/names.ts';
import { type NameChain, nameChains } from './ledgers.ts';
import type { NamesDeps } from './ports.ts';
import { openRegistry } from './registry.ts';
import type { Resolver } from './resolver.ts';
import type { NamesStore } from './store.ts';

const warnMs = 30 * 86_400_000;

/** The person's names: those taken here, and those that came to their accounts in any other way. */
export function createHeld(deps: NamesDeps, store: NamesStore, resolver: Resolver) {
  const { accounts, chains, host, log } = deps;

  /** Those of the accounts' that the ledger told of since it was asked last. Failures are for the log: what is known is shown. */
  const scan = async (on: NameChain): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const account of accounts.list()) {
      try {
        const from = store.nextBlock(on.chain.ref, on.registry, account);
        const { labels, next } = await openRegistry(on.chain, on.registry).cameTo([account], from);
        for (const label of labels) {
          await resolver.fresh(on, label);
          found.push(label);
        }
        // Only when all of them are kept: what was read and not kept would never be read again.
        if (next > from) store.saveNext(on.chain.ref, on.registry, account, next);
      } catch (error) {
        log.warn({ chain: on.chain.ref, error: String(error) }, 'a ledger did not tell which names are held on it');
      }
    }
    return found;
  };

  const mine = async (on: NameChain): Promise<readonly NameEntry[]> => {
    const own = new Set(accounts.list().map((account) => account.toLowerCase()));
    const rows = store
      .names()
      .filter(
        (row) => row.chain === on.chain.ref && row.registry === on.registry && own.has(row.owner?.toLowerCase() ?? ''),
      );
    const known = new Set(rows.map(({ label }) => label));
    const came = (await scan(on)).filter((label) => !known.has(label));
    const entries = await Promise.all([...known, ...came].map((label) => resolver.look(on, label)));
    return entries.filter((entry) => entry.mine);
  };

  return {
    async list(): Promise<readonly NameEntry[]> {
      return (await Promise.all(nameChains(chains).map(mine))).flat();
    },
    /** Names that run out soon or ran out, by what is kept. */
    notices(): { readonly code: string; readonly text: string }[] {
      const own = new Set(accounts.list().map((account) => account.toLowerCase()));
      const all = nameChains(chains);
      return store.names().flatMap((row) => {
        const on = all.find(({ chain, registry }) => chain.ref === row.chain && registry === row.registry);
        if (on === undefined || !own.has(row.owner?.toLowerCase() ?? '')) return [];
        const entry = resolver.kept(on, row);
        if (entry.state !== 'held')
          return [
            {
              code: 'NAME_RAN_OUT',
              text: `Your name ${entry.full} has run out. Renew it before somebody else takes it.`,
            },
          ];
        if (entry.expiresAt === null || entry.expiresAt - host.now() > warnMs) return [];
        const on_ = new Date(entry.expiresAt).toISOString().slice(0, 10);
        return [{ code: 'NAME_RUNS_OUT', text: `Your name ${entry.full} runs out on ${on_}. Renew it to keep it.` }];
      });
    },
  };
}
export type Held = ReturnType<typeof createHeld>;
