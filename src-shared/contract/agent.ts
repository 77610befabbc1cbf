import type { Client } from '../rpc/contract.ts';
import { activityContract } from './activity.ts';
import { contactsContract } from './contacts.ts';
import { dealsContract } from './deals.ts';
import { identityContract } from './identity.ts';
import { ledgerContract } from './ledger.ts';
import { machinesContract } from './machines.ts';
import { meshContract } from './mesh/index.ts';
import { namesContract } from './names.ts';
import { pairingContract } from './pairing.ts';
import { sharesContract } from './shares.ts';
import { systemContract } from './system.ts';
import { tasksContract } from './tasks.ts';
import { vaultContract } from './vault.ts';
import { walletReviewContract } from './wallet/review.ts';
import { walletSitesContract } from './wallet/sites.ts';
import { walletContract } from './wallet.ts';

/** Raised when a frame or a method changes so that an older client cannot go on. */
export const contractVersion = 1;

/** Everything the agent can do. Clients, handlers, command line, tools and documents derive from this one object. */
export const agentContract = {
  ...systemContract,
  ...tasksContract,
  ...activityContract,
  ...identityContract,
  ...sharesContract,
  ...contactsContract,
  ...pairingContract,
  ...vaultContract,
  ...machinesContract,
  ...meshContract,
  ...walletContract,
  ...walletReviewContract,
  ...walletSitesContract,
  ...ledgerContract,
  ...namesContract,
  ...dealsContract,
} as const;

export type AgentContract = typeof agentContract;
export type MethodName = keyof AgentContract & string;
export type AgentClient = Client<AgentContract>;
