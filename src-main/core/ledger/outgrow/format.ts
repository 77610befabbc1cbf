import { recoverTypedDataAddress } from 'viem';
import { z } from 'zod';
import { utf8 } from '#core/crypto/bytes.ts';
import { toHex } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';
import type { TypedData } from '#core/evm/accounts.ts';
import { canonicalJson } from '#shared/model/canonical-json.ts';
import {
  chainIdOf,
  chainRefSchema,
  type EvmAddress,
  type Hash32,
  hash32Schema,
  unitsSchema,
} from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';

/*
 * What a ledger held at one of its blocks, signed by who issues its credits: docs/formats/ledger-export.md. Canonical JSON, so that one
 * state has one text and one hash, whoever reads it from the ledger.
 */

const addressSchema = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/)
  .transform((text) => text as EvmAddress);
const secondsSchema = z.number().int().nonnegative();
const most = 10_000;
export const longestExport = 16 * 1024 * 1024;

export const stateSchema = z.strictObject({
  chain: chainRefSchema,
  genesis: hash32Schema,
  block: z.strictObject({ number: z.number().int().nonnegative(), hash: hash32Schema, at: secondsSchema }),
  contracts: z.strictObject({ credits: addressSchema, deals: addressSchema, names: addressSchema }),
  credits: z.strictObject({
    name: z.string().max(64),
    symbol: z.string().max(32),
    issuer: addressSchema,
    supply: unitsSchema,
    /** What each is owed by the issuer: held, in deals, and to withdraw from ended ones. By address; their sum is the supply. */
    holders: z
      .array(
        z.strictObject({
          address: addressSchema,
          held: unitsSchema,
          inDeals: unitsSchema,
          /** It is a contract, which nobody has a key of elsewhere. */
          contract: z.boolean(),
        }),
      )
      .max(most),
  }),
  names: z
    .array(
      z.strictObject({
        label: z.string().max(63),
        owner: addressSchema,
        expires: secondsSchema,
        record: hash32Schema,
      }),
    )
    .max(most),
  /** Those that have not ended, with what lies in them; already counted for their parties above where it is these credits. */
  deals: z
    .array(
      z.strictObject({
        id: hash32Schema,
        provider: addressSchema,
        tenant: addressSchema,
        token: addressSchema,
        rate: unitsSchema,
        balance: unitsSchema,
        earned: unitsSchema,
        node: hash32Schema,
        spec: hash32Schema,
      }),
    )
    .max(most),
});
export type LedgerState = z.infer<typeof stateSchema>;

const fileSchema = z.strictObject({
  kind: z.literal('hypha-ledger-export'),
  version: z.literal(1),
  state: stateSchema,
  /** 65 bytes by the issuer's account: {@link statementOf}. */
  signature: z.string().regex(/^0x[0-9a-f]{130}$/),
});
export interface LedgerExport {
  readonly state: LedgerState;
  readonly signature: `0x${string}`;
}

/** SHA-256 of the state in canonical JSON: the record under which credits are issued again. */
export const hashOfState = (state: LedgerState): Hash32 => `0x${toHex(sha256(utf8(canonicalJson(state))))}` as Hash32;

/** What the issuer signs (EIP-712), so that a wallet shows it and anybody can check it by the issuer's address alone. */
export function statementOf(state: LedgerState): TypedData {
  return {
    domain: { name: 'Hypha Ledger Export', version: '1', chainId: chainIdOf(state.chain) },
    types: {
      Export: [
        { name: 'genesis', type: 'bytes32' },
        { name: 'block', type: 'uint64' },
        { name: 'blockHash', type: 'bytes32' },
        { name: 'supply', type: 'uint256' },
        { name: 'content', type: 'bytes32' },
      ],
    },
    primaryType: 'Export',
    message: {
      genesis: state.genesis,
      block: BigInt(state.block.number),
      blockHash: state.block.hash,
      supply: BigInt(state.credits.supply),
      content: hashOfState(state),
    },
  };
}

export const encodeExport = ({ state, signature }: LedgerExport): string =>
  `${canonicalJson({ kind: 'hypha-ledger-export', version: 1, state, signature })}\n`;

/** Read an export and check that the issuer signed it. @throws Fail EXPORT_INVALID */
export async function readExport(text: string): Promise<LedgerExport & { readonly hash: Hash32 }> {
  const { state, signature } = parse(text);
  const promised = state.credits.holders.reduce((sum, one) => sum + BigInt(one.held) + BigInt(one.inDeals), 0n);
  if (promised !== BigInt(state.credits.supply)) throw invalid('what its holders have is not what was issued');
  for (const list of [
    state.credits.holders.map((one) => one.address),
    state.names.map((one) => one.label),
    state.deals.map((one) => one.id),
  ])
    if (list.some((one, i) => i > 0 && one <= (list[i - 1] ?? ''))) throw invalid('a list in it is not in order');
  let signer: string;
  try {
    signer = await recoverTypedDataAddress({ ...(statementOf(state) as Required<TypedData>), signature } as Parameters<
      typeof recoverTypedDataAddress
    >[0]);
  } catch {
    throw invalid('its signature is none');
  }
  if (signer.toLowerCase() !== state.credits.issuer) throw invalid('whoever signed it does not issue its credits');
  return { state, signature, hash: hashOfState(state) };
}

function parse(text: string): LedgerExport {
  if (text.length > longestExport) throw invalid('it is too long');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('it is not JSON');
  }
  const file = fileSchema.safeParse(value);
  if (!file.success) throw invalid(`${file.error.issues[0]?.path.join('.') || 'its form'} is not as it should be`);
  return { state: file.data.state, signature: file.data.signature as `0x${string}` };
}

const invalid = (why: string) =>
  fail('EXPORT_INVALID', `This is no export of a ledger that can be believed: ${why}.`, {
    meaning: 'Nothing was carried over.',
    next: 'Ask whoever runs the ledger for the export again.',
    data: { why },
  });
