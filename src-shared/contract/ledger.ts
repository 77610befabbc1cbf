import { ledgerBackupContract } from './ledger/backup.ts';
import { ledgerCreditsContract } from './ledger/credits.ts';
import { ledgerOutgrowContract } from './ledger/outgrow.ts';
import { ledgerOwnContract } from './ledger/own.ts';
import { ledgerPeersContract } from './ledger/peers.ts';
import { ledgerPublicContract } from './ledger/public.ts';
import { ledgerRpcContract } from './ledger/rpc.ts';

/** Chains: the person's own ledger, contacts' ledgers, and any chain of Ethereum's kind. */
export const ledgerContract = {
  ...ledgerOwnContract,
  ...ledgerCreditsContract,
  ...ledgerPeersContract,
  ...ledgerRpcContract,
  ...ledgerBackupContract,
  ...ledgerPublicContract,
  ...ledgerOutgrowContract,
} as const;
