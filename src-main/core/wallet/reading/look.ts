import type { Hex } from 'viem';
import type { Party, Review } from '#shared/contract/wallet/review.ts';

/** What a contract says of itself as a token. */
export interface TokenLook {
  readonly kind: 'erc20' | 'erc721' | 'erc1155';
  readonly symbol: string;
  readonly decimals: number;
}

/** What reading needs to know of the world; addresses in any case of letters. */
export interface Look {
  party(address: string): Party;
  /** Null for what answers as no token. */
  token(address: string): Promise<TokenLook | null>;
  /** The coin of the chain; null where there is none that anybody would need. */
  readonly coin: { readonly symbol: string; readonly decimals: number } | null;
}

/** What was read of a call or of typed data. */
export type Read = Pick<Review, 'title' | 'readBy' | 'fields'> & {
  /** Of what was read: which function or type, and its values by name; null when it was not read. */
  readonly known: {
    readonly id: string;
    readonly name: string;
    readonly values: Readonly<Record<string, unknown>>;
  } | null;
};

/** Around what is described. */
export interface Container {
  readonly from: Hex;
  readonly to: Hex;
  readonly value: bigint;
}
