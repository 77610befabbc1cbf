import { z } from 'zod';
import { utf8 } from '#core/crypto/bytes.ts';
import { canonicalJson } from '#shared/model/canonical-json.ts';
import { chainRefSchema, hash32Schema } from '#shared/model/evm.ts';
import { longestLink } from '../terms/link.ts';

/*
 * What two Hyphas write to each other about a deal: canonical JSON in UTF-8, sealed and signed as a whole by what carries it
 * (docs/formats/deals.md). It proves nothing by itself: offers and proposals are signed, the rest is looked up on the chain.
 */

const signature = z.string().regex(/^0x[0-9a-f]{130}$/);
const link = z.string().max(longestLink);

export const letterSchema = z.discriminatedUnion('what', [
  /** `proof`: the account that signed it is the writer's (Belonging). */
  z.strictObject({ what: z.literal('offer'), link, proof: signature }),
  /** A deal was made of an offer of the receiver's; `proof` as above, for the tenant's account. */
  z.strictObject({
    what: z.literal('agreed'),
    chain: chainRefSchema,
    deal: hash32Schema,
    offer: hash32Schema,
    proof: signature,
  }),
  z.strictObject({ what: z.literal('proposal'), link }),
  z.strictObject({ what: z.literal('declined'), proposal: hash32Schema }),
  /** The tenant objected; its hash stands in the chain's event. */
  z.strictObject({ what: z.literal('objection'), deal: hash32Schema, reason: z.string().min(1).max(4_000) }),
]);
export type DealLetter = z.infer<typeof letterSchema>;

export const longestLetter = longestLink + 2_048;

export const writeLetter = (letter: DealLetter): Uint8Array => utf8(canonicalJson(letterSchema.parse(letter)));

/** @returns null for what is no letter about a deal */
export function readLetter(bytes: Uint8Array): DealLetter | null {
  if (bytes.length > longestLetter) return null;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const parsed = letterSchema.safeParse(JSON.parse(text));
    return parsed.success && canonicalJson(parsed.data) === text ? parsed.data : null;
  } catch {
    return null;
  }
}
