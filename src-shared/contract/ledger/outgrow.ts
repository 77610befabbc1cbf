import { z } from 'zod';
import { chainRefSchema, evmAddressSchema, hash32Schema, unitsSchema } from '../../model/evm.ts';
import { binarySchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { publicChainSchema } from './public.ts';

/* From a ledger of one's own to a public chain: what was promised is promised there again. */

const personOnly = 'Moving what others hold is decided by the person who owes it.';
const notForPeers = 'Ask the person who runs the ledger.';
const exportSchema = binarySchema.describe('the export, as the file holds it');
const sendingErrors = [
  'CALL_REFUSED',
  'MONEY_SHORT',
  'TX_LOST',
  'CHAIN_UNREACHABLE',
  'CHAIN_WRONG',
  'CHAIN_RESTS',
  'CHAIN_SAID',
] as const;

const leftSchema = z.object({
  what: z.enum(['credits', 'name', 'deal']),
  which: z.string(),
  why: z.string(),
});

export const ledgerOutgrowContract = {
  'ledger.putContracts': method({
    kind: 'task',
    about: 'Put Hypha’s contracts on a public chain, for anybody to use; the chain’s coin pays for it.',
    input: z.object({
      chain: chainRefSchema,
      /** What a name keeps while it is held, in the coin’s smallest unit: it makes hoarding cost. */
      nameDeposit: unitsSchema.default('0' as z.infer<typeof unitsSchema>),
    }),
    output: publicChainSchema,
    errors: ['NOT_FOUND', 'CODE_DIFFERS', ...sendingErrors],
    effect: 'deploy',
    summary: (i) => `Put Hypha’s contracts on ${i.chain} and pay for it there`,
    examples: [],
    undo: { never: 'What lies on a public chain stays there; nobody has to use it.' },
    withheld: { peer: notForPeers, assistant: personOnly, mcp: personOnly },
    positional: ['chain'],
  }),
  'ledger.exportState': method({
    kind: 'call',
    about: 'Write down who holds what on your ledger, signed by you, to carry it over to another chain.',
    input: z.object({}),
    output: z.object({
      /** For a file; everybody can check it. */
      text: z.string(),
      /** The record under which credits are issued again. */
      hash: hash32Schema,
      block: z.number().int(),
      supply: unitsSchema,
      holders: z.number().int(),
      names: z.number().int(),
      /** What cannot be carried, and why. */
      left: z.array(leftSchema),
    }),
    errors: ['NO_LEDGER', 'NO_CREDITS', 'NOT_ISSUER', 'NOT_FOUND', 'CHAIN_UNREACHABLE', 'CHAIN_SAID'],
    effect: 'read',
    summary: () => 'Write down who holds what on your ledger',
    examples: ['export my ledger'],
    withheld: { peer: notForPeers, assistant: personOnly, mcp: personOnly },
  }),
  'ledger.carryOver': method({
    kind: 'task',
    about:
      'Issue the credits of an export again on a public chain, to each holder what they had, and take their names for them.',
    input: z.object({ export: exportSchema, chain: chainRefSchema }),
    output: z.object({
      credits: evmAddressSchema,
      /** Holders that have theirs there. */
      issued: z.number().int(),
      names: z.number().int(),
      left: z.array(leftSchema),
    }),
    errors: ['NOT_FOUND', 'EXPORT_INVALID', 'NOT_ISSUER', 'NO_CONTRACTS', 'CODE_DIFFERS', ...sendingErrors],
    effect: 'spend',
    summary: (i) => `Issue the credits of an export again on ${i.chain}, and pay for it there`,
    examples: [],
    undo: { never: 'Nobody can take back credits that others hold.' },
    withheld: { peer: notForPeers, assistant: personOnly, mcp: personOnly },
    positional: ['chain'],
  }),
  'ledger.checkExport': method({
    kind: 'call',
    about:
      'Check an export of a ledger: who signed it, whether the ledger says the same, and whether everybody has theirs on another chain.',
    input: z.object({
      export: exportSchema,
      /** Where it was carried to. */
      chain: chainRefSchema.optional(),
      /** The credits there; those of the chain’s contracts unless given. */
      credits: evmAddressSchema.optional(),
    }),
    output: z.object({
      hash: hash32Schema,
      issuer: evmAddressSchema,
      from: chainRefSchema,
      block: z.number().int(),
      supply: unitsSchema,
      holders: z.number().int(),
      /** Whether the ledger it is of says the same of that block; `unknown` when it cannot be asked from here. */
      source: z.enum(['same', 'differs', 'unknown']),
      /** What is not on the other chain as the export says; null when no chain was named. */
      differences: z
        .array(z.object({ what: z.enum(['credits', 'holder', 'name']), which: z.string(), why: z.string() }))
        .nullable(),
      left: z.array(leftSchema),
    }),
    errors: ['NOT_FOUND', 'EXPORT_INVALID', 'CHAIN_UNREACHABLE', 'CHAIN_WRONG', 'CHAIN_RESTS', 'CHAIN_SAID'],
    effect: 'read',
    summary: (i) => `Check an export of a ledger${i.chain === undefined ? '' : ` against ${i.chain}`}`,
    examples: [],
    withheld: { peer: notForPeers },
  }),
} as const;
