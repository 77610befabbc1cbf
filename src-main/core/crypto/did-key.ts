import { fromBase58, toBase58 } from './base58.ts';
import { concatBytes } from './bytes.ts';

// Multicodec prefix of an Ed25519 public key: 0xed as unsigned varint.
const ed25519Prefix = Uint8Array.from([0xed, 0x01]);

/** The did:key (W3C CCG did:key method) of an Ed25519 public key: `did:key:z6Mk...`. */
export function didKeyEncode(publicKey: Uint8Array): string {
  if (publicKey.length !== 32) throw new RangeError(`an Ed25519 public key has 32 bytes, not ${publicKey.length}`);
  return `did:key:z${toBase58(concatBytes(ed25519Prefix, publicKey))}`;
}

/** The Ed25519 public key a did:key names; null for anything else, other key kinds included. */
export function didKeyDecode(did: string): Uint8Array | null {
  if (!did.startsWith('did:key:z')) return null;
  const bytes = fromBase58(did.slice('did:key:z'.length), 64);
  if (bytes?.length !== 34 || bytes[0] !== ed25519Prefix[0] || bytes[1] !== ed25519Prefix[1]) return null;
  return bytes.slice(2);
}
