import { namesRegistryContract } from './names/registry.ts';

export type { NameEntry, NameLedger, NameRecordView, Registration } from './names/model.ts';

/** Names on ledgers, and what people say and prove about each other and their files. */
export const namesContract = { ...namesRegistryContract } as const;
