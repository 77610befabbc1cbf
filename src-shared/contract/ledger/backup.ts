import { z } from 'zod';
import { timeSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { notForPeers, ownLedgerSchema } from './own.ts';

const pathSchema = z.string().min(1).max(4096);

export const ledgerBackupContract = {
  'ledger.backup': method({
    kind: 'task',
    about:
      'Keep a copy of your ledger in your vault, or in a file. The vault gets one by itself, hourly or daily by its size.',
    input: z.object({
      /** A new file of this computer, which is not encrypted; left out: your vault. */
      to: pathSchema.optional(),
    }),
    output: z.object({ at: timeSchema, number: z.number().int() }),
    errors: [
      'NO_LEDGER',
      'LEDGER_BROKEN',
      'CHAIN_UNREACHABLE',
      'NO_VAULT',
      'NOT_ENOUGH_PLACES',
      'NOT_FOUND',
      'BAD_TARGET',
    ],
    effect: 'write',
    summary: (i) =>
      i.to === undefined ? 'Keep a copy of your ledger in your vault' : `Write a copy of your ledger to ${i.to}`,
    examples: ['back up my ledger'],
    undo: { never: 'Remove the copy yourself.' },
    withheld: { peer: notForPeers },
    positional: ['to'],
  }),
  'ledger.restore': method({
    kind: 'task',
    about: 'Put your ledger back from the copy in your vault, or from a file, where it is lost or broken here.',
    input: z.object({
      /** A file that ledger.backup wrote; left out: the copy in your vault. */
      from: pathSchema.optional(),
    }),
    output: ownLedgerSchema,
    errors: [
      'LEDGER_EXISTS',
      'BAD_BACKUP',
      'OTHER_LEDGER',
      'LEDGER_BROKEN',
      'CHAIN_UNREACHABLE',
      'NO_VAULT',
      'NOT_FOUND',
      'DAMAGED',
      'BAD_TARGET',
    ],
    effect: 'admin',
    summary: (i) =>
      i.from === undefined ? 'Put your ledger back from your vault' : `Put your ledger back from the file ${i.from}`,
    examples: ['put my ledger back'],
    undo: { never: 'What was in its place is kept beside it.' },
    withheld: { peer: notForPeers },
    positional: ['from'],
  }),
} as const;
