import type { Checks, Handlers, Naming } from '#core/broker/handlers.ts';
import type { dealsContract } from '#shared/contract/deals.ts';
import { type Act, createActs } from './acts/acts.ts';
import { dealsChecks, dealsNaming } from './before-asking.ts';
import { createBook } from './book/book.ts';
import { createObjections } from './book/objections.ts';
import { createContext } from './context.ts';
import { createDoing, type Doing } from './doing.ts';
import { createHandlers } from './handlers.ts';
import { createOfferShelf } from './offers/shelf.ts';
import type { DealsDeps } from './ports.ts';
import { createAgreeing } from './proposals/agreeing.ts';
import { createProposals } from './proposals/proposals.ts';
import { openDealsDatabase } from './store.ts';
import { createWatcher } from './watcher.ts';
import { createPost } from './wire/post.ts';

export type { DealLetters, DealPeople, DealsDeps } from './ports.ts';
export { longestLetter } from './wire/letter.ts';

/** Deals about resources between two people, over the contracts of a chain. */
export interface Deals {
  readonly handlers: Handlers<typeof dealsContract>;
  readonly checks: Checks<typeof dealsContract>;
  readonly naming: Naming<typeof dealsContract>;
  start(): Promise<void>;
  stop(): Promise<void>;
  notices(): readonly { readonly code: string; readonly text: string }[];
}

export function createDeals(deps: DealsDeps): Deals {
  const database = openDealsDatabase(deps.home, deps.log);
  const context = createContext(deps, database);
  const [book, shelf] = [createBook(context), createOfferShelf(context)];
  const proposals = createProposals(context, book);
  const objections = createObjections(context, book);
  const post = createPost({ context, book, shelf, proposals, objections });
  const acts = createActs({
    ...{ database, host: deps.host, log: deps.log, accounts: deps.accounts, probe: deps.probe },
    finish: (act: Act) => doing.finish(act),
    isDone: (act: Act, position: number) => doing.isDone(act, position),
    changed: ({ subject }) => context.changed(subject),
  });
  const parts = { context, book, shelf, acts, proposals, objections };
  const doing: Doing = createDoing(parts, post);
  const agreeing = createAgreeing(parts, doing, post);
  const watcher = createWatcher(parts, () => void post.lookInto());
  const ends: (() => void)[] = [];
  const goOn = (): void => {
    acts.resume();
    void post.lookInto();
    watcher.now();
  };
  return {
    handlers: createHandlers(parts, doing, agreeing, post),
    checks: dealsChecks(parts, doing),
    naming: dealsNaming(parts, doing),
    async start() {
      ends.push(post.listen(), deps.accounts.onChange(goOn), deps.chains.onChange(goOn));
      goOn();
    },
    async stop() {
      for (const end of ends.splice(0)) end();
      await Promise.all([acts.stop(), watcher.stop(), post.idle()]);
      await database
        .keepCopy()
        .catch((error: unknown) => deps.log.warn({ error }, 'the copy of the deals was not refreshed'));
      database.close();
    },
    notices: () => [...(database.notice === null ? [] : [database.notice]), ...watcher.notices(), ...actNotices()],
  };

  function actNotices(): { code: string; text: string }[] {
    const waiting = acts.open().filter(({ why }) => why !== null);
    return waiting.slice(0, 1).map(({ about, why }) => ({
      code: 'DEAL_WAITS',
      text: `“${about}” goes on by itself as soon as it can: ${why}`,
    }));
  }
}
