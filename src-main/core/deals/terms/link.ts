import { z } from 'zod';
import { utf8 } from '#core/crypto/bytes.ts';
import { fromBase64url, toBase64url } from '#core/crypto/encoding.ts';
import { canonicalJson } from '#shared/model/canonical-json.ts';
import { chainRefSchema, evmAddressSchema, hash32Schema } from '#shared/model/evm.ts';
import type { Offer } from './signed.ts';

/*
 * Offers and proposals as text that can go any way (docs/formats/deals.md): `hypha://offer/` or `hypha://deal/` and the base64url of
 * canonical JSON (RFC 8785). Whole numbers are decimal strings where they may pass 2^53. One value has one text, unknown members are refused.
 */

export const longestLink = 48_000;

const whole = (most: bigint) =>
  z
    .string()
    .regex(/^(?:0|[1-9]\d{0,77})$/)
    .refine((text) => BigInt(text) <= most);
const uint128 = whole((1n << 128n) - 1n);
const uint64 = whole((1n << 64n) - 1n);
const uint256 = whole((1n << 256n) - 1n);
const uint32 = z.number().int().min(0).max(0xffff_ffff);
const address = evmAddressSchema.refine((text) => text === text.toLowerCase());
const signature = z.string().regex(/^0x[0-9a-f]{130}$/);

const venue = {
  v: z.literal(1),
  chain: chainRefSchema,
  /** Hash of the chain's first block. */
  genesis: hash32Schema,
  /** The contract on it. */
  deals: address,
};

export const offerBodySchema = z.strictObject({
  ...venue,
  offer: z.strictObject({
    ...{ provider: address, tenant: address, node: hash32Schema, spec: hash32Schema, token: address },
    ...{ rate: uint128, minDeposit: uint128, grace: uint32, window: uint32, notice: uint32, startWithin: uint32 },
    ...{ arbiter: address, fallbackShare: z.number().int().min(0).max(0xffff), whole: z.boolean(), times: uint32 },
    ...{ expires: uint64, salt: uint256 },
  }),
  signature,
  /** What `spec` is the hash of. */
  what: z.string().min(1).max(8_000),
});
export type OfferBody = z.infer<typeof offerBodySchema>;

export const proposalBodySchema = z.strictObject({
  ...venue,
  deal: hash32Schema,
  statement: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('refund'), index: uint32, amount: uint128 }),
    z.strictObject({ kind: z.literal('settlement'), toProvider: uint128 }),
    z.strictObject({ kind: z.literal('receipt'), from: uint64, until: uint64, up: uint64, traffic: uint128 }),
  ]),
  signature,
});
export type ProposalBody = z.infer<typeof proposalBodySchema>;

const heads = { offer: 'hypha://offer/', deal: 'hypha://deal/' } as const;

export const offerLink = (body: OfferBody): string => heads.offer + write(offerBodySchema.parse(body));
export const proposalLink = (body: ProposalBody): string => heads.deal + write(proposalBodySchema.parse(body));
const write = (body: unknown): string => toBase64url(utf8(canonicalJson(body)));

/** @returns null for what is no offer */
export const readOfferLink = (text: string): OfferBody | null => read(text, heads.offer, offerBodySchema);
export const readProposalLink = (text: string): ProposalBody | null => read(text, heads.deal, proposalBodySchema);

function read<S extends z.ZodType>(text: string, head: string, schema: S): z.output<S> | null {
  const trimmed = text.trim();
  if (!trimmed.startsWith(head) || trimmed.length > longestLink) return null;
  const bytes = fromBase64url(trimmed.slice(head.length));
  if (bytes === null) return null;
  try {
    const json = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const parsed = schema.safeParse(JSON.parse(json));
    return parsed.success && canonicalJson(parsed.data) === json ? parsed.data : null;
  } catch {
    return null;
  }
}

type Lowered<T> = T extends string ? T : never;
const lower = <T extends string>(text: T) => text.toLowerCase() as Lowered<T>;

export function offerToBody(offer: Offer): OfferBody['offer'] {
  const { rate, minDeposit, expires, salt, ...rest } = offer;
  return {
    ...rest,
    ...{ provider: lower(offer.provider), tenant: lower(offer.tenant) },
    ...{ token: lower(offer.token), arbiter: lower(offer.arbiter) },
    ...{ rate: `${rate}`, minDeposit: `${minDeposit}`, expires: `${expires}`, salt: `${salt}` },
  };
}

export function offerOf({ offer }: Pick<OfferBody, 'offer'>): Offer {
  const { rate, minDeposit, expires, salt } = offer;
  return {
    ...offer,
    ...{ rate: BigInt(rate), minDeposit: BigInt(minDeposit), expires: BigInt(expires), salt: BigInt(salt) },
  };
}
