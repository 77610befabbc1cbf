import { getAddress, type Hex } from 'viem';
import { concatBytes } from '#core/crypto/bytes.ts';
import { fromBase32, fromBase64url, fromHex, toBase32, toBase64url, toHex } from '#core/crypto/encoding.ts';
import type { Contracts } from '#core/evm/chain.ts';
import type { EvmAddress, Hash32 } from '#shared/model/evm.ts';
import { type PersonId, personIdSchema } from '#shared/model/ids.ts';

/*
 * What names a person's ledger to others (docs/formats/ledger-peers.md): which chain, whose, and where the contracts lie. Nothing in it is
 * believed: all of it is compared with what the operator answers, and with the state of the chain.
 */

export interface LedgerCard {
  readonly chainId: bigint;
  readonly genesis: Hash32;
  readonly operator: PersonId;
  readonly contracts: Contracts & { readonly credits: EvmAddress };
}

const version = 1;
const scheme = 'hypha://ledger/';
const personPrefix = 'hy1';
const order = ['deals', 'nodes', 'names', 'attestations', 'credits'] as const;
export const cardBytes = 1 + 8 + 32 + 32 + 20 * order.length;

export function encodeCard({ chainId, genesis, operator, contracts }: LedgerCard): Uint8Array {
  const head = Buffer.alloc(1 + 8);
  head.writeUInt8(version);
  head.writeBigUInt64BE(chainId, 1);
  const person = fromBase32(operator.slice(personPrefix.length));
  if (person?.length !== 32) throw new Error('a person id is 32 bytes');
  return concatBytes(head, bytesOf(genesis), person, ...order.map((name) => bytesOf(contracts[name])));
}

/** @returns null for what is no card */
export function decodeCard(bytes: Uint8Array): LedgerCard | null {
  if (bytes.length !== cardBytes || bytes[0] !== version) return null;
  const operator = personIdSchema.safeParse(personPrefix + toBase32(bytes.subarray(41, 73)));
  const chainId = Buffer.from(bytes).readBigUInt64BE(1);
  if (!operator.success || chainId === 0n) return null;
  const at = (i: number) => getAddress(`0x${toHex(bytes.subarray(73 + 20 * i, 93 + 20 * i))}`) as string as EvmAddress;
  const [deals, nodes, names, attestations, credits] = [at(0), at(1), at(2), at(3), at(4)];
  const genesis = `0x${toHex(bytes.subarray(9, 41))}` as Hash32;
  return { chainId, genesis, operator: operator.data, contracts: { deals, nodes, names, attestations, credits } };
}

export const ledgerLink = (card: LedgerCard): string => scheme + toBase64url(encodeCard(card));

/** White space and invisible marks that mail programs and chats put into long lines. */
const clutter = /[\s\u200b-\u200f\u2060\ufeff]/gu;

/** @returns null for what is no such link */
export function readLedgerLink(text: string): LedgerCard | null {
  if (text.length > 2_000) return null;
  const bare = text.replace(clutter, '').replace(/^[<("'“]+|[>)"'”.,]+$/gu, '');
  if (bare.slice(0, scheme.length).toLowerCase() !== scheme) return null;
  const bytes = fromBase64url(bare.slice(scheme.length));
  return bytes === null ? null : decodeCard(bytes);
}

export const isSameCard = (a: LedgerCard, b: LedgerCard): boolean => Buffer.from(encodeCard(a)).equals(encodeCard(b));

function bytesOf(hex: Hex | EvmAddress | Hash32): Uint8Array {
  const bytes = fromHex(hex.slice(2).toLowerCase());
  if (bytes === null) throw new Error('not hex');
  return bytes;
}
