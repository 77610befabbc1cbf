import { z } from 'zod';

/**
 * The file `hypha-place.json` at the top of every place: tells that the directory is a place, of which vault, and (by
 * `check`, derived from the person's root) whether this person's phrase opens it. No names and no keys are in it.
 */
export const placeIdentitySchema = z.strictObject({
  format: z.literal('hypha-vault-place'),
  version: z.literal(1),
  vault: z.string().regex(/^[0-9a-f]{32}$/),
  place: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  check: z.string().regex(/^[0-9a-f]{32}$/),
  k: z.number().int().min(1).max(64),
  m: z.number().int().min(0).max(63),
  createdAt: z.number().int().nonnegative(),
});
export type PlaceIdentity = z.infer<typeof placeIdentitySchema>;

export const identityFile = 'hypha-place.json';

export function encodePlaceIdentity(identity: PlaceIdentity): string {
  return `${JSON.stringify(identity, null, 2)}\n`;
}

/** @returns null for anything that is not a place identity of version 1 */
export function decodePlaceIdentity(text: string): PlaceIdentity | null {
  try {
    const parsed = placeIdentitySchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
