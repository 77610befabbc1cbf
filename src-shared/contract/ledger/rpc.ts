import { z } from 'zod';
import { method } from '../../rpc/contract.ts';

const personOnly = 'Only the person lets other programs use the ledger, and sees the address.';
const withheld = {
  peer: 'Programs of your own computer are nobody else’s business.',
  assistant: personOnly,
  mcp: personOnly,
} as const;

export const ledgerRpcSchema = z.object({
  /** As the person switched it. */
  on: z.boolean(),
  /** For any program made for chains of Ethereum’s kind; whoever knows it may use the ledger. Null while it is not open. */
  url: z.string().nullable(),
  /** Pages in a browser that may use it. */
  origins: z.array(z.string()),
  /** Why it is not open although it is on; null when all is well. */
  problem: z.string().nullable(),
});
export type LedgerRpc = z.infer<typeof ledgerRpcSchema>;

const originSchema = z
  .string()
  .trim()
  .regex(/^https?:\/\/[a-z0-9.-]+(?::\d{1,5})?$/, 'Give where a page comes from, such as https://example.org.');

export const ledgerRpcContract = {
  'ledger.rpc': method({
    kind: 'call',
    about: 'Show the address at which other programs of this computer use your ledger.',
    input: z.object({}),
    output: ledgerRpcSchema,
    errors: [],
    effect: 'read',
    summary: () => 'See the RPC address of your ledger',
    examples: [],
    withheld,
  }),
  'ledger.rpcOn': method({
    kind: 'call',
    about: 'Open your ledger to other programs of this computer, at an address that is new each time.',
    input: z.object({
      /** Any that is free unless given. */
      port: z.number().int().min(1024).max(65_535).optional(),
      /** Pages in a browser that may use it too; none unless given. */
      origins: z.array(originSchema).max(20).default([]),
    }),
    output: ledgerRpcSchema,
    errors: ['NO_LEDGER', 'PORT_IN_USE'],
    effect: 'share',
    summary: (i) =>
      i.origins.length === 0
        ? 'Open your ledger to programs of this computer'
        : `Open your ledger to programs of this computer, and to pages of ${i.origins.join(', ')}`,
    examples: [],
    undo: { method: 'ledger.rpcOff' },
    withheld,
    positional: ['port'],
  }),
  'ledger.rpcOff': method({
    kind: 'call',
    about: 'Close your ledger to other programs of this computer.',
    input: z.object({}),
    output: ledgerRpcSchema,
    errors: [],
    effect: 'write',
    summary: () => 'Close your ledger to programs of this computer',
    examples: [],
    undo: { method: 'ledger.rpcOn' },
    withheld,
    lessens: true,
  }),
} as const;
