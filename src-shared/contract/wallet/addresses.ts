import { z } from 'zod';
import { evmAddressSchema } from '../../model/evm.ts';
import { contactIdSchema, timeSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { notForPeers } from './accounts.ts';

const who = z.string().trim().min(1).max(128).describe('a contact, by name or id');

export const contactAddressSchema = z.object({
  contact: contactIdSchema,
  /** What you call them; null for somebody who is no contact any more. */
  name: z.string().nullable(),
  /** What you send to; null while there is only an offer. */
  address: evmAddressSchema.nullable(),
  /** `you` typed it; `them` it came in a letter from them. */
  from: z.enum(['you', 'them']).nullable(),
  since: timeSchema.nullable(),
  /** They have told another address since; it is used when you take it. */
  offered: z.object({ address: evmAddressSchema, at: timeSchema }).nullable(),
  /** When you last told them yours. */
  toldAt: timeSchema.nullable(),
});
export type ContactAddress = z.infer<typeof contactAddressSchema>;

const one = z.object({ entry: contactAddressSchema });

/** Where contacts get money: the address book. */
export const walletAddressesContract = {
  'wallet.addresses': method({
    kind: 'call',
    about: 'List the addresses of your contacts.',
    input: z.object({}),
    output: z.object({ entries: z.array(contactAddressSchema) }),
    errors: [],
    effect: 'read',
    summary: () => 'List the addresses of your contacts',
    examples: ['whose addresses do I have'],
    withheld: { peer: notForPeers },
  }),
  'wallet.setAddress': method({
    kind: 'call',
    about: 'Note to which address a contact gets money.',
    input: z.object({ contact: who, address: evmAddressSchema }),
    output: one,
    errors: ['NO_IDENTITY', 'KEYLESS', 'NOT_FOUND', 'BAD_CHECKSUM', 'BAD_RECIPIENT'],
    // Where money goes is what whoever wants to steal it would change.
    effect: 'admin',
    summary: (i) => `Send what is for ${i.contact} to ${i.address}`,
    examples: ['the address of {contact} is {address}'],
    undo: { method: 'wallet.setAddress' },
    withheld: { peer: notForPeers },
    positional: ['contact', 'address'],
  }),
  'wallet.forgetAddress': method({
    kind: 'call',
    about: 'Forget the address of a contact.',
    input: z.object({ contact: who }),
    output: z.object({}),
    errors: ['NO_IDENTITY', 'KEYLESS', 'NOT_FOUND'],
    effect: 'write',
    summary: (i) => `Forget the address of ${i.contact}`,
    examples: [],
    undo: { method: 'wallet.setAddress' },
    withheld: { peer: notForPeers },
    positional: ['contact'],
  }),
} as const;
