import type { Chain } from '#core/evm/chain.ts';
import type { Asset, Outcome } from '#shared/contract/wallet/review.ts';
import { type Hash32, units } from '#shared/model/evm.ts';
import { checked } from '../guards/addresses.ts';
import { isUnlimited } from '../guards/guards.ts';
import type { Look } from '../reading/look.ts';
import { refusalWords } from '../reading/refusals.ts';
import { amountWords } from '../reading/words.ts';
import type { Granted, Result } from '../simulate/protocol.ts';
import type { Trial } from '../simulate/simulate.ts';

const nothing = { gas: null, changes: [], permissions: [], block: null, rests: null } as const;

export const unknownOutcome = (reason: string): Outcome => ({
  ...nothing,
  changes: [],
  permissions: [],
  state: 'unknown',
  reason,
});

/** What a trial found, for people. */
export function outcomeOf(chain: Chain, { block, result }: Trial, look: Look): Outcome {
  const rests = chain.kind === 'own' ? 'own' : result.proven ? 'proven' : 'told';
  const about = {
    gas: units(result.gas),
    block: { number: Number(block.number), hash: block.hash as Hash32 },
    rests,
  } as const;
  if (result.refusal !== null) {
    const reason = refusalWords(result.refusal, chain.coin);
    return { ...about, state: 'refused', reason, changes: [], permissions: [] };
  }
  return {
    ...about,
    state: 'works',
    reason: null,
    changes: changesOf(chain, result, look),
    permissions: permissionsOf(result, look),
  };
}

function assetOf(result: Result, token: string, kind: Asset['kind'], id: bigint | null): Asset {
  const facts = result.tokens.find(({ address }) => address === token);
  return {
    kind,
    address: checked(token),
    symbol: facts?.symbol ?? '',
    decimals: facts?.decimals ?? 0,
    id: id === null ? null : units(id),
  };
}

function changesOf(chain: Chain, result: Result, look: Look): Outcome['changes'] {
  const coin: Asset = {
    kind: 'coin',
    address: null,
    symbol: chain.coin?.symbol ?? 'wei',
    decimals: chain.coin?.decimals ?? 0,
    id: null,
  };
  const all = [
    ...result.coin.map(({ holder, change }) => ({ holder, asset: coin, change })),
    ...result.changes.map(({ token, kind, id, holder, said, measured }) => ({
      holder,
      asset: assetOf(result, token, kind, id),
      // What its balances show counts; what it says stands in only where there is nothing to measure.
      change: measured ?? said,
    })),
  ];
  return all
    .filter(({ change }) => change !== 0n)
    .map(({ holder, asset, change }) => {
      const sign = change > 0n ? '+' : '';
      const words =
        asset.kind === 'coin' || asset.kind === 'erc20'
          ? amountWords(change, asset)
          : `${change} number ${asset.id} of ${asset.symbol || 'a collection'}`;
      return { who: look.party(holder), asset, amount: String(change), text: `${sign}${words}` };
    });
}

function permissionsOf(result: Result, look: Look): Outcome['permissions'] {
  return result.granted.map((one) => permissionOf(one, assetOf(result, one.token, one.of, one.id), look));
}

/** A right to take, in words. */
export function permissionOf(
  { kind, owner, spender, amount }: Pick<Granted, 'kind' | 'owner' | 'spender' | 'amount'>,
  asset: Asset,
  look: Pick<Look, 'party'>,
): Outcome['permissions'][number] {
  const who = look.party(spender);
  const name = who.name ?? who.address;
  const unlimited = kind === 'amount' && isUnlimited(amount);
  const symbol = asset.symbol || 'a token without a name';
  const what = {
    amount: unlimited ? `all ${symbol}, now and later` : `up to ${amountWords(amount, asset)}`,
    item: `number ${asset.id} of ${symbol}`,
    all: `every item of ${symbol}, now and later`,
  }[kind];
  return {
    kind,
    asset,
    owner: look.party(owner),
    spender: who,
    amount: kind === 'amount' || amount === 0n ? units(amount) : null,
    unlimited,
    text: amount === 0n ? `${name} may no longer take ${symbol}` : `${name} may take ${what}`,
  };
}
