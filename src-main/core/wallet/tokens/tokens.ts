import type { Chain, Chains } from '#core/evm/chain.ts';
import type { Host, Logger } from '#core/host.ts';
import type { Token } from '#shared/contract/wallet/money.ts';
import type { ChainRef, EvmAddress } from '#shared/model/evm.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import { failures } from '../failures.ts';
import type { WalletPeople } from '../ports.ts';
import { readErc20 } from './erc20.ts';
import { skeleton, wellKnownLike } from './look-alikes.ts';
import { presets } from './presets.ts';
import type { TokenRow, TokenTable } from './token-table.ts';

interface Deps {
  readonly table: TokenTable;
  readonly chains: Chains;
  readonly people: WalletPeople;
  readonly host: Pick<Host, 'now'>;
  readonly log: Logger;
  readonly changed: () => void;
}

/** Each token is asked for in every look at a chain. */
const most = 200;

export type Tokens = ReturnType<typeof createTokens>;

/** What can be held: coins of the chains, credits that appear with their ledgers, presets and what the person added. */
export function createTokens({ table, chains, people, host, log, changed }: Deps) {
  const find = (chain: ChainRef, address: string): TokenRow | null => {
    const wanted = address.toLowerCase();
    return table.all().find((row) => row.chain === chain && row.address.toLowerCase() === wanted) ?? null;
  };

  const isPreset = (chain: ChainRef, address: string): boolean =>
    presets.some((one) => one.chain === chain && one.address.toLowerCase() === address.toLowerCase());

  function issuer(chain: Chain): string {
    if (chain.contact === null) return 'you';
    return people.nameOf(chain.contact) ?? 'a contact';
  }

  function warningOf(chain: Chain, row: TokenRow): string | null {
    if (row.kind === 'preset') return null;
    const like = wellKnownLike(row.symbol);
    if (like !== null) {
      return `Anybody can call a token ${row.symbol}. This one is not known to Hypha as ${like}: compare its address with what its makers say.`;
    }
    if (chain.coin !== null && skeleton(chain.coin.symbol) === skeleton(row.symbol)) {
      return `It calls itself like the coin of ${chain.name}, and is another thing.`;
    }
    const twin = table
      .all()
      .find(
        (one) =>
          !one.hidden &&
          one.chain === row.chain &&
          one.address !== row.address &&
          skeleton(one.symbol) === skeleton(row.symbol),
      );
    return twin === undefined ? null : `Another token on ${chain.name} is called ${twin.symbol} too.`;
  }

  function view(chain: Chain, row: TokenRow): Token {
    const { address, symbol, name, decimals, kind, checkedAt } = row;
    const label = kind === 'credits' ? `${symbol}, credits issued by ${issuer(chain)}` : symbol;
    const warning = warningOf(chain, row);
    return {
      chain: chain.ref,
      chainName: chain.name,
      address,
      symbol,
      name,
      decimals,
      kind,
      label,
      warning,
      checkedAt,
    };
  }

  function coin(chain: Chain): Token | null {
    if (chain.free || chain.coin === null) return null;
    const { symbol, decimals } = chain.coin;
    const about = { chain: chain.ref, chainName: chain.name, address: null, symbol, name: symbol, decimals };
    return { ...about, kind: 'coin', label: symbol, warning: null, checkedAt: null };
  }

  /** Those that are there without the person's doing. */
  const wanted = (chain: Chain): { address: EvmAddress; kind: TokenRow['kind'] }[] => [
    ...(chain.contracts?.credits ? [{ address: chain.contracts.credits, kind: 'credits' as const }] : []),
    ...presets.filter((one) => one.chain === chain.ref).map(({ address }) => ({ address, kind: 'preset' as const })),
  ];

  /** Take in what a chain brings with it. One that says something else than was expected of it is left out. */
  async function refresh(chain: Chain): Promise<void> {
    for (const { address, kind } of wanted(chain)) {
      if (find(chain.ref, address) !== null) continue;
      try {
        const said = await readErc20(chain, address);
        const preset = presets.find((one) => one.chain === chain.ref && one.address === address);
        if (preset !== undefined && (preset.symbol !== said.symbol || preset.decimals !== said.decimals)) {
          log.warn({ chain: chain.ref, address }, 'a token is not what it was expected to be, and is left out');
          continue;
        }
        table.put({ chain: chain.ref, address, ...said, kind, checkedAt: host.now(), hidden: false });
        changed();
      } catch (error) {
        if (!isFail(error)) throw error;
        log.debug({ chain: chain.ref, code: error.code }, 'a token could not be asked what it is');
      }
    }
  }

  return {
    /** Of the chains that are there: their coins first. */
    list(chain?: ChainRef): Token[] {
      const rows = table.all();
      return chains
        .list()
        .filter(({ ref }) => chain === undefined || ref === chain)
        .flatMap((one) => {
          const own = coin(one);
          const held = rows.filter((row) => row.chain === one.ref && !row.hidden).map((row) => view(one, row));
          return own === null ? held : [own, ...held];
        });
    },

    coin,
    find,
    view,
    refresh,

    /** @throws Fail NOT_FOUND, NOT_A_TOKEN, TOO_MANY and those of the chain */
    async add(ref: ChainRef, address: EvmAddress): Promise<Token> {
      const chain = chains.find(ref);
      if (chain === null) throw failures.noChain(ref);
      const known = find(ref, address);
      if (known === null && table.all().length >= most) {
        throw fail('TOO_MANY', `There are already ${most} tokens.`, {
          meaning: 'Nothing was added.',
          next: 'Remove some.',
        });
      }
      const said = await readErc20(chain, address);
      const usual = isPreset(ref, address) ? 'preset' : chain.contracts?.credits === address ? 'credits' : 'added';
      const row: TokenRow = {
        chain: ref,
        address: known?.address ?? address,
        ...said,
        kind: usual,
        checkedAt: host.now(),
        hidden: false,
      };
      table.put(row);
      changed();
      return view(chain, row);
    },

    /** @throws Fail NOT_FOUND */
    remove(ref: ChainRef, address: EvmAddress): TokenRow {
      const row = find(ref, address);
      if (row === null || row.hidden) throw failures.noToken(address);
      table.put({ ...row, hidden: true });
      changed();
      return row;
    },

    /** Asked again before money moves: what it says of itself must still be what the person saw. @throws Fail TOKEN_CHANGED and those of the chain */
    async isStill(chain: Chain, token: Token): Promise<void> {
      if (token.address === null) return;
      const said = await readErc20(chain, token.address);
      if (said.decimals === token.decimals && said.symbol === token.symbol) return;
      throw fail('TOKEN_CHANGED', `The token ${token.symbol} says something else of itself than when it was added.`, {
        meaning: 'Nothing was sent: the same number could be another amount now.',
        next: 'Remove it and add it again, if you still trust it; or ask this chain at another address.',
      });
    },
  };
}
