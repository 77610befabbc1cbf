import { type Hex, keccak256, recoverTypedDataAddress, toHex } from 'viem';
import { z } from 'zod';
import { fromBase64url, toBase64url } from '#core/crypto/encoding.ts';
import type { TypedData } from '#core/evm/accounts.ts';
import { nameServiceSchema } from '#shared/contract/names/model.ts';
import { canonicalJson } from '#shared/model/canonical-json.ts';
import { chainIdOf, chainRefSchema, type EvmAddress, evmAddressSchema, type Hash32 } from '#shared/model/evm.ts';
import { personIdSchema, timeSchema } from '#shared/model/ids.ts';

/*
 * What a name points to, as its owner signed it (docs/formats/name-record.md). The ledger keeps its hash and its sequence; the record itself
 * stands behind the arguments of the transaction that set it, where contracts do not look, so whoever can read the ledger can read it while
 * its owner is away.
 */

const recordSchema = z.strictObject({
  v: z.literal(1),
  type: z.literal('hypha-name-record'),
  chain: chainRefSchema,
  registry: evmAddressSchema,
  label: z.string().min(1).max(63),
  owner: evmAddressSchema,
  /** Higher than that of the record before. */
  sequence: z.number().int().min(1).max(0xffff_ffff),
  at: timeSchema,
  person: personIdSchema.optional(),
  mesh: z.array(z.string().regex(/^[0-9a-f:]{2,39}$/)).max(8),
  wallet: evmAddressSchema.optional(),
  services: z.array(nameServiceSchema).max(16),
});
export type NameRecord = z.infer<typeof recordSchema>;

const signedSchema = z.strictObject({
  record: recordSchema,
  /** EIP-712 by the account that owns the name. */
  owner: z.string().regex(/^0x[0-9a-f]{130}$/),
  /** Ed25519 || ML-DSA-65 of the person that it names, for the purpose `name-record`. */
  person: z.string().max(6_000).optional(),
});

export interface SignedRecord {
  readonly record: NameRecord;
  readonly owner: Hex;
  readonly person: Uint8Array | null;
}

/** Marks what stands behind the arguments of a call. */
const mark = Buffer.from('hypha-name-record-1\n');
export const envelopeMost = 16_384;

/** What both signatures are over, and what the ledger keeps the hash of. */
export const recordBytes = (record: NameRecord): Uint8Array => Buffer.from(canonicalJson(record));
export const recordHash = (record: NameRecord): Hash32 => keccak256(recordBytes(record)) as Hash32;

/** What the owner's account signs: the domain binds it to one registry on one chain. */
export const recordTypedData = (record: NameRecord): TypedData => ({
  domain: {
    name: 'Hypha Names',
    version: '1',
    chainId: chainIdOf(record.chain),
    verifyingContract: record.registry,
  },
  types: {
    NameRecord: [
      { name: 'label', type: 'string' },
      { name: 'sequence', type: 'uint32' },
      { name: 'record', type: 'bytes32' },
    ],
  },
  primaryType: 'NameRecord',
  message: { label: record.label, sequence: record.sequence, record: recordHash(record) },
});

export function encodeSigned({ record, owner, person }: SignedRecord): Uint8Array {
  const signed = { record, owner, ...(person === null ? {} : { person: toBase64url(person) }) };
  return Buffer.concat([mark, Buffer.from(canonicalJson(signed))]);
}

/** @returns null for what is no signed record in its one spelling; whether the signatures hold is not looked at */
export function decodeSigned(bytes: Uint8Array): SignedRecord | null {
  if (bytes.length > envelopeMost || !Buffer.from(bytes.subarray(0, mark.length)).equals(mark)) return null;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(mark.length));
    const value: unknown = JSON.parse(text);
    const parsed = signedSchema.safeParse(value);
    // Trimming and the like would make a record of what nobody signed.
    if (!parsed.success || canonicalJson(parsed.data) !== text) return null;
    const { record, owner, person } = parsed.data;
    const signature = person === undefined ? null : fromBase64url(person);
    if (person !== undefined && signature === null) return null;
    return { record, owner: owner as Hex, person: signature };
  } catch {
    return null;
  }
}

/** The account whose key signed it; null for what is no signature. */
export async function signerOf({ record, owner }: SignedRecord): Promise<EvmAddress | null> {
  try {
    const { domain, types, primaryType, message } = recordTypedData(record);
    return (await recoverTypedDataAddress({ domain, types, primaryType, message, signature: owner })) as EvmAddress;
  } catch {
    return null;
  }
}

/** Of a call's data: what stands behind `words` arguments of 32 bytes. */
export const behindArguments = (data: string, words: number): Uint8Array =>
  Buffer.from(data.slice(2 + 8 + 64 * words), 'hex');

export const putBehind = (data: Hex, envelope: Uint8Array): Hex => `${data}${toHex(envelope).slice(2)}`;

export const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
