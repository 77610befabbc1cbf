import type { Chain, Chains } from '#core/evm/chain.ts';
import type { Token } from '#shared/contract/wallet/money.ts';
import { parseAmount } from '#shared/model/amount.ts';
import type { ChainRef, EvmAddress } from '#shared/model/evm.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import type { Book, Party } from '../book/book.ts';
import { failures } from '../failures.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { Tokens } from '../tokens/tokens.ts';

/** What somebody wants to send, as they say it. */
export interface Wish {
  readonly to: string;
  readonly amount: string;
  readonly token: string;
  readonly chain?: ChainRef | undefined;
  readonly account?: EvmAddress | undefined;
}

/** The same, with nothing left to guess. */
export interface Transfer {
  readonly chain: Chain;
  readonly from: EvmAddress;
  readonly to: Party;
  readonly token: Token;
  readonly amount: bigint;
}

const nothing = 'Nothing was sent and nothing was paid.';

export interface Resolve {
  /**
   * @throws Fail LOCKED, NOT_FOUND, WATCH_ONLY, TOKEN_UNKNOWN, TOKEN_UNCLEAR, NO_ADDRESS, BAD_RECIPIENT, BAD_CHECKSUM, BAD_AMOUNT
   */
  now(wish: Wish): Transfer;
  /** The same, after the chains were asked for a token that is not known yet. */
  asked(wish: Wish): Promise<Transfer>;
}

export function createResolve(parts: {
  readonly chains: Chains;
  readonly tokens: Tokens;
  readonly book: Book;
  readonly keyring: Keyring;
}): Resolve {
  const { chains, tokens, book, keyring } = parts;

  /** @throws Fail LOCKED, NOT_FOUND, WATCH_ONLY */
  function accountOf(named: EvmAddress | undefined): EvmAddress {
    const all = keyring.accounts();
    if (named === undefined) {
      const main = keyring.signers()[0];
      if (main === undefined) throw failures.locked();
      return main;
    }
    const row = all.find(({ address }) => address.toLowerCase() === named.toLowerCase());
    if (row === undefined) throw failures.noAccount(named);
    if (row.kind === 'watched') throw failures.watched(row.address);
    return row.address;
  }

  /** By symbol or address; a symbol must mean one token only. @throws Fail TOKEN_UNKNOWN, TOKEN_UNCLEAR, NOT_FOUND */
  function tokenOf(named: string, ref: ChainRef | undefined): Token {
    if (ref !== undefined && chains.find(ref) === null) throw failures.noChain(ref);
    const wanted = named.toLowerCase();
    const found = tokens
      .list(ref)
      .filter(({ symbol, address }) => symbol.toLowerCase() === wanted || address?.toLowerCase() === wanted);
    const [one, ...others] = found;
    if (one === undefined) {
      throw fail('TOKEN_UNKNOWN', `No token ${named} is known here.`, {
        meaning: nothing,
        next: 'Look at the list of your tokens, or add it by its address.',
      });
    }
    if (others.length === 0) return one;
    const where = found.map(
      ({ label, chainName, address }) => `${label} on ${chainName}${address === null ? '' : ` (${address})`}`,
    );
    throw fail('TOKEN_UNCLEAR', `${named} could mean several: ${where.join('; ')}.`, {
      meaning: nothing,
      next: 'Name the chain, or the address of the token’s contract.',
      data: { tokens: found.map(({ chain, address }) => ({ chain, address })) },
    });
  }

  function now({ to, amount, token: named, chain: ref, account }: Wish): Transfer {
    const from = accountOf(account);
    const token = tokenOf(named, ref);
    const chain = chains.find(token.chain);
    if (chain === null) throw failures.noChain(token.chain);
    const party = book.resolve(to);
    if (token.address !== null && party.address.toLowerCase() === token.address.toLowerCase()) {
      throw fail('BAD_RECIPIENT', `This is the contract of ${token.symbol} itself.`, {
        meaning: `${nothing} What is sent there is lost.`,
        next: 'Give the address of the person who is to get it.',
      });
    }
    const sum = parseAmount(amount, token.decimals);
    if (sum === null) {
      throw fail('BAD_AMOUNT', `${token.symbol} has ${token.decimals} digits after the point, and not more.`, {
        meaning: nothing,
        next: 'Give fewer digits.',
      });
    }
    if (sum === 0n) throw fail('BAD_AMOUNT', 'This is nothing.', { meaning: nothing, next: 'Give an amount.' });
    return { chain, from, to: party, token, amount: sum };
  }

  return {
    now,
    async asked(wish) {
      try {
        return now(wish);
      } catch (error) {
        if (!isFail(error, 'TOKEN_UNKNOWN')) throw error;
      }
      const some = chains.list().filter(({ ref }) => wish.chain === undefined || ref === wish.chain);
      await Promise.all(some.map(tokens.refresh));
      return now(wish);
    },
  };
}
