import { z } from 'zod';
import { chainRefSchema, evmAddressSchema, hash32Schema, unitsSchema } from '../../model/evm.ts';
import { contactIdSchema, timeSchema } from '../../model/ids.ts';

/** What deals, offers and proposals look like to whoever asks. Times are milliseconds by the chain's clock. */

/** A deal by its id on its chain: the digest of what its tenant signed. */
export const dealIdSchema = hash32Schema;
/** An offer by its id: the digest of what its provider signed. */
export const offerIdSchema = hash32Schema;

/** A decimal number of tokens as people write it: `12.5`. */
export const amountTextSchema = z
  .string()
  .trim()
  .regex(/^\d{1,60}(?:\.\d{1,60})?$/, 'Give an amount as a number, like 12.5.');

/** An `hypha://offer/…` link, its id, or the text of the file it was saved as. */
export const offerTextSchema = z.string().trim().min(1, 'Paste an offer.').max(64_000);

export const dealTokenSchema = z.object({
  address: evmAddressSchema,
  symbol: z.string(),
  decimals: z.number().int(),
});

/** The same price over the times that people think in; a month is 30 days. */
export const priceSchema = z.object({
  second: unitsSchema,
  hour: unitsSchema,
  day: unitsSchema,
  month: unitsSchema,
});

/** Somebody at the other end of a deal. */
export const dealPartySchema = z.object({
  address: evmAddressSchema,
  /** The contact whose address this is; null for one that no contact is known by. */
  contact: contactIdSchema.nullable(),
  /** What you call them; null with no contact, and while locked. */
  name: z.string().nullable(),
});

export const termsSchema = z.object({
  chain: chainRefSchema,
  /** What you call the chain; null for one that is not known here. */
  chainName: z.string().nullable(),
  token: dealTokenSchema,
  price: priceSchema,
  /** Seconds after the deposit is used up in which a top-up goes on with it. */
  grace: z.number().int(),
  /** Seconds of pay that stay for the tenant to object to. */
  window: z.number().int(),
  /** Seconds that the provider tells the end before. */
  notice: z.number().int(),
  /** Who decides an objection; null for nobody. */
  arbiter: dealPartySchema.nullable(),
  /** What the provider gets of what was objected to when nobody decided, in ten-thousandths. */
  fallbackShare: z.number().int(),
  /** Nobody else may have a deal about this node meanwhile. */
  whole: z.boolean(),
  /** Id of the node it is about; null for none. */
  node: hash32Schema.nullable(),
  /** Hash of what is to run, and its text; null where only the hash is known. */
  spec: hash32Schema,
  what: z.string().nullable(),
});

export const offerSchema = z.object({
  id: offerIdSchema,
  role: z.enum(['made', 'received']),
  provider: dealPartySchema,
  /** Whom it is for; null for whoever accepts first. */
  tenant: dealPartySchema.nullable(),
  terms: termsSchema,
  minDeposit: unitsSchema,
  /** Seconds that the provider has to start after it was accepted. */
  startWithin: z.number().int(),
  times: z.number().int(),
  /** How many more deals can be made of it; null while its chain does not answer. */
  left: z.number().int().nullable(),
  expiresAt: timeSchema,
  /** `open` can be accepted; `none` the chain does not answer, or is not known here. */
  state: z.enum(['open', 'expired', 'usedUp', 'takenBack', 'unknown']),
  /** Everything that speaks against accepting it, in plain words; empty when nothing does. */
  problems: z.array(z.string()),
  /** What it says, as sentences for a person to read before they accept. */
  words: z.array(z.string()),
  /** To hand over in any way: whoever has it can read and accept it, if it is for them. */
  link: z.string(),
  at: timeSchema,
});
export type OfferView = z.infer<typeof offerSchema>;

export const dealStateSchema = z.enum(['agreed', 'late', 'active', 'grace', 'ended', 'disputed', 'closed']);

/** Transactions that belong together and are being made; they go on after a restart. */
export const actSchema = z.object({
  id: z.string(),
  about: z.string(),
  state: z.enum(['running', 'waiting', 'undoing', 'done', 'failed']),
  /** Step of steps. */
  step: z.number().int(),
  steps: z.number().int(),
  /** Why it waits or came to nothing; null otherwise. */
  why: z.string().nullable(),
  startedAt: timeSchema,
});

/** What one signed and the other may sign too; `over` once the chain has it otherwise. */
export const proposalSchema = z.object({
  id: z.string(),
  kind: z.enum(['refund', 'settlement', 'receipt']),
  by: z.enum(['me', 'other']),
  /** For a refund: so much goes back to the tenant. For a settlement: so much is the provider's. */
  amount: unitsSchema.nullable(),
  /** For a receipt of service. */
  from: timeSchema.nullable(),
  until: timeSchema.nullable(),
  upSeconds: z.number().int().nullable(),
  bytes: unitsSchema.nullable(),
  state: z.enum(['open', 'confirmed', 'declined', 'done', 'over']),
  words: z.string(),
  at: timeSchema,
});
export type ProposalView = z.infer<typeof proposalSchema>;

export const dealSchema = z.object({
  id: dealIdSchema,
  role: z.enum(['tenant', 'provider']),
  other: dealPartySchema,
  terms: termsSchema,
  /** Of the contract, and `late`: it was to start by now and did not. */
  state: dealStateSchema,
  /** One or two sentences: how it stands and what comes next. */
  words: z.string(),
  /** Not yet earned. */
  balance: unitsSchema,
  /** Earned, and still held for objections. */
  earned: unitsSchema,
  /** What it has cost until now: all that was ever earned, less what was given back. */
  cost: unitsSchema,
  startedAt: timeSchema.nullable(),
  /** Agreed: until when it must start. */
  startBy: timeSchema.nullable(),
  /** When the deposit is used up at this price; null for a deal that does not run. */
  runsOutAt: timeSchema.nullable(),
  /** In grace: until when a top-up goes on with it. */
  graceUntil: timeSchema.nullable(),
  /** When it ended, or will by notice. */
  endsAt: timeSchema.nullable(),
  /** Until when the tenant can still object; null while it runs, and when that is over. */
  objectUntil: timeSchema.nullable(),
  /** What the tenant objected to; its reason is null where their words did not come, or are not those that stand on the chain. */
  objection: z.object({ at: timeSchema, amount: unitsSchema, reason: z.string().nullable() }).nullable(),
  /** What can be done now, by method name. */
  can: z.array(z.string()),
  acts: z.array(actSchema),
  proposals: z.array(proposalSchema),
  /** By the chain's clock: what time all of this is of. */
  asOf: timeSchema,
  /** False when its chain did not answer now and this is how it stood last. */
  fresh: z.boolean(),
});
export type DealView = z.infer<typeof dealSchema>;

export const dealEventSchema = z.object({
  at: timeSchema,
  block: z.number().int(),
  tx: hash32Schema,
  what: z.string(),
  amount: unitsSchema.nullable(),
  words: z.string(),
});
