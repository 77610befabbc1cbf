import { vaultChangeContract } from './vault/change.ts';
import { vaultLookContract } from './vault/look.ts';
import { vaultPlacesContract } from './vault/places.ts';
import { vaultReadContract } from './vault/read.ts';
import { vaultStoreContract } from './vault/store.ts';

export * from './vault/model.ts';

/** The vault: one person’s files, sealed and spread over places that may fail. */
export const vaultContract = {
  ...vaultLookContract,
  ...vaultStoreContract,
  ...vaultChangeContract,
  ...vaultReadContract,
  ...vaultPlacesContract,
} as const;
