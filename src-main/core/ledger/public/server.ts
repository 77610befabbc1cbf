import type { Host } from '#core/host.ts';
import type { Hash32 } from '#shared/model/evm.ts';
import { type RpcAddress, readRpcAddress } from './address.ts';
import { createEndpoint, type Endpoint, Unanswered } from './endpoint.ts';

/** What a server has to be a server of. */
export interface Pinned {
  readonly chainId: bigint;
  readonly genesis: Hash32;
}

export type ServerState =
  /** Not asked yet. */
  | 'new'
  | 'good'
  /** Gives no answer for now. */
  | 'away'
  /** Of another chain than the one that was pinned. */
  | 'wrongChain'
  /** Tells of blocks what most others, or what it said before, contradicts. */
  | 'differs';

/** One server of a chain and what is known of it. */
export interface Server {
  readonly address: RpcAddress;
  state(): ServerState;
  /** What is the matter, as part of a sentence; null when nothing is. */
  why(): string | null;
  /** Its newest block when it was last looked at. */
  newest(): number | null;
  /** When it was last looked at, in milliseconds since 1970. */
  lookedAt(): number | null;
  /** It may be asked now. */
  usable(): boolean;
  ask: Endpoint['ask'];
  /** Ask which chain it serves and how far it is. Never throws. */
  look(): Promise<void>;
  /** It was found to tell what is not so. */
  contradicted(why: string): void;
}

/** After a failure a server is left alone for so long, twice as long after each more. */
const firstRestMs = 2_000;
const longestRestMs = 300_000;
/** The first block does not change: only another server behind the same address has another. */
const genesisHoldsMs = 3_600_000;

export function createServer(url: string, pinned: Pinned, host: Pick<Host, 'now'>, withinMs?: number): Server {
  const endpoint = createEndpoint(readRpcAddress(url), withinMs);
  let state: ServerState = 'new';
  let why: string | null = null;
  let newest: number | null = null;
  let lookedAt: number | null = null;
  let failures = 0;
  let restsUntil = 0;
  let genesisAt = 0;

  const set = (next: ServerState, because: string | null): void => {
    state = next;
    why = because;
  };
  const away = (because: string): void => {
    set('away', because);
    restsUntil = host.now() + Math.min(longestRestMs, firstRestMs * 2 ** failures);
    failures += 1;
  };
  const known = async (method: string, params: readonly unknown[]): Promise<unknown> => {
    const said = await endpoint.ask(method, params);
    if ('error' in said) throw new Unanswered(`it said: ${said.error.message}`);
    return said.result;
  };

  return {
    address: endpoint.address,
    state: () => state,
    why: () => why,
    newest: () => newest,
    lookedAt: () => lookedAt,
    usable: () => state === 'good' || (state !== 'wrongChain' && state !== 'differs' && host.now() >= restsUntil),
    async ask(method, params, signal) {
      try {
        const said = await endpoint.ask(method, params, signal);
        failures = 0;
        return said;
      } catch (error) {
        if (error instanceof Unanswered) away(error.message);
        throw error;
      }
    },
    async look() {
      const wasDifferent = state === 'differs';
      try {
        const chain = await known('eth_chainId', []);
        if (!isNumber(chain)) throw new Unanswered('it does not say which chain it serves');
        if (BigInt(chain) !== pinned.chainId) return set('wrongChain', `it serves the chain ${BigInt(chain)}`);
        if (host.now() - genesisAt > genesisHoldsMs || state !== 'good') {
          const first = (await known('eth_getBlockByNumber', ['0x0', false])) as { hash?: unknown } | null;
          if (typeof first?.hash !== 'string') throw new Unanswered('it does not show the first block');
          if (first.hash !== pinned.genesis) return set('wrongChain', 'the first block of its chain is another');
          genesisAt = host.now();
        }
        const block = await known('eth_blockNumber', []);
        if (!isNumber(block)) throw new Unanswered('it does not say how far it is');
        newest = Number(BigInt(block));
        failures = 0;
        // What contradicted others is not good again because it answers.
        if (!wasDifferent) set('good', null);
      } catch (error) {
        if (!wasDifferent) away(error instanceof Unanswered ? error.message : String(error));
      } finally {
        lookedAt = host.now();
      }
    },
    contradicted: (because) => set('differs', because),
  };
}

const isNumber = (value: unknown): value is string => typeof value === 'string' && /^0x[0-9a-fA-F]{1,16}$/.test(value);
