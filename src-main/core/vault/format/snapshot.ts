import { decode, Encoder } from '@msgpack/msgpack';
import { z } from 'zod';
import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { binarySchema } from '#shared/model/ids.ts';
import type { VaultKeys } from './keys.ts';
import { isSignedTwice, signatureBytes, signTwice } from './signature.ts';

/** What a snapshot says of itself; sealed in the catalogue as a msgpack array in this order. */
export const snapshotSchema = z.object({
  /** From 1 on, never used again. */
  number: z.number().int().positive(),
  /** Milliseconds since 1970, by the clock of that computer. */
  at: z.number().int().nonnegative().max(8.64e15),
  /** Taken by itself, or because the person wanted it: those are never thinned out. */
  automatic: z.boolean(),
  name: z.string().max(256),
  files: z.number().int().nonnegative(),
  folders: z.number().int().nonnegative(),
  /** Plain bytes of the files outside the bin. */
  size: z.number().int().nonnegative(),
  /** Rows that it sees, those of the bin too. */
  rows: z.number().int().nonnegative(),
  /** Merkle root over them (versions/merkle.ts). */
  root: binarySchema.refine((b) => b.length === 32),
  /** {@link statementHash} of the newest that there was when it was taken; zeros when there was none. */
  previous: binarySchema.refine((b) => b.length === 32),
});
export type Snapshot = z.infer<typeof snapshotSchema>;

export interface SignedSnapshot {
  readonly snapshot: Snapshot;
  /** signature.ts */
  readonly signature: Uint8Array;
}

const context = 'hypha vault snapshot v1';
const version = 1;
const encoder = new Encoder();

const fields = (s: Snapshot): unknown[] => [
  version,
  s.number,
  s.at,
  s.automatic,
  s.name,
  s.files,
  s.folders,
  s.size,
  s.rows,
  s.root,
  s.previous,
];

/** What is signed: context || 0 || vault id (16) || the msgpack array of the snapshot. */
function statement(vaultId: Uint8Array, snapshot: Snapshot): Uint8Array {
  return concatBytes(utf8(context), Uint8Array.of(0), vaultId, encoder.encode(fields(snapshot)));
}

/** By which the next snapshot names this one. */
export const statementHash = (vaultId: Uint8Array, snapshot: Snapshot): Uint8Array =>
  sha256(statement(vaultId, snapshot));

export const signSnapshot = (keys: VaultKeys, snapshot: Snapshot): SignedSnapshot => ({
  snapshot,
  signature: signTwice(keys, context, statement(keys.vaultId, snapshot)),
});

/** Whether the person's own keys signed this, for this vault. */
export const isSigned = (keys: VaultKeys, { snapshot, signature }: SignedSnapshot): boolean =>
  isSignedTwice(keys, context, statement(keys.vaultId, snapshot), signature);

export function encodeSnapshot({ snapshot, signature }: SignedSnapshot): Uint8Array {
  return encoder.encode([...fields(snapshot), signature]);
}

/** @returns null for anything that is not a snapshot; the signature is not looked at */
export function decodeSnapshot(bytes: Uint8Array): SignedSnapshot | null {
  let value: unknown;
  try {
    value = decode(bytes);
  } catch {
    return null;
  }
  if (!Array.isArray(value) || value.length !== 12 || value[0] !== version) return null;
  const [, number, at, automatic, name, files, folders, size, rows, root, previous, signature] = value;
  const parsed = snapshotSchema.safeParse({
    ...{ number, at, automatic, name, files, folders, size, rows, root, previous },
  });
  const isSignature = signature instanceof Uint8Array && signature.length === signatureBytes;
  return parsed.success && isSignature ? { snapshot: parsed.data, signature } : null;
}
