import type { ChainRef, EvmAddress, Hash32 } from '#shared/model/evm.ts';

/*
 * A chain as those parts of Hypha see it that read it and send to it: the person's own ledger, a contact's, or any chain of Ethereum's kind behind
 * an RPC address. Who answers is the ledger domain's business; what is asked is the same for all.
 */

/** As EIP-1193 has it. */
export interface Asking {
  /**
   * @param params as the method of the Ethereum JSON-RPC API wants them
   * @throws Fail CHAIN_UNREACHABLE, CHAIN_WRONG (it is not the chain that was pinned), CHAIN_RESTS (another incarnation, or its operator told
   *   two stories), CHAIN_SAID with `data.code`, `data.message` and, of a refused call, `data.data` (hex)
   */
  request(method: string, params?: readonly unknown[], options?: { readonly signal?: AbortSignal }): Promise<unknown>;
}

/** Where Hypha's contracts lie on a chain; their code was compared with what Hypha was built with. */
export interface Contracts {
  readonly deals: EvmAddress;
  readonly nodes: EvmAddress;
  readonly names: EvmAddress;
  readonly attestations: EvmAddress;
  /** What the operator of the ledger promises; null on a chain that belongs to nobody. */
  readonly credits: EvmAddress | null;
}

export interface Chain extends Asking {
  readonly ref: ChainRef;
  /** `own` runs here; `contact` is a contact's, asked over the mesh; `public` is asked by an RPC address. */
  readonly kind: 'own' | 'contact' | 'public';
  readonly chainId: bigint;
  /** Hash of its first block, as it was pinned when the chain was added. */
  readonly genesis: Hash32;
  /** What the person calls it. */
  readonly name: string;
  /** Contact id of whose ledger it is; null for one's own and for public chains. */
  readonly contact: string | null;
  /** Blocks that must follow before anything counts as done; 0 where what is answered is durable. */
  readonly confirmations: number;
  /** Transactions cost nothing: there is no coin that anybody would need. */
  readonly free: boolean;
  /** Null where they were not put yet. */
  readonly contracts: Contracts | null;
  /** Symbol of the coin that pays for transactions, and its decimals; null where they are free. */
  readonly coin: { readonly symbol: string; readonly decimals: number } | null;
}

export interface Chains {
  list(): readonly Chain[];
  /** Null for one that is not known. */
  find(ref: ChainRef): Chain | null;
  /** Called when chains came, went or changed. */
  onChange(changed: () => void): () => void;
}
