import { z } from 'zod';
import { timeSchema } from '../model/ids.ts';
import { method } from '../rpc/contract.ts';
import { failureSchema } from '../rpc/fail.ts';
import { displayNameSchema, passphraseSchema } from './identity.ts';

const personOnly = 'Only a person sees both screens.';
const neverOutside = { assistant: personOnly, mcp: personOnly, peer: personOnly } as const;

export const pairingSchema = z.object({
  /**
   * `idle` nothing is under way; `offered` waiting for the other device; `calling` on the way to it; `comparing` both screens
   * show the code; `waiting` for the other side; `protecting` the keys came, and a passphrase for them is asked for here; `done`
   * and `failed` tell how the last one ended.
   */
  state: z.enum(['idle', 'offered', 'calling', 'comparing', 'waiting', 'protecting', 'done', 'failed']),
  /** `offer` the device that has the keys; `join` the one that is added. */
  role: z.enum(['offer', 'join']).nullable(),
  /** Where the other device finds this one: `host:port`, the likeliest first. */
  addresses: z.array(z.string()),
  /** Six digits, while they are compared. */
  code: z.string().nullable(),
  /** What the joining device calls itself. */
  device: z.string().nullable(),
  /** Nobody came until then: the offer ends. */
  expiresAt: timeSchema.nullable(),
  failure: failureSchema.nullable(),
});
export type Pairing = z.infer<typeof pairingSchema>;

export const pairingContract = {
  'pairing.status': method({
    kind: 'call',
    about: 'Tell how far adding a device has come.',
    input: z.object({}),
    output: pairingSchema,
    errors: [],
    effect: 'read',
    summary: () => 'See how adding a device goes',
    examples: [],
    withheld: neverOutside,
  }),
  'pairing.offer': method({
    kind: 'call',
    about: 'Let another device of yours connect to this one, to be added.',
    input: z.object({}),
    output: pairingSchema,
    errors: ['NO_IDENTITY', 'KEYLESS', 'PAIRING_BUSY'],
    effect: 'admin',
    summary: () => 'Wait for another of your devices',
    examples: ['add a device'],
    undo: { method: 'pairing.cancel' },
    withheld: neverOutside,
  }),
  'pairing.join': method({
    kind: 'call',
    about: 'Make this computer one of your devices, by the address that the other one shows.',
    input: z.object({
      /** `host:port` as the other device shows it. */
      at: z.string().trim().min(3).max(255),
      /** What this computer is called among your devices. */
      name: displayNameSchema.optional(),
    }),
    output: pairingSchema,
    errors: ['ALREADY_EXISTS', 'PAIRING_BUSY', 'BAD_ADDRESS'],
    effect: 'admin',
    summary: (i) => `Add this computer to the devices of whoever waits at ${i.at}`,
    examples: [],
    undo: { method: 'pairing.cancel' },
    withheld: neverOutside,
    positional: ['at'],
  }),
  'pairing.answer': method({
    kind: 'call',
    about: 'Say whether both screens show the same code.',
    input: z.object({
      /** The code that was compared, so that nothing else is answered. */
      code: z.string().regex(/^\d{6}$/),
      equal: z.boolean(),
      /** Hand your keys over too, so that the other device opens your vault and signs for you. */
      withKeys: z.boolean().default(false),
    }),
    output: pairingSchema,
    errors: ['PAIRING_NONE'],
    effect: 'admin',
    summary: (i) =>
      !i.equal
        ? 'Say that the codes are different'
        : i.withKeys
          ? `Hand your keys over to the device that shows the code ${i.code}`
          : `Confirm the code ${i.code}`,
    examples: [],
    undo: { never: 'Take the device’s right away in the list of your devices.' },
    withheld: neverOutside,
    positional: ['code'],
  }),
  'pairing.protect': method({
    kind: 'call',
    about: 'Set the passphrase that protects your keys on this new device.',
    input: z.object({ passphrase: passphraseSchema }),
    output: pairingSchema,
    errors: ['PAIRING_NONE'],
    effect: 'admin',
    summary: () => 'Protect your keys on this device',
    examples: [],
    undo: { never: 'Change the passphrase in the settings.' },
    secret: ['passphrase'],
    withheld: neverOutside,
  }),
  'pairing.cancel': method({
    kind: 'call',
    about: 'Stop adding a device.',
    input: z.object({}),
    output: pairingSchema,
    errors: [],
    effect: 'write',
    summary: () => 'Stop adding a device',
    examples: [],
    undo: { never: 'Begin again on both devices.' },
    withheld: neverOutside,
    lessens: true,
  }),
} as const;
