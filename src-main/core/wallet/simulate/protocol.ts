import type { Hex } from 'viem';

/* What the thread that tries calls is asked, and what it answers. Addresses and slots in lower case. */

export interface BlockFacts {
  readonly number: bigint;
  readonly hash: Hex;
  readonly stateRoot: Hex;
  /** Seconds since 1970. */
  readonly timestamp: bigint;
  readonly gasLimit: bigint;
  readonly coinbase: Hex;
  readonly mixHash: Hex;
}

export interface Tried {
  readonly from: Hex;
  /** Null to put a contract. */
  readonly to: Hex | null;
  readonly data: Hex;
  readonly value: bigint;
}

export interface Job {
  /** `own`: those of a ledger of ours; `public`: Ethereum's. */
  readonly rules: 'own' | 'public';
  readonly chainId: bigint;
  /** After which it is tried, as the first of the next one. */
  readonly block: BlockFacts;
  /** Time of that next block, seconds since 1970. */
  readonly at: bigint;
  readonly call: Tried;
  /** Tokens whose balance is compared also where no log speaks of them. */
  readonly watch: readonly Hex[];
}

export interface Log {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

export type TokenKind = 'erc20' | 'erc721' | 'erc1155';

export interface TokenFacts {
  readonly address: Hex;
  readonly kind: TokenKind;
  readonly symbol: string;
  readonly decimals: number;
}

export interface TokenChange {
  readonly token: Hex;
  readonly kind: TokenKind;
  /** Of an item; null where all are alike. */
  readonly id: bigint | null;
  readonly holder: Hex;
  /** What the logs add up to. */
  readonly said: bigint;
  /** By what the token answers before and after; null where it gave no answer. */
  readonly measured: bigint | null;
}

export interface Granted {
  readonly token: Hex;
  readonly kind: 'amount' | 'item' | 'all';
  readonly of: TokenKind;
  readonly owner: Hex;
  readonly spender: Hex;
  /** What the token answers afterwards; of an item its id; of all 1 or 0. */
  readonly amount: bigint;
  readonly id: bigint | null;
}

export type Refusal =
  | { readonly kind: 'reverted'; readonly data: Hex }
  /** The sender has less of the coin than it sends. */
  | { readonly kind: 'money'; readonly has: bigint }
  | { readonly kind: 'halted'; readonly error: string };

export interface Result {
  /** Null: it works. */
  readonly refusal: Refusal | null;
  readonly gas: bigint;
  readonly returned: Hex;
  readonly created: Hex | null;
  readonly logs: readonly Log[];
  readonly coin: readonly { readonly holder: Hex; readonly change: bigint }[];
  readonly changes: readonly TokenChange[];
  readonly granted: readonly Granted[];
  readonly tokens: readonly TokenFacts[];
  /** Those of the call's parties that have code. */
  readonly contracts: readonly Hex[];
  /** Everything it read was proved to belong to the block's state. */
  readonly proven: boolean;
}

/** What the thread asks the chain by; a JSON-RPC method and what it answers. */
export type Ask = (method: string, params: readonly unknown[]) => Promise<unknown>;

export type SimulateCalls = {
  run(job: Job): Promise<Result>;
};
export type SimulateAsks = {
  ask: Ask;
};
