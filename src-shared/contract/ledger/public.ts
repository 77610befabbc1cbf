import { z } from 'zod';
import { chainRefSchema, evmAddressSchema, hash32Schema } from '../../model/evm.ts';
import { timeSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { displayNameSchema } from '../identity.ts';

/* Public chains of Ethereum's kind, each asked through servers that the person names. */

const notForPeers = 'Which chains you use is nobody else’s business.';
const typedByPerson = 'An address of an RPC service may hold a key, and whoever answers there is believed.';

/** With whatever key stands in it; read in full where it is used. */
const rpcUrlSchema = z.string().trim().min(1, 'Give an address.').max(2_000);
const rpcIdSchema = z.string().regex(/^[0-9a-f]{16}$/, 'Copy the id of an address from the list of chains.');
const confirmationsSchema = z.number().int().min(0).max(10_000);
/** As many as it takes to outvote one that lies, and to spare. */
const mostRpcs = 5;

export const publicContractsSchema = z.object({
  deals: evmAddressSchema,
  nodes: evmAddressSchema,
  names: evmAddressSchema,
  attestations: evmAddressSchema,
  credits: evmAddressSchema.nullable(),
});

const rpcSchema = z.object({
  id: rpcIdSchema,
  /** Its host; what may be a key is left out. */
  shown: z.string(),
  /** What is asked goes without encryption, within this computer or a network of your own. */
  unencrypted: z.boolean(),
  /** `new` not asked yet; `good`; `late` behind the others; `away` gives no answer; `wrongChain`; `differs` tells what others contradict. */
  state: z.enum(['new', 'good', 'late', 'away', 'wrongChain', 'differs']),
  why: z.string().nullable(),
  /** Its newest block when it was last looked at. */
  block: z.number().int().nonnegative().nullable(),
  lookedAt: timeSchema.nullable(),
});

export const publicChainSchema = z.object({
  ref: chainRefSchema,
  name: displayNameSchema,
  coin: z.object({ symbol: z.string(), decimals: z.number().int() }),
  /** Hash of the first block, by which it is known again. */
  genesis: hash32Schema,
  /** Blocks that must follow before anything counts as done. */
  confirmations: confirmationsSchema,
  /** Its coin is worth nothing. */
  test: z.boolean(),
  addedAt: timeSchema,
  rpcs: z.array(rpcSchema).max(mostRpcs),
  contracts: publicContractsSchema.nullable(),
});
export type PublicChain = z.infer<typeof publicChainSchema>;

const presetSchema = publicChainSchema.pick({
  ref: true,
  name: true,
  coin: true,
  genesis: true,
  confirmations: true,
  test: true,
});

const askingErrors = ['CHAIN_UNREACHABLE', 'CHAIN_WRONG', 'CHAIN_RESTS', 'CHAIN_SAID'] as const;

export const ledgerPublicContract = {
  'ledger.chains': method({
    kind: 'call',
    about: 'List the public chains you added, who answers for each, and those that Hypha knows by name.',
    input: z.object({
      /** Ask every address again first. */
      look: z.boolean().default(false),
    }),
    output: z.object({ chains: z.array(publicChainSchema), known: z.array(presetSchema) }),
    errors: [],
    effect: 'read',
    summary: (i) => (i.look ? 'Ask all public chains how they are' : 'List public chains'),
    examples: ['which chains do I use'],
    withheld: { peer: notForPeers },
  }),
  'ledger.addChain': method({
    kind: 'call',
    about: 'Add a public chain by the address of an RPC server that answers for it.',
    input: z.object({
      rpc: rpcUrlSchema,
      /** The chain it has to be; whichever it says unless given. */
      chain: chainRefSchema.optional(),
      name: displayNameSchema.optional(),
      /** Symbol of its coin, for a chain that Hypha does not know by name. */
      coin: z
        .string()
        .trim()
        .regex(/^[A-Za-z0-9]{1,12}$/, 'Use letters and digits.')
        .optional(),
      confirmations: confirmationsSchema.optional(),
    }),
    output: publicChainSchema,
    errors: ['RPC_INVALID', 'CHAIN_UNREACHABLE', 'CHAIN_WRONG', 'CHAIN_TAKEN', 'CHAINS_FULL'],
    effect: 'admin',
    summary: (i) => `Add ${i.name ?? i.chain ?? 'a public chain'} by an RPC address`,
    examples: [],
    undo: { method: 'ledger.removeChain' },
    secret: ['rpc'],
    withheld: { peer: notForPeers, assistant: typedByPerson, mcp: typedByPerson },
  }),
  'ledger.changeChain': method({
    kind: 'call',
    about: 'Change what you call a public chain, or how many blocks must follow before anything counts there.',
    input: z.object({
      chain: chainRefSchema,
      name: displayNameSchema.optional(),
      confirmations: confirmationsSchema.optional(),
    }),
    output: publicChainSchema,
    errors: ['NOT_FOUND'],
    effect: 'admin',
    summary: (i) =>
      `Change ${i.chain}${i.name === undefined ? '' : `, call it "${i.name}"`}${i.confirmations === undefined ? '' : `, wait for ${i.confirmations} blocks`}`,
    examples: [],
    undo: { method: 'ledger.changeChain' },
    withheld: { peer: notForPeers },
    positional: ['chain'],
  }),
  'ledger.removeChain': method({
    kind: 'call',
    about: 'Forget a public chain and its addresses; what you own there stays there.',
    input: z.object({ chain: chainRefSchema }),
    output: z.object({ chain: chainRefSchema }),
    errors: ['NOT_FOUND'],
    effect: 'delete',
    summary: (i) => `Forget the public chain ${i.chain}`,
    examples: [],
    undo: { never: 'Add it again by an RPC address; everything on it is still there.' },
    withheld: { peer: notForPeers },
    positional: ['chain'],
  }),
  'ledger.addRpc': method({
    kind: 'call',
    about: 'Add another RPC address for a public chain, to go on when one fails and to notice when one lies.',
    input: z.object({ chain: chainRefSchema, rpc: rpcUrlSchema }),
    output: publicChainSchema,
    errors: ['NOT_FOUND', 'RPC_INVALID', 'RPC_TAKEN', 'RPCS_FULL', 'CHAIN_UNREACHABLE', 'CHAIN_WRONG'],
    effect: 'admin',
    summary: (i) => `Add an RPC address for ${i.chain}`,
    examples: [],
    undo: { method: 'ledger.removeRpc' },
    secret: ['rpc'],
    withheld: { peer: notForPeers, assistant: typedByPerson, mcp: typedByPerson },
    positional: ['chain'],
  }),
  'ledger.removeRpc': method({
    kind: 'call',
    about: 'Forget an RPC address of a public chain.',
    input: z.object({ chain: chainRefSchema, id: rpcIdSchema }),
    output: publicChainSchema,
    errors: ['NOT_FOUND', 'RPC_LAST'],
    effect: 'delete',
    summary: (i) => `Forget the RPC address ${i.id} of ${i.chain}`,
    examples: [],
    undo: { never: 'Add the address again.' },
    withheld: { peer: notForPeers },
    positional: ['chain', 'id'],
  }),
  'ledger.resumeChain': method({
    kind: 'call',
    about: 'Go on with a public chain that rests because its addresses contradict each other or what was known of it.',
    input: z.object({ chain: chainRefSchema }),
    output: publicChainSchema,
    errors: ['NOT_FOUND', ...askingErrors],
    effect: 'admin',
    summary: (i) => `Go on with the public chain ${i.chain}, whatever its past was known to be`,
    examples: [],
    undo: { never: 'It rests again by itself when its addresses contradict each other again.' },
    withheld: { peer: notForPeers, assistant: typedByPerson, mcp: typedByPerson },
    positional: ['chain'],
  }),
  'ledger.useContracts': method({
    kind: 'call',
    about: 'Say where Hypha’s contracts lie on a public chain; their code is compared with what Hypha was built with.',
    input: z.object({
      chain: chainRefSchema,
      deals: evmAddressSchema,
      nodes: evmAddressSchema,
      names: evmAddressSchema,
      attestations: evmAddressSchema,
      /** Credits that somebody issues there. */
      credits: evmAddressSchema.optional(),
    }),
    output: publicChainSchema,
    errors: ['NOT_FOUND', 'CODE_DIFFERS', ...askingErrors],
    effect: 'admin',
    summary: (i) => `Use the contracts at ${i.deals}, ${i.nodes}, ${i.names} and ${i.attestations} on ${i.chain}`,
    examples: [],
    undo: { never: 'Say again where others lie; nothing on the chain changed.' },
    withheld: { peer: notForPeers, assistant: typedByPerson, mcp: typedByPerson },
    positional: ['chain'],
  }),
} as const;
