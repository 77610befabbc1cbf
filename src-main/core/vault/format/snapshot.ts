import { decode, Encoder } from '@msgpack/msgpack';
import { z } from 'zod';
import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { mlDsa65Keys, mlDsa65Sign, mlDsa65SignatureBytes, mlDsa65Verify } from '#core/crypto/pq-sign.ts';
import { ed25519PublicKey, ed25519Sign, ed25519SignatureBytes, ed25519Verify } from '#core/crypto/sign.ts';
import { binarySchema } from '#shared/model/ids.ts';
import type { VaultKeys } from './keys.ts';

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
  /** Ed25519 (64 bytes) || ML-DSA-65 (3,309 bytes); both must hold. */
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

export function signSnapshot(keys: VaultKeys, snapshot: Snapshot): SignedSnapshot {
  const seeds = keys.signing();
  const message = statement(keys.vaultId, snapshot);
  const signature = concatBytes(
    ed25519Sign(seeds.ed25519, message),
    mlDsa65Sign(mlDsa65Keys(seeds.mlDsa65).secret, message, context),
  );
  return { snapshot, signature };
}

/** Whether the person's own keys signed this, for this vault. */
export function isSigned(keys: VaultKeys, { snapshot, signature }: SignedSnapshot): boolean {
  const seeds = keys.signing();
  const message = statement(keys.vaultId, snapshot);
  const [classic, quantum] = [signature.subarray(0, ed25519SignatureBytes), signature.subarray(ed25519SignatureBytes)];
  return (
    ed25519Verify(ed25519PublicKey(seeds.ed25519), message, classic) &&
    mlDsa65Verify(mlDsa65Keys(seeds.mlDsa65).publicKey, message, quantum, context)
  );
}

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
  const isSignature =
    signature instanceof Uint8Array && signature.length === ed25519SignatureBytes + mlDsa65SignatureBytes;
  return parsed.success && isSignature ? { snapshot: parsed.data, signature } : null;
}
