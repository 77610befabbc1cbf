import { z } from 'zod';

/** What names things on a chain of Ethereum's kind, as the field writes it. */

/** Texts that begin with `0x` have that in their type, as libraries of the field want it, which zod cannot tell of a pattern. */
type HexSchema<B extends string> = z.ZodType<`0x${string}` & z.core.$brand<B>, string>;

/** A chain by CAIP-2: `eip155:` and its chain id. */
export const chainRefSchema = z
  .string()
  .regex(/^eip155:[1-9]\d{0,19}$/, 'This names no chain. Chains are named like eip155:1.')
  .brand<'ChainRef'>();
export type ChainRef = z.infer<typeof chainRefSchema>;

export const chainRef = (chainId: bigint | number): ChainRef => `eip155:${chainId}` as ChainRef;
export const chainIdOf = (ref: ChainRef): bigint => BigInt(ref.slice(7));

/** An account or contract: `0x` and 40 hex digits. What the core gives out bears the checksum of EIP-55. */
export const evmAddressSchema = z
  .string()
  .trim()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'This is no address. An address is 0x and 40 digits.')
  .brand<'EvmAddress'>() as unknown as HexSchema<'EvmAddress'>;
export type EvmAddress = z.infer<typeof evmAddressSchema>;

/** 32 bytes of a block, transaction, deal, record: `0x` and 64 lower-case hex digits. */
export const hash32Schema = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/, 'This is no hash. A hash is 0x and 64 digits.')
  .brand<'Hash32'>() as unknown as HexSchema<'Hash32'>;
export type Hash32 = z.infer<typeof hash32Schema>;

/** Bytes as `0x` and two hex digits each. */
export const hexBytesSchema = z.string().regex(/^0x(?:[0-9a-fA-F]{2})*$/, 'Give bytes as 0x and two hex digits each.');

/** An amount in a token's smallest unit, as a decimal number without a sign: what JSON can carry of 256 bits. */
export const unitsSchema = z
  .string()
  .regex(/^(?:0|[1-9]\d{0,77})$/, 'Give a whole number of the smallest unit.')
  .refine((text) => !/^\d+$/.test(text) || BigInt(text) < 1n << 256n, 'No token has so much.')
  .brand<'Units'>();
export type Units = z.infer<typeof unitsSchema>;

export const units = (amount: bigint): Units => String(amount) as Units;
