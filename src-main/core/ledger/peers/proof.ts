import { concatBytes } from '#core/crypto/bytes.ts';
import { fromBase32, fromBase64url, toBase32, toBase64url } from '#core/crypto/encoding.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import { rulesOf } from '#core/evm/own-rules.ts';
import { type PersonId, personIdSchema } from '#shared/model/ids.ts';
import {
  contradict,
  decodeHead,
  encodeHead,
  headBytes,
  isOfOneLedger,
  type SignedHead,
  statementOf,
} from '../heads/head.ts';
import { hashOf, headerFrom } from './light/follow.ts';

/*
 * That an operator told two stories (docs/formats/ledger-peers.md): two heads that they signed, and, where these are not of one number, the headers
 * between, which show that the later one does not come after the earlier. Whoever has the operator's keys can check it, without any network.
 */

export interface LieProof {
  readonly operator: PersonId;
  /** The earlier. */
  readonly one: SignedHead;
  readonly other: SignedHead;
  /** Of the blocks after the one up to the other; empty where both are of one number. RLP. */
  readonly headers: readonly Uint8Array[];
}

const version = 1;
const scheme = 'hypha://ledger-proof/';
const personPrefix = 'hy1';
/** More blocks between would be no proof that anybody hands on. */
export const mostHeaders = 500;
const largestHeader = 1_024;

export function encodeProof({ operator, one, other, headers }: LieProof): Uint8Array {
  const person = fromBase32(operator.slice(personPrefix.length)) ?? new Uint8Array();
  const parts = headers.flatMap((header) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(header.length);
    return [length, header];
  });
  const count = Buffer.alloc(2);
  count.writeUInt16BE(headers.length);
  return concatBytes(Uint8Array.of(version), person, encodeHead(one), encodeHead(other), count, ...parts);
}

/** @returns null for what is none; whether it proves anything is not looked at */
export function decodeProof(bytes: Uint8Array): LieProof | null {
  const fixed = 1 + 32 + 2 * headBytes + 2;
  if (bytes.length < fixed || bytes[0] !== version) return null;
  const operator = personIdSchema.safeParse(personPrefix + toBase32(bytes.subarray(1, 33)));
  const one = decodeHead(bytes.slice(33, 33 + headBytes));
  const other = decodeHead(bytes.slice(33 + headBytes, 33 + 2 * headBytes));
  const view = Buffer.from(bytes);
  const count = view.readUInt16BE(fixed - 2);
  if (!operator.success || one === null || other === null || count > mostHeaders) return null;
  const headers: Uint8Array[] = [];
  let at = fixed;
  for (let i = 0; i < count; i += 1) {
    if (at + 2 > bytes.length) return null;
    const length = view.readUInt16BE(at);
    if (length > largestHeader || at + 2 + length > bytes.length) return null;
    headers.push(bytes.slice(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return at === bytes.length ? { operator: operator.data, one, other, headers } : null;
}

export const proofLink = (proof: LieProof): string => scheme + toBase64url(encodeProof(proof));

/** @returns null for what is no such link */
export function readProofLink(text: string): LieProof | null {
  const bare = text.replace(/\s/g, '');
  if (bare.slice(0, scheme.length).toLowerCase() !== scheme) return null;
  const bytes = fromBase64url(bare.slice(scheme.length));
  return bytes === null ? null : decodeProof(bytes);
}

/**
 * Whether it proves that its operator told two stories.
 *
 * @param verify whether the operator signed something
 */
export function proves(
  { one, other, headers }: LieProof,
  verify: (bytes: Uint8Array, signature: Uint8Array) => boolean,
): boolean {
  if (![one, other].every(({ head, signature }) => verify(statementOf(head), signature))) return false;
  if (headers.length === 0) return contradict(one.head, other.head);
  const [early, late] = [one.head, other.head];
  if (!isOfOneLedger(early, late) || early.incarnation !== late.incarnation) return false;
  if (late.number - early.number !== headers.length) return false;
  // From the later head back: each header is what the next one names, and the first names another block than the earlier head.
  let wanted = late.hash;
  for (const header of headers.toReversed()) {
    if (!equalBytes(hashOf(header), wanted)) return false;
    try {
      wanted = headerFrom(rulesOf(early.chainId), header).parentHash;
    } catch {
      return false;
    }
  }
  return !equalBytes(wanted, early.hash);
}
