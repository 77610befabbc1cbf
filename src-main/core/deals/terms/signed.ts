import { type Hex, hashTypedData, recoverAddress } from 'viem';
import type { TypedData } from '#core/evm/accounts.ts';
import type { EvmAddress, Hash32 } from '#shared/model/evm.ts';

/*
 * What the parties of a deal sign, as contracts/src/DealTerms.sol has it (EIP-712, domain "Hypha Deals", version 1). A receipt of
 * service is signed in the same domain and handed to no contract: it is what a refund is agreed on with.
 */

export interface Offer {
  readonly provider: EvmAddress;
  /** Zero: whoever accepts first. */
  readonly tenant: EvmAddress;
  readonly node: Hash32;
  readonly spec: Hash32;
  readonly token: EvmAddress;
  /** Smallest units a second. */
  readonly rate: bigint;
  readonly minDeposit: bigint;
  readonly grace: number;
  readonly window: number;
  readonly notice: number;
  readonly startWithin: number;
  readonly arbiter: EvmAddress;
  readonly fallbackShare: number;
  readonly whole: boolean;
  readonly times: number;
  /** Seconds since 1970. */
  readonly expires: bigint;
  readonly salt: bigint;
}

export interface Acceptance {
  readonly offer: Hash32;
  readonly tenant: EvmAddress;
  readonly deposit: bigint;
  readonly expires: bigint;
  readonly salt: bigint;
}

export interface Refund {
  readonly deal: Hash32;
  readonly index: number;
  readonly amount: bigint;
}

export interface Settlement {
  readonly deal: Hash32;
  readonly toProvider: bigint;
}

/** That an account is a person's: for an offer of theirs, or a deal. It is handed to no contract. */
export interface Belonging {
  readonly statement: Hash32;
  /** Their id (`hy1…`). */
  readonly person: string;
}

export interface ServiceReceipt {
  readonly deal: Hash32;
  /** Seconds since 1970, by the chain's clock. */
  readonly from: bigint;
  readonly until: bigint;
  readonly up: bigint;
  readonly traffic: bigint;
}

const types = {
  Offer: [
    ['address', 'provider'],
    ['address', 'tenant'],
    ['bytes32', 'node'],
    ['bytes32', 'spec'],
    ['address', 'token'],
    ['uint128', 'rate'],
    ['uint128', 'minDeposit'],
    ['uint32', 'grace'],
    ['uint32', 'window'],
    ['uint32', 'notice'],
    ['uint32', 'startWithin'],
    ['address', 'arbiter'],
    ['uint16', 'fallbackShare'],
    ['bool', 'whole'],
    ['uint32', 'times'],
    ['uint64', 'expires'],
    ['uint256', 'salt'],
  ],
  Acceptance: [
    ['bytes32', 'offer'],
    ['address', 'tenant'],
    ['uint128', 'deposit'],
    ['uint64', 'expires'],
    ['uint256', 'salt'],
  ],
  Refund: [
    ['bytes32', 'deal'],
    ['uint32', 'index'],
    ['uint128', 'amount'],
  ],
  Settlement: [
    ['bytes32', 'deal'],
    ['uint128', 'toProvider'],
  ],
  Receipt: [
    ['bytes32', 'deal'],
    ['uint64', 'from'],
    ['uint64', 'until'],
    ['uint64', 'up'],
    ['uint128', 'traffic'],
  ],
  Belonging: [
    ['bytes32', 'statement'],
    ['string', 'person'],
  ],
} as const;

interface Messages {
  readonly Offer: Offer;
  readonly Acceptance: Acceptance;
  readonly Refund: Refund;
  readonly Settlement: Settlement;
  readonly Receipt: ServiceReceipt;
  readonly Belonging: Belonging;
}

/** The contract that a statement is made for, and its chain: part of what is signed. */
export interface Venue {
  readonly chainId: bigint;
  readonly deals: EvmAddress;
}

export function statement<K extends keyof Messages>(venue: Venue, kind: K, message: Messages[K]): TypedData {
  return {
    domain: { name: 'Hypha Deals', version: '1', chainId: venue.chainId, verifyingContract: venue.deals },
    types: { [kind]: types[kind].map(([type, name]) => ({ name, type })) },
    primaryType: kind,
    message: { ...message },
  };
}

/** The EIP-712 digest; of an offer its id, of an acceptance the deal's. */
export const digestOf = (data: TypedData): Hash32 =>
  hashTypedData(data as unknown as Parameters<typeof hashTypedData>[0]) as Hash32;

/** Whether somebody signed it with the key of an account. Accounts that are contracts sign in a way of their own and are not taken for one. */
export async function isSignedBy(data: TypedData, signature: string, signer: EvmAddress): Promise<boolean> {
  if (!/^0x[0-9a-fA-F]{130}$/.test(signature) || BigInt(signer) === 0n) return false;
  // The upper half of s signs the same once more (EIP-2); the contract refuses it.
  if (BigInt(`0x${signature.slice(66, 130)}`) > 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n)
    return false;
  try {
    const found = await recoverAddress({ hash: digestOf(data), signature: signature as Hex });
    return found.toLowerCase() === signer.toLowerCase();
  } catch {
    return false;
  }
}
