import type { Common } from '@ethereumjs/common';
import { verifyMerkleProof } from '@ethereumjs/mpt';
import { SimpleStateManager } from '@ethereumjs/statemanager';
import {
  Account,
  type Address,
  bytesToHex,
  createAccount,
  createAccountFromRLP,
  hexToBytes,
  KECCAK256_NULL,
} from '@ethereumjs/util';
import { fromRlp, type Hex, keccak256 } from 'viem';
import { z } from 'zod';
import { fail, isFail } from '#shared/rpc/fail.ts';
import type { Ask, BlockFacts } from './protocol.ts';

/** Questions to the chain that one trial may cost; a call that reads more than this is not tried to its end. */
const mostQuestions = 3_000;

const hex = z
  .string()
  .regex(/^0x[0-9a-fA-F]*$/)
  .transform((text) => text.toLowerCase() as Hex);
const proofSchema = z.object({
  accountProof: z.array(hex),
  storageProof: z.array(z.object({ value: hex, proof: z.array(hex) })),
  balance: hex,
  nonce: hex,
  codeHash: hex,
  storageHash: hex,
});

const wrong = (what: string) =>
  fail('CHAIN_WRONG', `The chain’s node told ${what} that does not fit its own block.`, {
    meaning: 'Nothing was signed or sent.',
    next: 'Use another node for this chain.',
  });

const bytes = (value: Hex): Uint8Array => hexToBytes(value.length % 2 === 0 ? value : `0x0${value.slice(2)}`);

/** What a chain held after one block, read as it is needed, each once. */
export interface Remote {
  account(address: Address): Promise<Account | undefined>;
  code(address: Address): Promise<Uint8Array>;
  /** Without leading zeros. */
  storage(address: Address, slot: Uint8Array): Promise<Uint8Array>;
  /** So far everything was proved by the state's root. */
  proven(): boolean;
}

/**
 * Where a chain proves what it tells (`eth_getProof`, EIP-1186) each answer is checked against the root of the block's state; where it does
 * not, what it tells is taken, and {@link Remote.proven} says so.
 */
export function remoteState(ask: Ask, block: BlockFacts): Remote {
  const tag = `0x${block.number.toString(16)}`;
  const accounts = new Map<string, Promise<Account | undefined>>();
  const codes = new Map<string, Promise<Uint8Array>>();
  /** Those that were read on the way to their account. */
  const toldCodes = new Map<string, Uint8Array>();
  const slots = new Map<string, Promise<Uint8Array>>();
  let asked = 0;
  let proves = true;

  const question = (method: string, params: readonly unknown[]): Promise<unknown> => {
    asked += 1;
    if (asked > mostQuestions) throw fail('CHAIN_SAID', 'The call reads too much to be tried here.');
    return ask(method, params);
  };
  const told = async (method: string, params: readonly unknown[]): Promise<Hex> => {
    const answer = hex.safeParse(await question(method, params));
    if (!answer.success) throw wrong(`an answer to ${method}`);
    return answer.data;
  };

  /** Null where the chain has no proofs to give. */
  const proofOf = async (address: Address, keys: readonly Hex[]) => {
    if (!proves) return null;
    let answer: unknown;
    try {
      answer = await question('eth_getProof', [address.toString(), keys, tag]);
    } catch (error) {
      if (!isFail(error, 'CHAIN_SAID')) throw error;
      proves = false;
      return null;
    }
    const parsed = proofSchema.safeParse(answer);
    if (!parsed.success) throw wrong('a proof');
    return parsed.data;
  };

  const inTree = async (root: Hex, key: Uint8Array, proof: readonly Hex[]): Promise<Uint8Array | null> => {
    // An empty tree has no nodes to show, or one that is nothing.
    if (root === keccak256('0x80')) return null;
    const nodes = proof.map(bytes);
    if (keccak256(nodes[0] ?? new Uint8Array()) !== root) throw wrong('a proof');
    return verifyMerkleProof(key, nodes, { useKeyHashing: true }).catch(() => {
      throw wrong('a proof');
    });
  };

  const readAccount = async (address: Address): Promise<Account | undefined> => {
    const proof = await proofOf(address, []);
    if (proof !== null) {
      const value = await inTree(block.stateRoot, address.bytes, proof.accountProof);
      return value === null ? undefined : createAccountFromRLP(value);
    }
    const [balance, nonce, code] = await Promise.all([
      told('eth_getBalance', [address.toString(), tag]),
      told('eth_getTransactionCount', [address.toString(), tag]),
      told('eth_getCode', [address.toString(), tag]),
    ]);
    toldCodes.set(address.toString(), bytes(code));
    if (BigInt(balance) === 0n && BigInt(nonce) === 0n && code === '0x') return undefined;
    return createAccount({ balance: BigInt(balance), nonce: BigInt(nonce), codeHash: hexToBytes(keccak256(code)) });
  };

  const account = (address: Address) => kept(accounts, address.toString(), () => readAccount(address));

  const readCode = async (address: Address): Promise<Uint8Array> => {
    const known = await account(address);
    if (known === undefined || bytesToHex(known.codeHash) === bytesToHex(KECCAK256_NULL)) return new Uint8Array(0);
    const beside = toldCodes.get(address.toString());
    if (beside !== undefined) return beside;
    const code = await told('eth_getCode', [address.toString(), tag]);
    if (keccak256(code) !== bytesToHex(known.codeHash)) throw wrong('a contract');
    return bytes(code);
  };

  const readSlot = async (address: Address, slot: Uint8Array): Promise<Uint8Array> => {
    const key = bytesToHex(slot);
    const holder = await account(address);
    if (holder === undefined) return new Uint8Array(0);
    const proof = await proofOf(address, [key]);
    if (proof === null) return shortest(bytes(await told('eth_getStorageAt', [address.toString(), key, tag])));
    const value = await inTree(bytesToHex(holder.storageRoot), slot, proof.storageProof[0]?.proof ?? []);
    return value === null ? new Uint8Array(0) : (fromRlp(value, 'bytes') as Uint8Array);
  };

  return {
    account,
    code: (address) => kept(codes, address.toString(), () => readCode(address)),
    storage: (address, slot) => kept(slots, `${address.toString()} ${bytesToHex(slot)}`, () => readSlot(address, slot)),
    proven: () => proves,
  };
}

function kept<T>(all: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> {
  const known = all.get(key);
  if (known !== undefined) return known;
  const reading = read();
  all.set(key, reading);
  return reading;
}

function shortest(value: Uint8Array): Uint8Array {
  const at = value.findIndex((byte) => byte !== 0);
  return at === -1 ? new Uint8Array(0) : value.subarray(at);
}

/** What calls change, over what the chain held: nothing of it goes anywhere. */
export class StateOver extends SimpleStateManager {
  readonly #remote: Remote;
  /** Contracts made anew: what lay at their address before is gone. */
  readonly #cleared = new Set<string>();

  constructor(remote: Remote, common: Common) {
    super({ common });
    this.#remote = remote;
  }

  override async getAccount(address: Address): Promise<Account | undefined> {
    const changed = this.topAccountStack();
    const key = address.toString() as Hex;
    if (changed.has(key)) return changed.get(key);
    const there = await this.#remote.account(address);
    // A copy, for the machine changes what it is given.
    return there === undefined ? undefined : Object.assign(new Account(), there);
  }

  override async getCode(address: Address): Promise<Uint8Array> {
    return this.topCodeStack().get(address.toString() as Hex) ?? (await this.#remote.code(address));
  }

  override async getStorage(address: Address, slot: Uint8Array): Promise<Uint8Array> {
    const changed = this.topStorageStack().get(`${address.toString()}_${bytesToHex(slot)}`);
    if (changed !== undefined) return changed;
    return this.#cleared.has(address.toString()) ? new Uint8Array(0) : this.#remote.storage(address, slot);
  }

  override async clearStorage(address: Address): Promise<void> {
    this.#cleared.add(address.toString());
    await super.clearStorage(address);
  }

  /** Accounts that were written. */
  touched(): readonly [string, Account | undefined][] {
    return [...this.topAccountStack()];
  }
}
