import { z } from 'zod';
import { deviceIdSchema, personIdSchema, timeSchema } from '../model/ids.ts';
import { method } from '../rpc/contract.ts';

const phraseOnlyHere = 'The recovery phrase is shown to and typed by a person only.';
const personOnly = 'Only a person may do this.';
const neverOutside = { assistant: personOnly, mcp: personOnly, peer: personOnly } as const;
const phraseWithheld = { assistant: phraseOnlyHere, mcp: phraseOnlyHere, peer: phraseOnlyHere } as const;

export const passphraseSchema = z.string().min(8, 'Use at least 8 characters.').max(1024);
export const wordSchema = z.string().trim().toLowerCase().min(1).max(16);
export const displayNameSchema = z
  .string()
  .trim()
  .min(1, 'Type a name.')
  .max(64)
  .refine((s) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(s), 'Leave out invisible characters.');

export const personSchema = z.object({
  id: personIdSchema,
  name: displayNameSchema,
  /** did:key of the current Ed25519 identity key. */
  did: z.string(),
  /** Current Ed25519 identity public key, 64 hex digits. */
  publicKey: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: timeSchema,
  /** The person has proved to have written the phrase down. */
  phraseConfirmed: z.boolean(),
});
export type Person = z.infer<typeof personSchema>;

export const deviceSchema = z.object({
  id: deviceIdSchema,
  name: displayNameSchema,
  /** Its name on the mesh is this before `.me`, as in `phone.me`; null for one that was revoked. */
  label: z.string().nullable(),
  current: z.boolean(),
  certifiedAt: timeSchema,
  revokedAt: timeSchema.nullable(),
});
export type Device = z.infer<typeof deviceSchema>;

export const identityStatusSchema = z.object({
  /**
   * `none` no profile yet; `locked` person keys are not in memory; `damaged` the keystore cannot be read; `keyless` a device
   * that acts for the person and was not given their keys.
   */
  state: z.enum(['none', 'locked', 'unlocked', 'damaged', 'keyless']),
  person: personSchema.nullable(),
  device: deviceSchema.nullable(),
  /** What works while locked, as said to the person (device keys go on). */
  worksWhileLocked: z.array(z.enum(['mesh', 'hosting', 'machines'])),
  autoLockMinutes: z.number().int().min(0).max(1440),
  /** The optional second factor held by the operating system. */
  secondFactor: z.object({
    state: z.enum(['on', 'off', 'unavailable']),
    /** Which keyring holds it, or why there is none, in plain words. */
    detail: z.string(),
  }),
  /** Unlock attempts are refused until then. */
  retryAt: timeSchema.nullable(),
});
export type IdentityStatus = z.infer<typeof identityStatusSchema>;

/** A signed statement "this is me": what one person hands to another. */
export const cardSchema = z.object({
  v: z.literal(1),
  person: personIdSchema,
  name: displayNameSchema,
  /** Ed25519 identity key, hex. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  /** X-Wing (X25519 + ML-KEM-768) public key for sealing to this person, base64url. */
  kem: z.string(),
  /** ML-DSA-65 public key, base64url. */
  pqKey: z.string(),
  /** The signed key log, from inception on, that makes the key follow from the person id. Canonical JSON entries. */
  log: z.array(z.record(z.string(), z.unknown())),
  at: timeSchema,
  /** Ed25519 signature over the canonical JSON of the card without `sig`, base64url. */
  sig: z.string(),
});
export type Card = z.infer<typeof cardSchema>;

const answersSchema = z.array(z.object({ index: z.number().int().min(0).max(23), word: wordSchema })).length(3);

export const identityContract = {
  'identity.status': method({
    kind: 'call',
    about: 'Tell who this agent belongs to and whether it is locked.',
    input: z.object({}),
    output: identityStatusSchema,
    errors: [],
    effect: 'read',
    summary: () => 'See whose agent this is',
    examples: ['who am i', 'am i locked'],
  }),
  'identity.draft': method({
    kind: 'call',
    about: 'Make a new 24-word recovery phrase. Nothing is stored until the identity is created.',
    input: z.object({
      /** A phrase shown before: it comes back while it is still held (half an hour), else a new one with another `draft`. */
      draft: z.string().max(64).optional(),
    }),
    output: z.object({
      draft: z.string(),
      words: z.array(z.string()).length(24),
      /** Positions (0 to 23) of the three words the person must type back. */
      check: z.array(z.number().int().min(0).max(23)).length(3),
    }),
    errors: ['ALREADY_EXISTS'],
    effect: 'admin',
    summary: () => 'Make a new recovery phrase',
    examples: [],
    undo: { never: 'Nothing is stored yet.' },
    secret: ['draft'],
    withheld: { ...phraseWithheld, cli: 'The command line shows the phrase with `hypha identity create`.' },
  }),
  'identity.create': method({
    kind: 'call',
    about: 'Create your identity from a phrase just shown, protected by a passphrase.',
    input: z.object({
      draft: z.string(),
      name: displayNameSchema,
      passphrase: passphraseSchema,
      /** The three words asked for; leave out to confirm later (a reminder stays until then). */
      answers: answersSchema.optional(),
    }),
    output: identityStatusSchema,
    errors: ['ALREADY_EXISTS', 'DRAFT_EXPIRED', 'WORDS_WRONG'],
    effect: 'admin',
    summary: (i) => `Create the identity "${i.name}"`,
    examples: ['create my identity'],
    undo: { never: 'An identity stays until its data directory is deleted.' },
    secret: ['passphrase', 'answers', 'draft'],
    withheld: phraseWithheld,
    positional: ['name'],
  }),
  'identity.restore': method({
    kind: 'call',
    about: 'Restore your identity from its 24 words, on this or a new computer.',
    input: z.object({
      words: z.array(wordSchema).length(24),
      name: displayNameSchema,
      passphrase: passphraseSchema,
    }),
    output: identityStatusSchema,
    errors: ['ALREADY_EXISTS', 'BAD_PHRASE', 'PHRASE_OF_ANOTHER'],
    effect: 'admin',
    summary: (i) => `Restore the identity "${i.name}" from its recovery phrase`,
    examples: ['restore my identity'],
    undo: { never: 'An identity stays until its data directory is deleted.' },
    secret: ['passphrase', 'words'],
    withheld: phraseWithheld,
    positional: ['name'],
  }),
  'identity.unlock': method({
    kind: 'call',
    about: 'Unlock with your passphrase, so that vault and signing work.',
    input: z.object({ passphrase: z.string().min(1).max(1024) }),
    output: identityStatusSchema,
    errors: [
      'NO_IDENTITY',
      'KEYLESS',
      'WRONG_PASSPHRASE',
      'TOO_MANY_TRIES',
      'KEYSTORE_DAMAGED',
      'SECOND_FACTOR_MISSING',
    ],
    effect: 'write',
    summary: () => 'Unlock the agent',
    examples: ['unlock'],
    undo: { method: 'identity.lock' },
    secret: ['passphrase'],
    withheld: neverOutside,
    rescues: true,
  }),
  'identity.lock': method({
    kind: 'call',
    about: 'Lock: forget the person keys. Machines go on running.',
    input: z.object({}),
    output: identityStatusSchema,
    errors: ['NO_IDENTITY'],
    effect: 'write',
    summary: () => 'Lock the agent',
    examples: ['lock', 'lock hypha'],
    undo: { never: 'Unlock with your passphrase.' },
    withheld: { peer: personOnly },
    lessens: true,
  }),
  'identity.confirmPhrase': method({
    kind: 'call',
    about: 'Prove that the recovery phrase is written down, by typing three of its words.',
    input: z.object({ answers: answersSchema }),
    output: identityStatusSchema,
    errors: ['NO_IDENTITY', 'WORDS_WRONG'],
    effect: 'write',
    summary: () => 'Confirm that the recovery phrase is written down',
    examples: [],
    undo: { never: 'It only records that you have the words.' },
    secret: ['answers'],
    withheld: phraseWithheld,
  }),
  'identity.revealPhrase': method({
    kind: 'call',
    about: 'Show the recovery phrase again, after asking for the passphrase.',
    input: z.object({ passphrase: z.string().min(1).max(1024) }),
    output: z.object({ words: z.array(z.string()).length(24), check: z.array(z.number().int()).length(3) }),
    errors: [
      'NO_IDENTITY',
      'KEYLESS',
      'WRONG_PASSPHRASE',
      'TOO_MANY_TRIES',
      'KEYSTORE_DAMAGED',
      'SECOND_FACTOR_MISSING',
    ],
    effect: 'admin',
    summary: () => 'Show the recovery phrase',
    examples: [],
    undo: { never: 'Words once seen cannot be unseen.' },
    secret: ['passphrase'],
    withheld: phraseWithheld,
  }),
  'identity.changePassphrase': method({
    kind: 'call',
    about: 'Change the passphrase that protects this computer’s keystore.',
    input: z.object({ current: z.string().min(1).max(1024), passphrase: passphraseSchema }),
    output: identityStatusSchema,
    errors: [
      'NO_IDENTITY',
      'KEYLESS',
      'WRONG_PASSPHRASE',
      'TOO_MANY_TRIES',
      'KEYSTORE_DAMAGED',
      'SECOND_FACTOR_MISSING',
    ],
    effect: 'admin',
    summary: () => 'Change the passphrase',
    examples: ['change my passphrase'],
    undo: { never: 'Change it again to go back.' },
    secret: ['current', 'passphrase'],
    withheld: neverOutside,
  }),
  'identity.setSecondFactor': method({
    kind: 'call',
    about: 'Turn the operating system’s keyring on or off as a second factor.',
    input: z.object({ on: z.boolean(), passphrase: z.string().min(1).max(1024) }),
    output: identityStatusSchema,
    errors: [
      'NO_IDENTITY',
      'KEYLESS',
      'WRONG_PASSPHRASE',
      'TOO_MANY_TRIES',
      'SECOND_FACTOR_UNAVAILABLE',
      'KEYSTORE_DAMAGED',
      'SECOND_FACTOR_MISSING',
    ],
    effect: 'admin',
    summary: (i) => `Turn the second factor ${i.on ? 'on' : 'off'}`,
    examples: [],
    undo: { never: 'Turn it back the same way.' },
    secret: ['passphrase'],
    withheld: neverOutside,
  }),
  'identity.rename': method({
    kind: 'call',
    about: 'Change the name shown for you.',
    input: z.object({ name: displayNameSchema }),
    output: identityStatusSchema,
    errors: ['NO_IDENTITY'],
    effect: 'write',
    summary: (i) => `Change your name to "${i.name}"`,
    examples: ['call me {name}'],
    undo: { method: 'identity.rename' },
    withheld: { peer: personOnly },
    positional: ['name'],
  }),
  'identity.setAutoLock': method({
    kind: 'call',
    about: 'Lock by itself after so many minutes without use; 0 means never.',
    input: z.object({ minutes: z.number().int().min(0).max(1440) }),
    output: identityStatusSchema,
    errors: ['NO_IDENTITY'],
    effect: 'admin',
    summary: (i) => (i.minutes === 0 ? 'Never lock automatically' : `Lock after ${i.minutes} minutes without use`),
    examples: ['lock after {minutes} minutes'],
    undo: { method: 'identity.setAutoLock' },
    withheld: neverOutside,
    positional: ['minutes'],
  }),
  'identity.devices': method({
    kind: 'call',
    about: 'List the devices that act for you.',
    input: z.object({}),
    output: z.object({ devices: z.array(deviceSchema) }),
    errors: ['NO_IDENTITY'],
    effect: 'read',
    summary: () => 'List your devices',
    examples: ['which devices do i have'],
    withheld: { peer: personOnly },
  }),
  'identity.revokeDevice': method({
    kind: 'call',
    about: 'Take a lost device’s right to act for you away.',
    input: z.object({ device: deviceIdSchema }),
    output: z.object({ devices: z.array(deviceSchema) }),
    errors: ['NO_IDENTITY', 'NOT_FOUND', 'CURRENT_DEVICE'],
    effect: 'delete',
    summary: (i) => `Revoke the device ${i.device}`,
    examples: [],
    undo: { never: 'A revoked device must be added again with new keys.' },
    withheld: neverOutside,
    positional: ['device'],
  }),
  'identity.card': method({
    kind: 'call',
    about: 'Make your signed card, which lets others check signatures and seal things to you.',
    input: z.object({}),
    output: cardSchema,
    errors: ['NO_IDENTITY'],
    effect: 'read',
    summary: () => 'Make your identity card',
    examples: ['show my card'],
    withheld: { peer: 'A card is handed over by the person it describes.' },
  }),
} as const;
