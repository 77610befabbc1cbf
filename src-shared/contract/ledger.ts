import { ledgerCreditsContract } from './ledger/credits.ts';
import { ledgerOwnContract } from './ledger/own.ts';
import { ledgerPeersContract } from './ledger/peers.ts';

/** Chains: the person's own ledger, contacts' ledgers, and any chain of Ethereum's kind. */
export const ledgerContract = {
  ...ledgerOwnContract,
  ...ledgerCreditsContract,
  ...ledgerPeersContract,
} as const;
