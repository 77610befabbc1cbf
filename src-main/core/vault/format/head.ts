import { decode, Encoder } from '@msgpack/msgpack';
import { z } from 'zod';
import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { binarySchema } from '#shared/model/ids.ts';
import type { VaultKeys } from './keys.ts';
import { isSignedTwice, signatureBytes, signTwice } from './signature.ts';

/*
 * The head of one copy of the catalogue: which state it is, of which parts it consists, and which state it followed on. It lies sealed in the
 * last part (catalogue.ts), so that a place can neither number a copy anew nor put parts or copies of different states together.
 */

const hash32 = binarySchema.refine((b) => b.length === 32);
const count = z.number().int().nonnegative();

export const headSchema = z.object({
  generation: z.number().int().positive(),
  /** Everything, or what changed after `previous`; that is 0 for everything. */
  base: z.boolean(),
  previous: count,
  /** Milliseconds since 1970, by the clock of that computer. */
  at: count.max(8.64e15),
  /** SHA-256 of the plain bytes of each part, in order. */
  parts: z.array(hash32).min(1),
  /** The head of the copy before: its generation and {@link headHash}. 0 and zeros where that had none. */
  before: z.object({ generation: count, hash: hash32 }),
});
export type Head = z.infer<typeof headSchema>;

export interface SignedHead {
  readonly head: Head;
  /** signature.ts; null for one that is vouched for by the next that is signed, and until then by the seal alone. */
  readonly signature: Uint8Array | null;
}

export const noHead: Head['before'] = { generation: 0, hash: new Uint8Array(32) };

const context = 'hypha vault head v1';
const version = 1;
const encoder = new Encoder();

const fields = ({ generation, base, previous, at, parts, before }: Head): unknown[] => [
  ...[version, generation, base, previous, at],
  ...[concatBytes(...parts), before.generation, before.hash],
];

/** context || 0 || vault id (16) || the msgpack array of the head, without its signature. */
const statement = (vaultId: Uint8Array, head: Head): Uint8Array =>
  concatBytes(utf8(context), Uint8Array.of(0), vaultId, encoder.encode(fields(head)));

/** By which the next head names this one. */
export const headHash = (vaultId: Uint8Array, head: Head): Uint8Array => sha256(statement(vaultId, head));

export const signHead = (keys: VaultKeys, head: Head): SignedHead => ({
  head,
  signature: signTwice(keys, context, statement(keys.vaultId, head)),
});

/** Not so for one with a signature that is not the person's. A head with everything must have one. */
export const isVouchedFor = (keys: VaultKeys, { head, signature }: SignedHead): boolean =>
  signature === null ? !head.base : isSignedTwice(keys, context, statement(keys.vaultId, head), signature);

/** msgpack array: 1 | generation | base | previous | at | the parts' hashes, one after the other | generation before | its hash | signature or nil */
export const encodeHead = ({ head, signature }: SignedHead): Uint8Array => encoder.encode([...fields(head), signature]);

/** @returns null for anything that is not a head; the signature is not looked at */
export function decodeHead(bytes: Uint8Array): SignedHead | null {
  let value: unknown;
  try {
    value = decode(bytes);
  } catch {
    return null;
  }
  if (!Array.isArray(value) || value.length !== 9 || value[0] !== version) return null;
  const [, generation, base, previous, at, digests, beforeGeneration, beforeHash, signature] = value;
  if (!(digests instanceof Uint8Array) || digests.length % 32 !== 0) return null;
  const parts = Array.from({ length: digests.length / 32 }, (_, i) => digests.slice(32 * i, 32 * i + 32));
  const before = { generation: beforeGeneration, hash: beforeHash };
  const parsed = headSchema.safeParse({ generation, base, previous, at, parts, before });
  if (!parsed.success) return null;
  if (signature !== null && !(signature instanceof Uint8Array && signature.length === signatureBytes)) return null;
  const read = { head: parsed.data, signature };
  // msgpack has several spellings of one number: only the one that is written is a head.
  return equalBytes(encodeHead(read), bytes) ? read : null;
}
