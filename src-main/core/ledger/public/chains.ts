import { toHex } from '#core/crypto/encoding.ts';
import type { Chain, Chains, Contracts } from '#core/evm/chain.ts';
import { compareContracts } from '#core/evm/code.ts';
import type { Emit, Host } from '#core/host.ts';
import type { Database } from '#core/store/database.ts';
import { type ChainRef, chainIdOf, chainRef, type Hash32 } from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';
import { type RpcAddress, readRpcAddress } from './address.ts';
import { createEndpoint, Unanswered } from './endpoint.ts';
import { createPool, type Pool } from './pool.ts';
import { presetOf } from './presets.ts';
import { createPublicStore, type PublicChainRow, type Rpc } from './store.ts';

const mostChains = 32;
const mostRpcs = 5;
/** Every chain of this kind counts its coin so. */
export const coinDecimals = 18;

export interface PublicChainsOptions {
  readonly database: Database;
  readonly host: Pick<Host, 'now' | 'random'>;
  readonly emit: Emit;
  /** Name of the ledger that has this chain id already, the person's own or a contact's; null when none has. */
  readonly taken: (chainId: bigint) => string | null;
  /** How long one server may take for one question. */
  readonly withinMs?: number;
}

/** A public chain with what it is made of. */
export interface PublicChain extends Chain {
  readonly row: PublicChainRow;
  readonly pool: Pool;
}

/** The public chains that the person added, each asked through its RPC servers. */
export function createPublicChains({ database, host, emit, taken, withinMs }: PublicChainsOptions) {
  const store = createPublicStore(database);
  const chains = new Map<ChainRef, PublicChain>();
  const listeners = new Set<() => void>();

  const changed = (ref: ChainRef): void => {
    emit({ topic: 'ledger', ids: [ref] });
    for (const listener of listeners) listener();
  };

  const open = (row: PublicChainRow): PublicChain => {
    const { ref, genesis, name, confirmations } = row;
    const chainId = chainIdOf(ref);
    const pool = createPool({
      ...{ chainId, genesis, name, confirmations, host },
      urls: row.rpcs.map(({ url }) => url),
      checkpoint: { get: () => store.checkpoint(ref), set: (at) => store.setCheckpoint(ref, at) },
      onChange: () => emit({ topic: 'ledger', ids: [ref] }),
      ...(withinMs === undefined ? {} : { withinMs }),
    });
    return {
      ...{ ref, kind: 'public', chainId, genesis, name, contact: null, confirmations, free: false, row, pool },
      coin: { symbol: row.symbol, decimals: coinDecimals },
      contracts: row.contracts,
      request: pool.request,
    };
  };
  const keep = (row: PublicChainRow): PublicChain => {
    store.save(row);
    const chain = open(row);
    chains.set(row.ref, chain);
    changed(row.ref);
    return chain;
  };
  const get = (ref: ChainRef): PublicChain => {
    const chain = chains.get(ref);
    if (chain === undefined) {
      throw fail('NOT_FOUND', `You added no chain ${ref}.`, {
        next: 'Look at the list of public chains.',
        data: { what: 'chain' },
      });
    }
    return chain;
  };
  const newRpc = (address: RpcAddress): Rpc => ({ id: toHex(host.random(8)), url: address.url });

  for (const row of store.all()) chains.set(row.ref, open(row));

  return {
    list: (): readonly PublicChain[] => [...chains.values()],
    find: (ref: ChainRef): PublicChain | null => chains.get(ref) ?? null,
    onChange(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    get,
    secretOf: (export_: Hash32, { ref }: Chain): Hash32 =>
      store.secretOf(export_, ref, () => `0x${toHex(host.random(32))}` as Hash32),
    /** @throws Fail RPC_INVALID, CHAIN_UNREACHABLE, CHAIN_WRONG, CHAIN_TAKEN, CHAINS_FULL */
    async add(wanted: Wanted, signal?: AbortSignal): Promise<PublicChain> {
      const address = readRpcAddress(wanted.rpc);
      if (chains.size >= mostChains) {
        throw fail('CHAINS_FULL', `There are ${mostChains} public chains already.`, { next: 'Remove one first.' });
      }
      const found = await identify(address, withinMs, signal);
      const ref = chainRef(found.chainId);
      const preset = presetOf(found.chainId);
      if (wanted.chain !== undefined && wanted.chain !== ref)
        throw wrongChain(address, `it serves ${preset?.name ?? ref}, not ${wanted.chain}`);
      if (preset !== null && preset.genesis !== found.genesis)
        throw wrongChain(address, `it says that it serves ${preset.name}, but shows another first block`);
      const other = chains.get(ref)?.name ?? taken(found.chainId);
      if (other !== null) {
        throw fail('CHAIN_TAKEN', `The chain ${ref} is here already: ${other}.`, {
          meaning: 'What is signed for one chain would hold on another of the same number, so there is one of each.',
          next: chains.has(ref) ? 'Add the address to that chain.' : 'Use another chain.',
          data: { chain: ref },
        });
      }
      return keep({
        ref,
        genesis: found.genesis,
        name: wanted.name ?? preset?.name ?? `Chain ${found.chainId}`,
        symbol: wanted.coin ?? preset?.symbol ?? 'ETH',
        rpcs: [newRpc(address)],
        confirmations: wanted.confirmations ?? preset?.confirmations ?? 12,
        addedAt: host.now(),
        contracts: null,
        puts: 0,
      });
    },
    change(ref: ChainRef, { name, confirmations }: Pick<Wanted, 'name' | 'confirmations'>): PublicChain {
      const { row } = get(ref);
      return keep({ ...row, name: name ?? row.name, confirmations: confirmations ?? row.confirmations });
    },
    remove(ref: ChainRef): void {
      get(ref);
      store.remove(ref);
      chains.delete(ref);
      changed(ref);
    },
    /** @throws Fail RPC_INVALID, RPC_TAKEN, RPCS_FULL, CHAIN_UNREACHABLE, CHAIN_WRONG */
    async addRpc(ref: ChainRef, text: string, signal?: AbortSignal): Promise<{ chain: PublicChain; id: string }> {
      const { row, genesis, chainId, name } = get(ref);
      const address = readRpcAddress(text);
      if (row.rpcs.some(({ url }) => url === address.url))
        throw fail('RPC_TAKEN', `${address.shown} is asked about ${name} already.`);
      if (row.rpcs.length >= mostRpcs)
        throw fail('RPCS_FULL', `${name} has ${mostRpcs} addresses already.`, { next: 'Remove one first.' });
      const found = await identify(address, withinMs, signal);
      if (found.chainId !== chainId) throw wrongChain(address, `it serves the chain ${found.chainId}, not ${name}`);
      if (found.genesis !== genesis) throw wrongChain(address, `the first block of its chain is not that of ${name}`);
      const rpc = newRpc(address);
      // As it is now: the question took its time.
      const now = get(ref).row;
      return { chain: keep({ ...now, rpcs: [...now.rpcs, rpc].slice(0, mostRpcs) }), id: rpc.id };
    },
    removeRpc(ref: ChainRef, id: string): PublicChain {
      const { row, name } = get(ref);
      const rpcs = row.rpcs.filter((one) => one.id !== id);
      if (rpcs.length === row.rpcs.length)
        throw fail('NOT_FOUND', `${name} has no address ${id}.`, { data: { what: 'rpc' } });
      if (rpcs.length === 0) {
        throw fail('RPC_LAST', `It is the last address of ${name}.`, {
          next: 'Add another one first, or remove the chain.',
        });
      }
      return keep({ ...row, rpcs });
    },
    /** Forget what the chain was known to be, and look at all its servers again. */
    async resume(ref: ChainRef): Promise<PublicChain> {
      const { row } = get(ref);
      store.setCheckpoint(ref, null);
      const chain = keep(row);
      await chain.pool.look();
      return chain;
    },
    /** @throws Fail CODE_DIFFERS, and those of the chain; nothing was kept then */
    async setContracts(ref: ChainRef, contracts: Contracts, puts = 0): Promise<PublicChain> {
      const chain = get(ref);
      const other = await compareContracts(chain, chain.chainId, contracts);
      if (other !== null) {
        throw fail('CODE_DIFFERS', `What lies at ${other.at} is not the contract “${other.contract}” of Hypha.`, {
          meaning:
            other.found === 'none'
              ? 'No contract lies there at all. Nothing was changed.'
              : 'Money that went there could be lost. Nothing was changed.',
          next: 'Ask whoever gave you the address, or put the contracts there yourself.',
          data: { ...other },
        });
      }
      const { row } = get(ref);
      return keep({ ...row, contracts, puts: row.puts + puts });
    },
  } satisfies Chains & Record<string, unknown>;
}

export type PublicChains = ReturnType<typeof createPublicChains>;

export interface Wanted {
  readonly rpc: string;
  readonly chain?: ChainRef | undefined;
  readonly name?: string | undefined;
  readonly coin?: string | undefined;
  readonly confirmations?: number | undefined;
}

/** Ask a server that is not known yet which chain it serves. @throws Fail CHAIN_UNREACHABLE, CHAIN_WRONG */
async function identify(address: RpcAddress, withinMs: number | undefined, signal?: AbortSignal) {
  const endpoint = createEndpoint(address, withinMs);
  const ask = async (method: string, params: readonly unknown[]): Promise<unknown> => {
    try {
      const said = await endpoint.ask(method, params, signal);
      if ('error' in said) throw new Unanswered(`it said: ${said.error.message}`);
      return said.result;
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      throw fail('CHAIN_UNREACHABLE', `${address.shown} cannot be asked: ${error.message}.`, {
        meaning: 'Nothing was changed.',
        next: 'Check the address and the internet connection.',
      });
    }
  };
  const said = await ask('eth_chainId', []);
  const chainId = typeof said === 'string' && /^0x[0-9a-fA-F]{1,16}$/.test(said) ? BigInt(said) : 0n;
  if (chainId < 1n || chainId > BigInt(Number.MAX_SAFE_INTEGER))
    throw wrongChain(address, 'it names no chain that wallets can sign for');
  const first = (await ask('eth_getBlockByNumber', ['0x0', false])) as { hash?: unknown } | null;
  const genesis = first?.hash;
  if (typeof genesis !== 'string' || !/^0x[0-9a-f]{64}$/.test(genesis))
    throw wrongChain(address, 'it does not show the first block of its chain');
  return { chainId, genesis: genesis as Hash32 };
}

const wrongChain = (address: RpcAddress, why: string) =>
  fail('CHAIN_WRONG', `${address.shown} cannot be used: ${why}.`, {
    meaning: 'Nothing was changed and nothing was signed.',
    next: 'Give the address of a server of the chain that you want.',
  });
