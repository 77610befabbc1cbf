import { z } from 'zod';
import { evmAddressSchema, hash32Schema, unitsSchema } from '../../model/evm.ts';
import { method } from '../../rpc/contract.ts';
import {
  daysSchema,
  ledgerSchema,
  nameEntrySchema,
  nameLedgerSchema,
  nameSchema,
  nameServiceSchema,
  registrationIdSchema,
  registrationSchema,
} from './model.ts';

const notForPeers = { peer: 'A peer asks its own ledgers, and sends from its own accounts.' } as const;

/** What any question to a ledger can end with. */
export const ledgerErrors = [
  'NO_LEDGER',
  'LEDGER_UNCLEAR',
  'CHAIN_UNREACHABLE',
  'CHAIN_WRONG',
  'CHAIN_RESTS',
  'CHAIN_SAID',
] as const;
/** And what a transaction can. */
export const sendErrors = [...ledgerErrors, 'NO_ACCOUNT', 'CALL_REFUSED', 'MONEY_SHORT', 'TX_LOST'] as const;

const on = (ledger: string | undefined): string => (ledger === undefined ? '' : ` on ${ledger}`);

export const namesRegistryContract = {
  'names.look': method({
    kind: 'call',
    about: 'Say on each ledger who holds a name and what it points to, or what it costs where it is free.',
    input: z.object({ name: nameSchema, ledger: ledgerSchema.optional() }),
    output: z.object({
      label: z.string(),
      /** What was typed had capital letters or other forms of letters; names are looked up without them. */
      changed: z.boolean(),
      /** Of a contact or a name of yours that this could be taken for. */
      looksLike: z.string().nullable(),
      /** One for each ledger; they are never merged. */
      found: z.array(nameEntrySchema),
    }),
    errors: ['BAD_NAME', 'NO_LEDGER', 'LEDGER_UNCLEAR'],
    effect: 'read',
    summary: (i) => `Look up the name ${i.name}${on(i.ledger)}`,
    examples: ['who is {name}', 'is the name {name} free'],
    withheld: notForPeers,
    positional: ['name'],
  }),
  'names.list': method({
    kind: 'call',
    about: 'List your names, those being taken, and deposits that can come back.',
    input: z.object({}),
    output: z.object({
      names: z.array(nameEntrySchema),
      registrations: z.array(registrationSchema),
      owed: z.array(z.object({ ledger: nameLedgerSchema, amount: unitsSchema, amountText: z.string().nullable() })),
    }),
    errors: [],
    effect: 'read',
    summary: () => 'List your names',
    examples: ['what are my names'],
    withheld: notForPeers,
  }),
  'names.register': method({
    kind: 'call',
    about:
      'Take a name on a ledger: committed to unseen first, so that nobody can take it before you, and taken a minute later.',
    input: z.object({ name: nameSchema, ledger: ledgerSchema.optional(), days: daysSchema }),
    output: registrationSchema,
    errors: ['BAD_NAME', 'NAME_TAKEN', 'NAME_YOURS', 'TOO_MANY', ...sendErrors],
    effect: 'spend',
    summary: (i) => `Take the name ${i.name}${on(i.ledger)} for ${i.days} days`,
    examples: ['register the name {name}'],
    undo: { method: 'names.forgo' },
    withheld: notForPeers,
    positional: ['name'],
  }),
  'names.forgo': method({
    kind: 'call',
    about: 'Stop taking a name, as long as it was not taken yet.',
    input: z.object({ registration: registrationIdSchema }),
    output: z.object({}),
    errors: ['NOT_FOUND', 'TOO_LATE'],
    effect: 'write',
    summary: (i) => `Stop taking the name of registration ${i.registration}`,
    examples: [],
    undo: { never: 'Take the name again.' },
    withheld: notForPeers,
    lessens: true,
    positional: ['registration'],
  }),
  'names.renew': method({
    kind: 'call',
    about: 'Hold a name of yours longer, counted from now.',
    input: z.object({ name: nameSchema, ledger: ledgerSchema.optional(), days: daysSchema }),
    output: nameEntrySchema,
    errors: ['BAD_NAME', 'NOT_YOURS', 'TERM_SHORT', ...sendErrors],
    effect: 'spend',
    summary: (i) => `Hold the name ${i.name}${on(i.ledger)} for ${i.days} days from now`,
    examples: ['renew {name}'],
    undo: { never: 'The name runs out later now. Release it to give it up earlier.' },
    withheld: notForPeers,
    positional: ['name'],
  }),
  'names.publish': method({
    kind: 'call',
    about: 'Sign what a name of yours points to, for everybody who can read that ledger.',
    input: z.object({
      name: nameSchema,
      ledger: ledgerSchema.optional(),
      /** Say which person it is, signed with your identity. */
      person: z.boolean().default(true),
      /** This device’s address on the mesh. */
      mesh: z.boolean().default(true),
      /** The account that holds the name, for payments. */
      wallet: z.boolean().default(true),
      services: z.array(nameServiceSchema).max(16).default([]),
    }),
    output: nameEntrySchema,
    errors: ['BAD_NAME', 'NOT_YOURS', 'MESH_OFF', ...sendErrors],
    effect: 'share',
    summary: (i) => `Publish what the name ${i.name}${on(i.ledger)} points to`,
    examples: ['publish my address under {name}'],
    undo: { never: 'Publish again with less. What was published stays in the ledger’s history.' },
    withheld: notForPeers,
    positional: ['name'],
  }),
  'names.transfer': method({
    kind: 'call',
    about: 'Give a name of yours to another account, with the deposit that lies there for it.',
    input: z.object({ name: nameSchema, ledger: ledgerSchema.optional(), to: evmAddressSchema }),
    output: nameEntrySchema,
    errors: ['BAD_NAME', 'NOT_YOURS', ...sendErrors],
    effect: 'spend',
    summary: (i) => `Give the name ${i.name}${on(i.ledger)} to ${i.to}, with its deposit`,
    examples: [],
    undo: { never: 'Only its new owner can give it back.' },
    withheld: notForPeers,
    positional: ['name', 'to'],
  }),
  'names.release': method({
    kind: 'call',
    about: 'Give a name of yours up: anybody can take it then, and its deposit can come back.',
    input: z.object({ name: nameSchema, ledger: ledgerSchema.optional() }),
    output: nameEntrySchema,
    errors: ['BAD_NAME', 'NOT_YOURS', ...sendErrors],
    effect: 'delete',
    summary: (i) => `Give up the name ${i.name}${on(i.ledger)}`,
    examples: [],
    undo: { never: 'Take the name again, unless somebody else was faster.' },
    withheld: notForPeers,
    positional: ['name'],
  }),
  'names.withdraw': method({
    kind: 'call',
    about: 'Bring deposits of names that you gave up back into your account.',
    input: z.object({ ledger: ledgerSchema.optional() }),
    output: z.object({ amount: unitsSchema, transaction: hash32Schema.nullable() }),
    errors: [...sendErrors],
    effect: 'write',
    summary: (i) => `Bring deposits of names back${on(i.ledger)}`,
    examples: [],
    undo: { never: 'The coin is in your own account.' },
    withheld: notForPeers,
  }),
} as const;
