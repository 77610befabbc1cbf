import type { ChainRef, EvmAddress, Hash32 } from '#shared/model/evm.ts';

/*
 * The person's accounts as those parts of Hypha use them that make deals, put contracts and register names. The wallet holds the keys.
 */

/** EIP-712 typed data, without the type `EIP712Domain`, which the domain says by itself. */
export interface TypedData {
  readonly domain: {
    readonly name?: string;
    readonly version?: string;
    readonly chainId?: bigint;
    readonly verifyingContract?: EvmAddress;
  };
  readonly types: Readonly<Record<string, readonly { readonly name: string; readonly type: string }[]>>;
  readonly primaryType: string;
  readonly message: Readonly<Record<string, unknown>>;
}

export interface Sending {
  readonly chain: ChainRef;
  readonly from: EvmAddress;
  /** Null to put a contract. */
  readonly to: EvmAddress | null;
  /** Hex; nothing unless given. */
  readonly data?: `0x${string}`;
  /** Of the chain's coin, in its smallest unit. */
  readonly value?: bigint;
  /** Asked again with the same key, what was signed first is sent again and nothing else is signed: what a saga goes on with after a crash. */
  readonly key: string;
  /**
   * `nonce` of when it was decided. Not signed when the chain has more of the account by now than the wallet knows of: all that is kept here is then
   * older than the chain, as after a backup was put back, and this may have been sent. Unless given, it is signed whatever was sent.
   */
  readonly decidedAt?: number;
  /** One line in the person's words, for the list of movements. */
  readonly about: string;
}

/** What became of a transaction, when as many blocks follow as its chain asks for. */
export interface Receipt {
  readonly hash: Hash32;
  readonly ok: boolean;
  readonly block: bigint;
  /** Seconds since 1970, by the chain's clock. */
  readonly at: number;
  readonly contract: EvmAddress | null;
  readonly logs: readonly {
    readonly address: EvmAddress;
    readonly topics: readonly Hash32[];
    readonly data: `0x${string}`;
  }[];
}

export interface Accounts {
  /** Those whose keys are here; the first one is used unless the person chose another. Empty while locked. */
  list(): readonly EvmAddress[];
  /** The one that is used unless another is named; null while locked, and on a device without the person's keys. */
  main(): EvmAddress | null;
  /** @returns 65 bytes r || s || v in hex @throws Fail LOCKED, NOT_FOUND */
  signTypedData(from: EvmAddress, data: TypedData): Promise<`0x${string}`>;
  /**
   * Sign, write down, send. @returns when the chain took it; it may still be in no block
   * @throws Fail LOCKED, NOT_FOUND, CALL_REFUSED (with the contract's reason; nothing was sent), MONEY_SHORT, TX_LOST (see `decidedAt`), and those of the chain
   */
  send(what: Sending): Promise<Hash32>;
  /** The nonce of what it sends next, as the chain has it. @throws Fail of the chain */
  nonce(chain: ChainRef, from: EvmAddress): Promise<number>;
  /** @throws Fail CHAIN_UNREACHABLE; TX_LOST when another transaction took its place */
  settled(chain: ChainRef, hash: Hash32, signal?: AbortSignal): Promise<Receipt>;
  /** The keys came or went. */
  onChange(changed: () => void): () => void;
}
