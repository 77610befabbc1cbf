import type { Accounts } from '#core/evm/accounts.ts';
import type { Chain, Chains } from '#core/evm/chain.ts';

import type { Book, Known } from '../guards/guards.ts';

interface Parts {
  readonly accounts: Pick<Accounts, 'list'>;
  readonly chains: Pick<Chains, 'find'>;
  /** Contacts whose addresses are known, by what the person calls them. */
  readonly people: () => readonly { readonly address: string; readonly name: string }[];
  readonly sentTo: Book['sentTo'];
}

/** Whom this device knows by address: the person's own accounts, contacts, and Hypha's contracts on each chain. */
export function createKnown({ accounts, chains, people, sentTo }: Parts): Book {
  return {
    known(ref) {
      const own = accounts.list().map((address): Known => ({ address, name: 'your own account', kind: 'own' }));
      const contacts = people().map((one): Known => ({ ...one, kind: 'contact' }));
      return [...own, ...contacts, ...contractsOf(chains.find(ref))];
    },
    sentTo,
  };
}

function contractsOf(chain: Chain | null): Known[] {
  return Object.entries(chain?.contracts ?? {}).flatMap(([contract, address]): Known[] => {
    if (address === null || chain === null) return [];
    return contract === 'credits'
      ? [{ address, name: `the credits of ${chain.name}`, kind: 'token' }]
      : [{ address, name: `the ${contract} of Hypha on ${chain.name}`, kind: 'contract' }];
  });
}
