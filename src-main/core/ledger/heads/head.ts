import { concatBytes } from '#core/crypto/bytes.ts';

/*
 * The head of an own ledger: one block of it, as its operator signed it (docs/formats/ledger-head.md). Everybody who has a deal there keeps the
 * heads they were shown. Two that differ about one block prove to anybody that the operator told two stories.
 */

export interface Head {
  readonly chainId: bigint;
  /** Hash of the first block, 32 bytes. */
  readonly genesis: Uint8Array;
  /** How many times the ledger was put back from a backup: from then on it may tell another story, and says so. */
  readonly incarnation: number;
  readonly number: number;
  /** Hash of the block, 32 bytes: it stands for all blocks before. */
  readonly hash: Uint8Array;
  /** Root of the state after it, 32 bytes. */
  readonly state: Uint8Array;
  /** The block's time, seconds since 1970, by the operator's clock. */
  readonly at: number;
}

export interface SignedHead {
  readonly head: Head;
  /** Of the operator's person keys, for the purpose `ledger-head`: Ed25519 || ML-DSA-65. */
  readonly signature: Uint8Array;
}

const version = 1;
const statementBytes = 1 + 8 + 32 + 4 + 6 + 32 + 32 + 6;
/** Ed25519 || ML-DSA-65. */
const signatureBytes = 64 + 3_309;
export const headBytes = statementBytes + signatureBytes;

/** What is signed. */
export function statementOf({ chainId, genesis, incarnation, number, hash, state, at }: Head): Uint8Array {
  const numbers = Buffer.alloc(1 + 8);
  numbers.writeUInt8(version, 0);
  numbers.writeBigUInt64BE(chainId, 1);
  const place = Buffer.alloc(4 + 6);
  place.writeUInt32BE(incarnation, 0);
  place.writeUIntBE(number, 4, 6);
  const time = Buffer.alloc(6);
  time.writeUIntBE(at, 0, 6);
  return concatBytes(numbers, genesis, place, hash, state, time);
}

export const encodeHead = ({ head, signature }: SignedHead): Uint8Array => concatBytes(statementOf(head), signature);

/** @returns null for what is no head; whose signature it bears is not looked at */
export function decodeHead(bytes: Uint8Array): SignedHead | null {
  if (bytes.length !== headBytes || bytes[0] !== version) return null;
  const view = Buffer.from(bytes);
  const part = (at: number, length: number) => Uint8Array.from(view.subarray(at, at + length));
  const head: Head = {
    chainId: view.readBigUInt64BE(1),
    genesis: part(9, 32),
    incarnation: view.readUInt32BE(41),
    number: view.readUIntBE(45, 6),
    hash: part(51, 32),
    state: part(83, 32),
    at: view.readUIntBE(115, 6),
  };
  return { head, signature: part(statementBytes, signatureBytes) };
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a).equals(b);

/** Both are of one ledger, whoever signed them. */
export const isOfOneLedger = (a: Head, b: Head): boolean => a.chainId === b.chainId && same(a.genesis, b.genesis);

/**
 * Whether two heads that one operator signed cannot both be true: two blocks of one number in one incarnation. What a later incarnation tells
 * otherwise is no lie, because it says that it is another.
 */
export const contradict = (a: Head, b: Head): boolean =>
  isOfOneLedger(a, b) &&
  a.incarnation === b.incarnation &&
  a.number === b.number &&
  !(same(a.hash, b.hash) && same(a.state, b.state) && a.at === b.at);
