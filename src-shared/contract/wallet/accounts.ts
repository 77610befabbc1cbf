import { z } from 'zod';
import { evmAddressSchema } from '../../model/evm.ts';
import { timeSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { displayNameSchema } from '../identity.ts';

export const notForPeers = 'Your money is nobody else’s business.';
const typedByPeople = 'A key that spends money is typed by a person only.';

export const walletAccountSchema = z.object({
  address: evmAddressSchema,
  /** `phrase` comes from your 24 words; `imported` a key of its own, kept on this device; `watched` the key is not here. */
  kind: z.enum(['phrase', 'imported', 'watched']),
  /** Of the phrase: which one (BIP-44 index), so that other wallets show the same. */
  position: z.number().int().nonnegative().nullable(),
  name: displayNameSchema,
  /** Used where no other is named. */
  main: z.boolean(),
  addedAt: timeSchema,
  /** Off the list since; its key is kept, so that it can be put back. */
  removedAt: timeSchema.nullable(),
});
export type WalletAccount = z.infer<typeof walletAccountSchema>;

const one = z.object({ account: walletAccountSchema });

export const walletAccountsContract = {
  'wallet.accounts': method({
    kind: 'call',
    about: 'List your accounts.',
    input: z.object({
      /** The removed ones instead, which can still be put back. */
      removed: z.boolean().default(false),
    }),
    output: z.object({ accounts: z.array(walletAccountSchema) }),
    errors: [],
    effect: 'read',
    summary: (i) => (i.removed ? 'List removed accounts' : 'List your accounts'),
    examples: ['show my accounts'],
    withheld: { peer: notForPeers },
  }),
  'wallet.addAccount': method({
    kind: 'call',
    about: 'Add the next account of your recovery phrase.',
    input: z.object({
      /** “Account N” unless given. */
      name: displayNameSchema.optional(),
    }),
    output: one,
    errors: ['TOO_MANY'],
    effect: 'write',
    summary: (i) => (i.name === undefined ? 'Add an account' : `Add the account “${i.name}”`),
    examples: ['add an account'],
    undo: { method: 'wallet.removeAccount' },
    withheld: { peer: notForPeers },
    positional: ['name'],
  }),
  'wallet.importKey': method({
    kind: 'call',
    about:
      'Bring in the key of an account that does not come from your phrase; it is kept sealed, on this device only.',
    input: z.object({
      /** 64 hex digits. */
      key: z.string().trim().max(200),
      name: displayNameSchema,
    }),
    output: one,
    errors: ['BAD_KEY', 'TOO_MANY'],
    effect: 'write',
    summary: (i) => `Import the key of the account “${i.name}”`,
    examples: [],
    undo: { method: 'wallet.removeAccount' },
    secret: ['key'],
    withheld: { assistant: typedByPeople, mcp: typedByPeople, peer: notForPeers },
    positional: ['name'],
  }),
  'wallet.watch': method({
    kind: 'call',
    about: 'Watch an account whose key is elsewhere: see what it has, without spending from it.',
    input: z.object({ address: evmAddressSchema, name: displayNameSchema }),
    output: one,
    errors: ['BAD_CHECKSUM', 'TOO_MANY'],
    effect: 'write',
    summary: (i) => `Watch the account ${i.address} as “${i.name}”`,
    examples: ['watch {address} as {name}'],
    undo: { method: 'wallet.removeAccount' },
    withheld: { peer: notForPeers },
    positional: ['address', 'name'],
  }),
  'wallet.nameAccount': method({
    kind: 'call',
    about: 'Change what you call an account.',
    input: z.object({ address: evmAddressSchema, name: displayNameSchema }),
    output: one,
    errors: ['NOT_FOUND'],
    effect: 'write',
    summary: (i) => `Call the account ${i.address} “${i.name}”`,
    examples: ['call the account {address} {name}'],
    undo: { method: 'wallet.nameAccount' },
    withheld: { peer: notForPeers },
    positional: ['address', 'name'],
  }),
  'wallet.useAccount': method({
    kind: 'call',
    about: 'Use this account where no other is named.',
    input: z.object({ address: evmAddressSchema }),
    output: one,
    errors: ['NOT_FOUND', 'WATCH_ONLY'],
    effect: 'admin',
    summary: (i) => `Use the account ${i.address} from now on`,
    examples: [],
    undo: { method: 'wallet.useAccount' },
    withheld: { peer: notForPeers },
    positional: ['address'],
  }),
  'wallet.removeAccount': method({
    kind: 'call',
    about:
      'Take an account off the list. An imported key stays here, sealed, to be put back; one of your phrase can always be added again.',
    input: z.object({ address: evmAddressSchema }),
    output: z.object({
      /** What to know about its key, in plain words; null when there is nothing. */
      warning: z.string().nullable(),
    }),
    errors: ['NOT_FOUND', 'MAIN_ACCOUNT'],
    effect: 'delete',
    summary: (i) => `Remove the account ${i.address}`,
    examples: [],
    undo: { method: 'wallet.restoreAccount' },
    withheld: { peer: notForPeers },
    positional: ['address'],
  }),
  'wallet.restoreAccount': method({
    kind: 'call',
    about: 'Put a removed account back.',
    input: z.object({ address: evmAddressSchema }),
    output: one,
    errors: ['NOT_FOUND'],
    effect: 'write',
    summary: (i) => `Put the account ${i.address} back`,
    examples: [],
    undo: { method: 'wallet.removeAccount' },
    withheld: { peer: notForPeers },
    positional: ['address'],
  }),
} as const;
