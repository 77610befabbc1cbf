import { walletAccountsContract } from './wallet/accounts.ts';

/** Accounts, what they hold, and what moves. */
export const walletContract = {
  ...walletAccountsContract,
} as const;
