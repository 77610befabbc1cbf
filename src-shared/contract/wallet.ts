import { walletAccountsContract } from './wallet/accounts.ts';
import { walletAddressesContract } from './wallet/addresses.ts';
import { walletMoneyContract } from './wallet/money.ts';
import { walletMovementsContract } from './wallet/movements.ts';
import { walletSendingContract } from './wallet/sending.ts';
import { walletSigningContract } from './wallet/signing.ts';

/** Accounts, what they hold, and what moves. */
export const walletContract = {
  ...walletAccountsContract,
  ...walletMoneyContract,
  ...walletSendingContract,
  ...walletMovementsContract,
  ...walletAddressesContract,
  ...walletSigningContract,
} as const;
