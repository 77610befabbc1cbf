import { z } from 'zod';
import { chainRefSchema, evmAddressSchema, unitsSchema } from '../../model/evm.ts';
import { timeSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { notForPeers } from './accounts.ts';

export const chainErrors = ['CHAIN_UNREACHABLE', 'CHAIN_WRONG', 'CHAIN_RESTS', 'CHAIN_SAID'] as const;

/** Something that can be held and sent: a chain’s coin, or a token of the ERC-20 kind on it. */
export const tokenSchema = z.object({
  chain: chainRefSchema,
  chainName: z.string(),
  /** Of its contract; null for the chain’s coin. */
  address: evmAddressSchema.nullable(),
  /** As its contract says, which anybody can make it say. */
  symbol: z.string(),
  name: z.string(),
  decimals: z.number().int().min(0).max(36),
  /** `credits` are promises of one person, `preset` was known to Hypha by its address, `added` you added it. */
  kind: z.enum(['coin', 'credits', 'preset', 'added']),
  /** In words, with whose credits they are: `CREDITS, credits issued by Ann`. */
  label: z.string(),
  /** Why to look twice before taking it for what it is called; null when nothing speaks against it. */
  warning: z.string().nullable(),
  /** When its contract was last asked what it is; null for coins. */
  checkedAt: timeSchema.nullable(),
});
export type Token = z.infer<typeof tokenSchema>;

/** A sum: whole smallest units for programs, and as people write it. */
export const sumSchema = z.object({
  units: unitsSchema,
  /** A decimal number, `1.5`. */
  amount: z.string(),
  /** With its symbol, `1.5 TFT`. */
  text: z.string(),
});
export type Sum = z.infer<typeof sumSchema>;

export const balanceSchema = z.object({ account: evmAddressSchema, token: tokenSchema, sum: sumSchema });
export type Balance = z.infer<typeof balanceSchema>;

const tokenRef = { chain: chainRefSchema, address: evmAddressSchema };

export const walletMoneyContract = {
  'wallet.tokens': method({
    kind: 'call',
    about: 'List the coins and tokens that your wallet knows.',
    input: z.object({ chain: chainRefSchema.optional() }),
    output: z.object({ tokens: z.array(tokenSchema) }),
    errors: [],
    effect: 'read',
    summary: () => 'List your coins and tokens',
    examples: ['which tokens do I have'],
    withheld: { peer: notForPeers },
  }),
  'wallet.addToken': method({
    kind: 'call',
    about: 'Add a token by the address of its contract, which is asked what it is.',
    input: z.object(tokenRef),
    output: z.object({ token: tokenSchema }),
    errors: [...chainErrors, 'NOT_FOUND', 'NOT_A_TOKEN', 'BAD_CHECKSUM', 'TOO_MANY'],
    effect: 'write',
    summary: (i) => `Add the token ${i.address} on ${i.chain}`,
    examples: ['add the token {address} on {chain}'],
    undo: { method: 'wallet.removeToken' },
    withheld: { peer: notForPeers },
    positional: ['chain', 'address'],
  }),
  'wallet.removeToken': method({
    kind: 'call',
    about: 'Take a token off the list. What you hold of it stays yours.',
    input: z.object(tokenRef),
    output: z.object({}),
    errors: ['NOT_FOUND'],
    effect: 'write',
    summary: (i) => `Take the token ${i.address} on ${i.chain} off the list`,
    examples: [],
    undo: { method: 'wallet.addToken' },
    withheld: { peer: notForPeers },
    positional: ['chain', 'address'],
  }),
  'wallet.balances': method({
    kind: 'call',
    about: 'Show what your accounts hold on every chain.',
    input: z.object({
      /** All of them unless given. */
      account: evmAddressSchema.optional(),
    }),
    output: z.object({
      /** Those of nothing are left out, but for coins and credits. */
      balances: z.array(balanceSchema),
      /** Chains that did not answer: what you hold there is not in the list. */
      unreachable: z.array(z.object({ chain: chainRefSchema, name: z.string(), why: z.string() })),
    }),
    errors: ['NOT_FOUND'],
    effect: 'read',
    summary: () => 'See what you have',
    examples: ['how much money do I have', 'show my balance'],
    withheld: { peer: notForPeers },
    positional: ['account'],
  }),
} as const;
