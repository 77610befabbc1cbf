import { z } from 'zod';
import { chainRefSchema, evmAddressSchema, hash32Schema } from '../../model/evm.ts';
import { contactIdSchema, personIdSchema, timeSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';

/* The own ledger for contacts, and contacts' ledgers for oneself. */

const notForPeers = { peer: 'Whose ledgers you use, and who uses yours, is nobody else’s business.' } as const;

/** A contact by name, label or id. */
const whoSchema = z.string().trim().min(1, 'Name a contact.').max(200);
const linkSchema = z.string().trim().min(1, 'Paste a link.').max(2_000_000);
const contactErrors = ['NOT_FOUND', 'NO_IDENTITY', 'KEYLESS'] as const;

export const sharedLedgerSchema = z.object({
  /** For others to join it by: it names your ledger and lets nobody in. Null while no ledger is open here, or while you are locked. */
  link: z.string().nullable(),
  /** All of your contacts are let in. */
  everyone: z.boolean(),
  contacts: z.array(
    z.object({
      contact: contactIdSchema,
      /** What you call them; null while that is not known. */
      name: z.string().nullable(),
      since: timeSchema,
      /** They look at it now. */
      connected: z.boolean(),
    }),
  ),
});
export type SharedLedger = z.infer<typeof sharedLedgerSchema>;

export const joinedLedgerSchema = z.object({
  chain: chainRefSchema,
  contact: contactIdSchema,
  /** Of whom it is; null while that is not known. */
  name: z.string().nullable(),
  genesis: hash32Schema,
  contracts: z.object({
    deals: evmAddressSchema,
    nodes: evmAddressSchema,
    names: evmAddressSchema,
    attestations: evmAddressSchema,
    credits: evmAddressSchema.nullable(),
  }),
  joinedAt: timeSchema,
  /** Why nothing is asked there, what that means and what to do; null when all is well. */
  rests: z
    .object({
      /** `lie` two stories were signed; `put back` from an older copy, which you may accept; `old` the one before that; `behind` it shows fewer blocks. */
      why: z.enum(['lie', 'put back', 'old', 'behind']),
      text: z.string(),
      meaning: z.string(),
      next: z.string(),
    })
    .nullable(),
  /** The newest block that they signed and that goes on from all before. */
  newest: z.object({
    number: z.number().int(),
    hash: hash32Schema,
    at: timeSchema,
    /** How many times they said that it was put back. */
    incarnation: z.number().int(),
  }),
});
export type JoinedLedger = z.infer<typeof joinedLedgerSchema>;

export const ledgerProofSchema = z.object({
  chain: chainRefSchema,
  contact: contactIdSchema,
  name: z.string().nullable(),
  foundAt: timeSchema,
  /** The two blocks that cannot both be; null where only this Hypha can tell. */
  blocks: z.tuple([z.number().int(), z.number().int()]).nullable(),
  /** For others to check, with `ledger.checkProof`; null where only this Hypha can tell. */
  proof: z.string().nullable(),
});
export type LedgerProof = z.infer<typeof ledgerProofSchema>;

export const ledgerPeersContract = {
  'ledger.shared': method({
    kind: 'call',
    about: 'Tell who may look at your ledger over the mesh, and make the link by which they join it.',
    input: z.object({}),
    output: sharedLedgerSchema,
    errors: [],
    effect: 'read',
    summary: () => 'See who may look at your ledger',
    examples: ['who can see my ledger'],
    withheld: notForPeers,
  }),
  'ledger.share': method({
    kind: 'call',
    about: 'Let contacts look at everything on your ledger over the mesh, and hand in transactions that they signed.',
    input: z.object({
      with: z.array(whoSchema).max(200).default([]),
      /** All of your contacts, also those you add later. */
      everyone: z.boolean().default(false),
    }),
    output: sharedLedgerSchema,
    errors: ['NO_LEDGER', ...contactErrors],
    effect: 'share',
    summary: (i) => `Let ${i.everyone ? 'all your contacts' : i.with.join(', ')} look at your whole ledger`,
    examples: ['share my ledger with {with}'],
    undo: { method: 'ledger.unshare' },
    withheld: notForPeers,
    positional: ['with'],
  }),
  'ledger.unshare': method({
    kind: 'call',
    about: 'Let contacts look at your ledger no more; who is connected is cut off at once.',
    input: z.object({
      with: z.array(whoSchema).max(200).default([]),
      /** No more all of your contacts; those whom you named stay. */
      everyone: z.boolean().default(false),
    }),
    output: sharedLedgerSchema,
    errors: [...contactErrors],
    effect: 'write',
    summary: (i) => `Let ${i.everyone ? 'not all your contacts' : i.with.join(', ')} look at your ledger no more`,
    examples: [],
    undo: { method: 'ledger.share' },
    withheld: notForPeers,
    positional: ['with'],
    lessens: true,
  }),
  'ledger.joined': method({
    kind: 'call',
    about: 'List the ledgers of contacts that you joined, and whether anything is wrong with them.',
    input: z.object({}),
    output: z.object({ ledgers: z.array(joinedLedgerSchema) }),
    errors: [],
    effect: 'read',
    summary: () => 'List the ledgers of contacts',
    examples: ['which ledgers have I joined'],
    withheld: notForPeers,
  }),
  'ledger.join': method({
    kind: 'task',
    about: 'Join the ledger of a contact who lets you in: check it, and keep which one it is.',
    input: z.object({
      /** The contact, or the link to their ledger. */
      from: linkSchema,
    }),
    output: joinedLedgerSchema,
    errors: [
      ...contactErrors,
      'CONTACT_WAITING',
      'LINK_INVALID',
      'LEDGER_OTHER',
      'CHAIN_ID_TAKEN',
      'CONTRACTS_OTHER',
      'TOO_MANY',
      'CHAIN_UNREACHABLE',
      'CHAIN_WRONG',
      'CHAIN_RESTS',
      'CHAIN_SAID',
    ],
    effect: 'write',
    summary: (i) => `Join the ledger of ${i.from.length > 60 ? `${i.from.slice(0, 60)}…` : i.from}`,
    examples: ['join the ledger of {from}'],
    undo: { method: 'ledger.leave' },
    withheld: notForPeers,
    positional: ['from'],
  }),
  'ledger.leave': method({
    kind: 'call',
    about: 'Leave the ledger of a contact; what you hold there stays yours, and you may join it again.',
    input: z.object({ chain: chainRefSchema }),
    output: z.object({}),
    errors: ['NOT_FOUND'],
    effect: 'write',
    summary: (i) => `Leave the ledger ${i.chain}`,
    examples: [],
    undo: { method: 'ledger.join' },
    withheld: notForPeers,
    positional: ['chain'],
  }),
  'ledger.accept': method({
    kind: 'call',
    about: 'Go on with a contact’s ledger that was put back from an older copy, and may lack what happened after it.',
    input: z.object({ chain: chainRefSchema }),
    output: joinedLedgerSchema,
    errors: ['NOT_FOUND', 'NOTHING_TO_ACCEPT'],
    effect: 'admin',
    summary: (i) => `Go on with the ledger ${i.chain} as it was put back`,
    examples: [],
    undo: { never: 'What was accepted cannot be made unknown again. You can leave the ledger.' },
    withheld: {
      ...notForPeers,
      assistant: 'Only the person can tell what may be missing.',
      mcp: 'Only the person can tell what may be missing.',
    },
    positional: ['chain'],
  }),
  'ledger.head': method({
    kind: 'call',
    about:
      'Show the newest block of a contact’s ledger as they signed it, for others to compare with what they were shown.',
    input: z.object({ chain: chainRefSchema }),
    output: z.object({ head: z.string(), number: z.number().int() }),
    errors: ['NOT_FOUND'],
    effect: 'read',
    summary: (i) => `Show what was signed of the ledger ${i.chain}`,
    examples: [],
    withheld: notForPeers,
    positional: ['chain'],
  }),
  'ledger.compareHead': method({
    kind: 'call',
    about: 'Compare what somebody else was shown of a contact’s ledger with what you were shown.',
    input: z.object({ head: linkSchema }),
    output: z.object({
      chain: chainRefSchema,
      /** The block was shown to you as well, or is newer than what you were shown; false: the operator told two stories, and the proof is kept. */
      same: z.boolean(),
    }),
    errors: ['NOT_FOUND', 'LINK_INVALID', 'CHAIN_UNREACHABLE', 'CHAIN_WRONG'],
    effect: 'write',
    summary: () => 'Compare what was signed of a ledger',
    examples: [],
    undo: { never: 'What was seen stays known.' },
    withheld: notForPeers,
    positional: ['head'],
  }),
  'ledger.proofs': method({
    kind: 'call',
    about: 'List the proofs that operators of ledgers told two stories.',
    input: z.object({}),
    output: z.object({ proofs: z.array(ledgerProofSchema) }),
    errors: [],
    effect: 'read',
    summary: () => 'List the proofs against operators of ledgers',
    examples: [],
    withheld: notForPeers,
  }),
  'ledger.checkProof': method({
    kind: 'call',
    about: 'Check a proof that a contact told two stories of their ledger.',
    input: z.object({ proof: linkSchema }),
    output: z.object({
      /** The operator that it is about. */
      person: personIdSchema,
      name: z.string().nullable(),
      chain: chainRefSchema,
      blocks: z.tuple([z.number().int(), z.number().int()]),
      /** Both were signed by the operator, and cannot both be true. */
      proves: z.boolean(),
    }),
    errors: ['LINK_INVALID', 'NOT_FOUND'],
    effect: 'read',
    summary: () => 'Check a proof against the operator of a ledger',
    examples: [],
    withheld: notForPeers,
    positional: ['proof'],
  }),
} as const;
