import { createRequire } from 'node:module';

/** What of the program's interface is used here; it promises none, so its version is pinned. */
interface Edr {
  readonly EdrContext: new () => {
    registerProviderFactory(chain: string, factory: unknown): Promise<void>;
    createProvider(
      chain: string,
      config: object,
      logger: object,
      subscriptions: object,
      decoder: unknown,
    ): Promise<{ handleRequest(request: string): Promise<{ readonly data: unknown }> }>;
  };
  readonly ContractDecoder: new () => unknown;
  readonly L1_CHAIN_TYPE: string;
  readonly L1Hardfork: { readonly Cancun: number };
  readonly MineOrdering: { readonly Fifo: string };
  l1ProviderFactory(): unknown;
  l1HardforkToString(hardfork: number): string;
}

/** The library of its package for this system; null where there is none. */
export function edr(): Edr | null {
  try {
    return createRequire(import.meta.url)('@nomicfoundation/edr-linux-x64-gnu') as Edr;
  } catch {
    return null;
  }
}

type Context = InstanceType<Edr['EdrContext']>;
let shared: Promise<Context> | null = null;

/** It asks to be begun once a process. */
function contextOf(library: Edr): Promise<Context> {
  shared ??= (async () => {
    const context = new library.EdrContext();
    await context.registerProviderFactory(library.L1_CHAIN_TYPE, library.l1ProviderFactory());
    return context;
  })();
  return shared;
}

interface Genesis {
  readonly chainId: bigint;
  /** Seconds since 1970. */
  readonly at: number;
  /** 20 bytes. */
  readonly coinbase: Uint8Array;
}

/** A chain of a third make, in this process, with no accounts and no fees; it makes a block when it is told to. */
export async function startEdr(library: Edr, { chainId, at, coinbase }: Genesis) {
  const context = await contextOf(library);
  const config = {
    allowBlocksWithSameTimestamp: false,
    allowUnlimitedContractSize: false,
    bailOnCallFailure: false,
    bailOnTransactionFailure: false,
    blockGasLimit: 30_000_000n,
    defaultTransactionGasLimit: 30_000_000n,
    network: { genesisBlockGasLimit: 30_000_000n, genesisBlockTime: BigInt(at) },
    ...{ chainId, networkId: chainId, coinbase },
    genesisState: [],
    hardfork: library.l1HardforkToString(library.L1Hardfork.Cancun),
    initialBaseFeePerGas: 0n,
    minGasPrice: 0n,
    mining: { autoMine: false, memPool: { order: library.MineOrdering.Fifo } },
    ownedAccounts: [],
    observability: {},
    precompileOverrides: [],
  };
  const logger = { enable: false, decodeConsoleLogInputsCallback: () => [], printLineCallback: () => {} };
  const subscriptions = { subscriptionCallback: () => {} };
  const provider = await context.createProvider(
    library.L1_CHAIN_TYPE,
    config,
    logger,
    subscriptions,
    new library.ContractDecoder(),
  );
  return {
    async ask(method: string, params: readonly unknown[] = []): Promise<unknown> {
      const { data } = await provider.handleRequest(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
      const { result, error } = (typeof data === 'string' ? JSON.parse(data) : data) as {
        result?: unknown;
        error?: { message: string };
      };
      if (error !== undefined) throw new Error(`${method}: ${error.message}`);
      return result;
    },
  };
}
