import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { HDKey } from '@scure/bip32';
import { utf8 } from './bytes.ts';
import { toHex } from './encoding.ts';
import { seedFromEntropy } from './phrase.ts';

export interface WalletKey {
  /** BIP-44 path, `m/44'/60'/0'/0/INDEX`. */
  readonly path: string;
  /** secp256k1 secret, 32 bytes. */
  readonly secret: Uint8Array;
  /** Compressed, 33 bytes. */
  readonly publicKey: Uint8Array;
  /** `0x` and 40 hex digits with the checksum of EIP-55. */
  readonly address: string;
}

/**
 * The key of one account of the person's wallet: BIP-39 seed, BIP-32, BIP-44 coin type 60, so that the same 24 words
 * give the same accounts in any other wallet.
 *
 * @param index 0 to 2^31 - 1
 */
export function walletKey(entropy: Uint8Array, index: number): WalletKey {
  if (!Number.isInteger(index) || index < 0 || index >= 2 ** 31) throw new RangeError(`no account ${index}`);
  const path = `m/44'/60'/0'/0/${index}`;
  const seed = seedFromEntropy(entropy);
  const node = HDKey.fromMasterSeed(seed).derive(path);
  seed.fill(0);
  if (node.privateKey === null || node.publicKey === null) throw new Error('BIP-32 derived no key');
  return { path, secret: node.privateKey, publicKey: node.publicKey, address: addressOf(node.publicKey) };
}

/** The account address of a secp256k1 public key: last 20 bytes of Keccak-256 over its uncompressed form. */
export function addressOf(publicKey: Uint8Array): string {
  const point = secp256k1.Point.fromBytes(publicKey).toBytes(false);
  return checksumAddress(toHex(keccak_256(point.subarray(1)).subarray(12)));
}

/** EIP-55: a letter is upper case when the matching nibble of the hash of the lower-case address is 8 or more. */
function checksumAddress(hex: string): string {
  const hash = toHex(keccak_256(utf8(hex)));
  const letters = [...hex].map((letter, i) =>
    Number.parseInt(hash.charAt(i), 16) >= 8 ? letter.toUpperCase() : letter,
  );
  return `0x${letters.join('')}`;
}
