import type { Accounts } from '#core/evm/accounts.ts';
import type { Chains } from '#core/evm/chain.ts';
import type { Host } from '#core/host.ts';
import type { Book } from '../guards/guards.ts';

/* What looking at calls before they are signed needs of the rest of the agent. */
export interface ReviewDeps {
  readonly host: Pick<Host, 'now' | 'random' | 'setTimer'>;
  readonly chains: Chains;
  readonly accounts: Accounts;
  readonly book: Book;
}
