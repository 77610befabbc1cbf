import { z } from 'zod';
import { timeSchema } from '../../model/ids.ts';
import { type AddressInput, addressFields, missingParts, placeSecretSchema } from './place-address.ts';

/** What a person says about a place besides its address. */
export const placeMarks = {
  name: z.string().min(1).max(64).optional(),
  owner: z.string().trim().max(64).optional().describe('whose it is; left out or empty: your own'),
  site: z
    .string()
    .trim()
    .max(64)
    .optional()
    .describe('where it stands, such as home or office: what may burn together'),
  limitMiB: z
    .number()
    .int()
    .min(0)
    .max(8_589_934_592)
    .optional()
    .describe('what the vault may use there; 0 for no limit'),
  weight: z
    .number()
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe('how much it is preferred where there is a choice; usually 1'),
} as const;

/** Parts that the kind of place needs are there. */
export function wholeAddress(input: AddressInput, context: z.RefinementCtx): void {
  for (const key of missingParts(input)) context.addIssue({ code: 'custom', path: [key], message: 'This is needed.' });
}

/** A place to be used: its address part by part, what opens it, and what is said about it. */
export const newPlaceSchema = z.object({ ...addressFields, ...placeMarks, ...placeSecretSchema.shape });

/** A place named at set-up: as {@link newPlaceSchema}, with what opens it given apart. */
export const setupPlaceSchema = z.object({ ...addressFields, ...placeMarks }).superRefine(wholeAddress);

export const placeTestSchema = z.object({
  /** Where was looked, in words. */
  path: z.string(),
  /**
   * `usable`: empty, or to be made; `here`: a place of this vault; `yours`: a place of another vault that your phrase opens; `others`: of
   * one that it does not; `occupied`: holds other things; `damaged`: its mark is damaged or of a later release; `refused`; `silent`; `readonly`;
   * `unconfirmed`: the key of the SFTP server is not confirmed yet.
   */
  found: z.enum([
    'usable',
    'here',
    'yours',
    'others',
    'occupied',
    'damaged',
    'refused',
    'silent',
    'readonly',
    'unconfirmed',
  ]),
  /** The same in words, and what to do. */
  text: z.string(),
  next: z.string(),
  /** How long the answer took, in milliseconds. */
  tookMs: z.number().int().nonnegative(),
  /** Bytes, where the server says; null otherwise. */
  free: z.number().int().nonnegative().nullable(),
  /** The key that an SFTP server showed, where it is to be confirmed. */
  fingerprint: z.string().nullable(),
  /** When the place there was made, of one that is. */
  madeAt: timeSchema.nullable(),
});
export type PlaceTest = z.infer<typeof placeTestSchema>;
