import { getAddress } from 'viem';
import type { Handlers } from '#core/broker/handlers.ts';
import type { Contracts } from '#core/evm/chain.ts';
import type { ledgerPublicContract, PublicChain as Shown } from '#shared/contract/ledger/public.ts';
import { chainIdOf, chainRef, type EvmAddress } from '#shared/model/evm.ts';
import { coinDecimals, type PublicChain, type PublicChains } from './chains.ts';
import { presetOf, presets } from './presets.ts';

/** The part of the contract about public chains. */
export function createPublicHandlers(chains: PublicChains): Handlers<typeof ledgerPublicContract> {
  return {
    'ledger.chains': async ({ look }) => {
      if (look) await Promise.all(chains.list().map((one) => one.pool.look()));
      return {
        chains: chains.list().map(show),
        known: presets.map(({ chainId, name, symbol, genesis, confirmations, test }) => ({
          ref: chainRef(chainId),
          ...{ name, genesis, confirmations, test },
          coin: { symbol, decimals: coinDecimals },
        })),
      };
    },
    'ledger.addChain': async (wanted, context) => {
      const chain = await chains.add(wanted, context.signal);
      context.undo('ledger.removeChain', { chain: chain.ref });
      return show(chain);
    },
    'ledger.changeChain': ({ chain, ...to }, context) => {
      const { name, confirmations } = chains.get(chain);
      const changed = chains.change(chain, to);
      context.undo('ledger.changeChain', { chain, name, confirmations });
      return show(changed);
    },
    'ledger.removeChain': ({ chain }) => {
      chains.remove(chain);
      return { chain };
    },
    'ledger.addRpc': async ({ chain, rpc }, context) => {
      const added = await chains.addRpc(chain, rpc, context.signal);
      context.undo('ledger.removeRpc', { chain, id: added.id });
      return show(added.chain);
    },
    'ledger.removeRpc': ({ chain, id }) => show(chains.removeRpc(chain, id)),
    'ledger.resumeChain': async ({ chain }) => show(await chains.resume(chain)),
    'ledger.useContracts': async ({ chain, credits, ...others }) => {
      const { deals, nodes, names, attestations } = others;
      const at = (address: EvmAddress) => getAddress(address) as EvmAddress;
      const contracts: Contracts = {
        ...{ deals: at(deals), nodes: at(nodes), names: at(names), attestations: at(attestations) },
        credits: credits === undefined ? null : at(credits),
      };
      return show(await chains.setContracts(chain, contracts));
    },
  };
}

export function show({ row, pool }: PublicChain): Shown {
  const { ref, name, genesis, confirmations, addedAt, contracts } = row;
  return {
    ...{ ref, name, genesis, confirmations, addedAt, contracts },
    test: presetOf(chainIdOf(ref))?.test ?? false,
    coin: { symbol: row.symbol, decimals: coinDecimals },
    rpcs: pool.servers.map((server, i) => ({
      id: row.rpcs[i]?.id ?? '',
      shown: server.address.shown,
      unencrypted: server.address.unencrypted,
      state: server.state() === 'good' && pool.isLate(server) ? 'late' : server.state(),
      why: server.why(),
      block: server.newest(),
      lookedAt: server.lookedAt(),
    })),
  };
}
