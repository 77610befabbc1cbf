import { z } from 'zod';
import { chainRefSchema, evmAddressSchema, hash32Schema, hexBytesSchema, unitsSchema } from '../../model/evm.ts';
import { method } from '../../rpc/contract.ts';

const notForPeers = 'What you sign and whom you allowed what is nobody else’s business.';

/** An address and who that is, as far as this device knows. */
export const partySchema = z.object({
  address: evmAddressSchema,
  /** What you call them; null for somebody unknown. */
  name: z.string().nullable(),
  kind: z.enum(['own', 'contact', 'token', 'contract', 'unknown']),
});
export type Party = z.infer<typeof partySchema>;

export const assetSchema = z.object({
  kind: z.enum(['coin', 'erc20', 'erc721', 'erc1155']),
  /** Of its contract; null for the chain’s coin. */
  address: evmAddressSchema.nullable(),
  /** As the contract says, which anybody can make it say; empty where it says nothing. */
  symbol: z.string(),
  decimals: z.number().int().min(0).max(255),
  /** Which one of a collection; null where all are alike. */
  id: unitsSchema.nullable(),
});
export type Asset = z.infer<typeof assetSchema>;

/** `danger`: money can be lost that this call does not name; `caution`: look twice; `note`: worth knowing. */
export const warningSchema = z.object({
  code: z.enum([
    'BLIND',
    'WILL_FAIL',
    'NOT_SIMULATED',
    'SIMULATION_DIFFERS',
    'TOKEN_LIES',
    'UNLIMITED',
    'ALL_ITEMS',
    'SPENDER_NO_CONTRACT',
    'PERMIT',
    'LOOKS_LIKE',
    'FIRST_TIME',
    'TO_CONTRACT',
    'TO_TOKEN',
    'TO_NOBODY',
    'TO_SELF',
    'OTHER_CHAIN',
    'ANY_CHAIN',
    'NO_EXPIRY',
    'UNKNOWN_SIGNER',
    'ZERO_VALUE',
    'TAKES_MORE',
  ]),
  severity: z.enum(['note', 'caution', 'danger']),
  text: z.string(),
});
export type Warning = z.infer<typeof warningSchema>;

const fieldSchema = z.object({
  label: z.string(),
  /** For people: amounts with their symbol, names, dates. */
  text: z.string(),
  /** Of whom it speaks, where it speaks of somebody. */
  party: partySchema.nullable(),
});

const signedUnitsSchema = z.string().regex(/^-?(?:0|[1-9]\d*)$/);

export const changeSchema = z.object({
  who: partySchema,
  asset: assetSchema,
  /** Smallest units with a sign: what `who` has more or less of afterwards. */
  amount: signedUnitsSchema,
  /** `-1.5 TFT` */
  text: z.string(),
});

export const permissionSchema = z.object({
  /** `amount` of a token; `item` one of a collection; `all` of it, now and later. */
  kind: z.enum(['amount', 'item', 'all']),
  asset: assetSchema,
  owner: partySchema,
  spender: partySchema,
  /** Null for an item or all. Nothing: it is taken back. */
  amount: unitsSchema.nullable(),
  unlimited: z.boolean(),
  text: z.string(),
});

export const outcomeSchema = z.object({
  state: z.enum(['works', 'refused', 'unknown']),
  /** Why it is refused or not known, in words. */
  reason: z.string().nullable(),
  /** Gas it used when it was tried here. */
  gas: unitsSchema.nullable(),
  /** Without the fee. */
  changes: z.array(changeSchema),
  permissions: z.array(permissionSchema),
  /** The newest block that it was tried after; what comes between changes what it does. */
  block: z.object({ number: z.number().int().nonnegative(), hash: hash32Schema }).nullable(),
  /** `own` computed from your own ledger; `proven` from a state that the chain’s node proved; `told` from what its node told. */
  rests: z.enum(['own', 'proven', 'told']).nullable(),
});
export type Outcome = z.infer<typeof outcomeSchema>;

export const reviewSchema = z.object({
  /** One line: what it does. */
  title: z.string(),
  /** By what it was read: our descriptions of contracts, a common interface, or nothing, which is signing blindly. */
  readBy: z.enum(['descriptor', 'interface', 'coin', 'creation', 'nothing']),
  fields: z.array(fieldSchema),
  warnings: z.array(warningSchema),
  /** Null for what is signed and not sent. */
  outcome: outcomeSchema.nullable(),
});
export type Review = z.infer<typeof reviewSchema>;

/** JSON of EIP-712 typed data, as `eth_signTypedData_v4` takes it. */
export const typedDataTextSchema = z
  .string()
  .min(2)
  .max(256 * 1024);

export const callSchema = z.object({
  from: evmAddressSchema,
  /** Left out to put a contract. */
  to: evmAddressSchema.optional(),
  data: hexBytesSchema.max(2 + 2 * 128 * 1024).default('0x'),
  /** Of the chain’s coin. */
  value: unitsSchema.default('0' as never),
});

export const approvalSchema = permissionSchema.extend({
  chain: chainRefSchema,
  /** Block of the last change. */
  block: z.number().int().nonnegative(),
  /** What the owner has of it now, which is what can be taken today; null for collections. */
  balance: unitsSchema.nullable(),
});
export type Approval = z.infer<typeof approvalSchema>;

const chainErrors = ['NOT_FOUND', 'CHAIN_UNREACHABLE', 'CHAIN_WRONG', 'CHAIN_RESTS', 'CHAIN_SAID'] as const;

export const walletReviewContract = {
  'wallet.review': method({
    kind: 'call',
    about: 'Say what a call would do, by trying it here without sending it.',
    input: callSchema.extend({ chain: chainRefSchema }),
    output: reviewSchema,
    errors: [...chainErrors, 'ADDRESS_WRONG'],
    effect: 'read',
    summary: (i) => `Look at a call to ${i.to ?? 'a new contract'} on ${i.chain}`,
    examples: [],
    withheld: { peer: notForPeers },
    positional: ['chain', 'from', 'to', 'data', 'value'],
  }),
  'wallet.reviewTyped': method({
    kind: 'call',
    about: 'Say what typed data means before it is signed.',
    input: z.object({ chain: chainRefSchema, from: evmAddressSchema, typed: typedDataTextSchema }),
    output: reviewSchema,
    errors: [...chainErrors, 'ADDRESS_WRONG', 'TYPED_DATA_INVALID'],
    effect: 'read',
    summary: () => 'Look at typed data',
    examples: [],
    withheld: { peer: notForPeers },
    positional: ['chain', 'from', 'typed'],
  }),
  'wallet.readLink': method({
    kind: 'call',
    about: 'Read a payment link (EIP-681) without paying.',
    input: z.object({ link: z.string().trim().min(1, 'Paste a link.').max(4_096) }),
    output: z.object({
      chain: chainRefSchema,
      /** Whether this chain is among yours. */
      known: z.boolean(),
      to: partySchema,
      /** Null for the chain’s coin. */
      token: evmAddressSchema.nullable(),
      /** Smallest units; null where the link leaves it to you. */
      amount: unitsSchema.nullable(),
      warnings: z.array(warningSchema),
    }),
    errors: ['LINK_INVALID', 'ADDRESS_WRONG'],
    effect: 'read',
    summary: () => 'Read a payment link',
    examples: ['read {link}'],
    withheld: { peer: notForPeers },
    positional: ['link'],
  }),
  'wallet.approvals': method({
    kind: 'call',
    about: 'List whom you allowed to take your tokens on a chain.',
    input: z.object({
      chain: chainRefSchema,
      /** Your main account unless given. */
      account: evmAddressSchema.optional(),
    }),
    output: z.object({
      approvals: z.array(approvalSchema),
      /** Blocks that were looked through; not from the first one where the chain’s node did not give its whole past. */
      from: z.number().int().nonnegative(),
      to: z.number().int().nonnegative(),
    }),
    errors: [...chainErrors, 'NO_ACCOUNT', 'ADDRESS_WRONG'],
    effect: 'read',
    summary: (i) => `List what others may take of your tokens on ${i.chain}`,
    examples: ['who may take my tokens'],
    withheld: { peer: notForPeers },
    positional: ['chain', 'account'],
  }),
  'wallet.revoke': method({
    kind: 'call',
    about: 'Take back that somebody may take your tokens.',
    input: z.object({
      chain: chainRefSchema,
      kind: z.enum(['amount', 'item', 'all']),
      token: evmAddressSchema,
      spender: evmAddressSchema,
      /** Of the one item, where it is one. */
      id: unitsSchema.optional(),
      /** Your main account unless given. */
      account: evmAddressSchema.optional(),
      /** Makes asking again with the same text do nothing more. */
      key: z.string().min(1).max(100).optional(),
    }),
    output: z.object({ hash: hash32Schema }),
    errors: [...chainErrors, 'NO_ACCOUNT', 'ADDRESS_WRONG', 'CALL_REFUSED', 'MONEY_SHORT'],
    // It costs a fee where transactions do.
    effect: 'spend',
    summary: (i) =>
      i.kind === 'item'
        ? `Let ${i.spender} no longer take item ${i.id ?? '?'} of ${i.token} from you`
        : `Let ${i.spender} no longer take ${i.token} from you`,
    examples: [],
    undo: { never: 'Allow it again where you need it: the program that wants it will ask.' },
    withheld: { peer: notForPeers },
    positional: ['chain', 'kind', 'token', 'spender'],
  }),
} as const;
