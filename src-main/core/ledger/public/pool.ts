import { type Hex, keccak256 } from 'viem';
import type { Asking } from '#core/evm/chain.ts';
import type { Host } from '#core/host.ts';
import { fail } from '#shared/rpc/fail.ts';
import { Unanswered } from './endpoint.ts';
import { createServer, type Pinned, type Server } from './server.ts';
import { compared, impossible, numberIn, reachOf, sameness } from './told.ts';

/** A block that is as deep as the person asks for, and what it was when it was. */
export interface Checkpoint {
  readonly number: number;
  readonly hash: string;
}

export interface PoolOptions extends Pinned {
  readonly name: string;
  readonly urls: readonly string[];
  /** Blocks that must follow before a block counts. */
  readonly confirmations: number;
  readonly host: Pick<Host, 'now'>;
  /** Kept over restarts. */
  readonly checkpoint: { get(): Checkpoint | null; set(next: Checkpoint): void };
  /** What is known of a server changed. */
  readonly onChange: () => void;
  /** How long one server may take for one question. */
  readonly withinMs?: number;
}

export interface Pool extends Asking {
  readonly servers: readonly Server[];
  /** It is behind the others by more than what does not count yet. */
  isLate(server: Server): boolean;
  /** Look at each server again. */
  look(): Promise<void>;
}

/** Servers are looked at again when somebody asks, after so long. Nobody is asked while nobody asks. */
const lookEveryMs = 60_000;
/** While none can be asked. */
const lookAgainMs = 2_000;
/** So far behind the others, besides the confirmations, a server is asked after them. */
const slack = 5;

/** A chain asked through one or several servers, none of which is trusted with more than it takes. */
export function createPool(options: PoolOptions): Pool {
  const { name, host, confirmations, checkpoint, onChange } = options;
  const servers = options.urls.map((url) => createServer(url, options, host, options.withinMs));
  let looking: Promise<void> | null = null;
  let lookedAt = Number.NEGATIVE_INFINITY;

  const newest = () => Math.max(0, ...servers.filter((one) => one.state() === 'good').map((one) => one.newest() ?? 0));
  const isLate = (one: Server) => (one.newest() ?? 0) + confirmations + slack < newest();
  /** Those that may be asked, those first that are not behind. */
  const usable = (): Server[] => {
    const may = servers.filter((one) => one.usable());
    return [...may.filter((one) => !isLate(one)), ...may.filter(isLate)];
  };

  const hashAt = async (server: Server, number: number): Promise<string | null> => {
    const said = await server.ask('eth_getBlockByNumber', [`0x${number.toString(16)}`, false]);
    const hash = 'result' in said ? (said.result as { hash?: unknown } | null)?.hash : null;
    return typeof hash === 'string' ? hash : null;
  };

  /** What each says of one block; those that do not answer are left out. */
  const hashes = async (number: number) => {
    const good = servers.filter((one) => one.state() === 'good' && (one.newest() ?? -1) >= number);
    const said = await Promise.all(
      good.map(async (server) => ({ server, hash: await hashAt(server, number).catch(() => null) })),
    );
    return said.filter((one): one is { server: Server; hash: string } => one.hash !== null);
  };

  const lookNow = async (): Promise<void> => {
    await Promise.all(servers.map((one) => one.look()));
    const before = checkpoint.get();
    if (before !== null) {
      const said = await hashes(before.number);
      const others = said.filter(({ hash }) => hash !== before.hash);
      for (const { server } of others)
        server.contradicted(`it tells of block ${before.number} something else than was known`);
    }
    // Of the deepest that all have: what is newer differs between honest servers for a while.
    const good = servers.filter((one) => one.state() === 'good');
    const settled = Math.min(...good.map((one) => one.newest() ?? 0)) - confirmations;
    if (good.length > 0 && settled > 0) {
      const said = await hashes(settled);
      const agreed = judge(
        said.map(({ server, hash }) => ({ server, told: hash })),
        `block ${settled}`,
      );
      if (agreed !== null && settled > (before?.number ?? 0)) checkpoint.set({ number: settled, hash: agreed });
    }
    lookedAt = host.now();
    onChange();
  };
  // For all who wait, so nobody's signal ends it; each server has its deadline.
  const look = (): Promise<void> => {
    looking ??= lookNow().finally(() => {
      looking = null;
    });
    return looking;
  };

  /** What more than half tell; the others are named. Null when no half is larger: all of them are in doubt then. */
  const judge = (said: readonly { server: Server; told: string }[], about: string): string | null => {
    const counts = Map.groupBy(said, ({ told }) => told);
    if (counts.size <= 1) return said[0]?.told ?? null;
    const [most] = [...counts].sort(([, a], [, b]) => b.length - a.length);
    const agreed = most !== undefined && most[1].length * 2 > said.length ? most[0] : null;
    for (const { server, told } of said)
      if (told !== agreed)
        server.contradicted(`it tells of ${about} something else than ${agreed === null ? 'another' : 'most others'}`);
    onChange();
    return agreed;
  };

  const ready = async (signal?: AbortSignal): Promise<Server[]> => {
    const since = host.now() - lookedAt;
    if (since > lookEveryMs || (since > lookAgainMs && usable().length === 0)) await look();
    signal?.throwIfAborted();
    const may = usable();
    if (may.length === 0) throw nobody();
    return may;
  };

  const nobody = () => {
    const said = servers.map((one) => `${one.address.shown}: ${one.why() ?? 'it does not answer'}`).join('; ');
    const states = new Set(servers.map((one) => one.state()));
    if (states.has('differs')) {
      return fail('CHAIN_RESTS', `What is told of ${name} cannot all be true: ${said}.`, {
        meaning: 'Nothing is sent there and nothing counts as paid until it is clear.',
        next: 'Add an address of somebody else, or remove the one that you do not trust. If the chain really changed its past, resume it.',
        data: { servers: said },
      });
    }
    if (states.size === 1 && states.has('wrongChain')) {
      return fail('CHAIN_WRONG', `No address of ${name} serves it any more: ${said}.`, {
        meaning: 'Nothing was sent.',
        next: 'Give another address for the chain.',
      });
    }
    return fail('CHAIN_UNREACHABLE', `${name} cannot be asked: ${said}.`, {
      meaning: 'What was sent before may have gone through all the same.',
      next: 'Check the internet connection, or give another address for the chain.',
    });
  };

  /** Ask one after the other until one answers. */
  const ask = async (may: readonly Server[], method: string, params: readonly unknown[], signal?: AbortSignal) => {
    let refused: ReturnType<typeof chainSaid> | null = null;
    for (const server of may) {
      try {
        const said = await server.ask(method, params, signal);
        if ('error' in said) {
          refused = chainSaid(name, said.error);
          // What it cannot do another may; what a contract refused all of them refuse.
          if (said.error.code !== -32_601 && said.error.code !== -32_603) throw refused;
          continue;
        }
        const wrong = impossible(method, params, said.result);
        if (wrong === null) return { server, result: said.result };
        server.contradicted(wrong);
        onChange();
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error;
        onChange();
      }
    }
    throw refused ?? nobody();
  };

  const compare = async (method: string, params: readonly unknown[], signal?: AbortSignal): Promise<unknown> => {
    const may = await ready(signal);
    const first = await ask(may, method, params, signal);
    const others = may.filter((one) => one !== first.server && one.usable());
    if (others.length === 0) return first.result;
    const second = await ask(others, method, params, signal).catch(() => null);
    if (second === null) return first.result;
    const tells = ({ result }: { result: unknown }) => sameness(method, result) ?? 'nothing';
    if (tells(first) === tells(second)) return first.result;
    const reach = reachOf(method, params, [first.result, second.result]);
    // Too young to count, or one of them is not so far: what stays, the next blocks say.
    const behind = [first, second].some(
      ({ server, result }) => result === null && (server.newest() ?? 0) < (reach ?? 0),
    );
    if (reach === null || reach > newest() - confirmations || behind)
      return method === 'eth_getTransactionReceipt' || first.result === null ? null : first.result;
    const rest = others.filter((other) => other !== second.server);
    const third = await Promise.all(rest.map((other) => ask([other], method, params, signal).catch(() => null)));
    const said = [first, second, ...third]
      .filter((each) => each !== null)
      .map((each) => ({ ...each, told: tells(each) }));
    const agreed = judge(said, `block ${reach}`);
    const found = said.find(({ told }) => told === agreed);
    if (found === undefined) throw nobody();
    return found.result;
  };

  /** To every server: one that keeps a transaction to itself is not the only one to have it. */
  const send = async (raw: Hex, signal?: AbortSignal): Promise<unknown> => {
    const may = await ready(signal);
    const hash = keccak256(raw);
    const outcomes = await Promise.all(
      may.map((server) =>
        ask([server], 'eth_sendRawTransaction', [raw], signal).then(
          () => null,
          (error: unknown) => error,
        ),
      ),
    );
    signal?.throwIfAborted();
    // Whatever a server calls it: the hash of what was signed is known here.
    if (outcomes.some((error) => error === null || hasIt(error))) return hash;
    throw outcomes.find((error) => (error as { code?: string }).code === 'CHAIN_SAID') ?? outcomes[0];
  };

  return {
    servers,
    isLate,
    look,
    async request(method, params = [], { signal } = {}) {
      if (!/^(?:eth|net|web3|debug|trace)_[A-Za-z]+$/.test(method) || keysOfServer.has(method))
        throw chainSaid(name, { code: -32_601, message: `The method ${method.slice(0, 64)} is not asked of others.` });
      if (method === 'eth_chainId') return `0x${options.chainId.toString(16)}`;
      if (method === 'eth_sendRawTransaction') return send(params[0] as Hex, signal);
      if (compared.has(method) && !isMoving(method, params)) return compare(method, params, signal);
      return (await ask(await ready(signal), method, params, signal)).result;
    },
  };
}

/** They would be done with keys of the server's. */
const keysOfServer: ReadonlySet<string> = new Set([
  'eth_sendTransaction',
  'eth_sign',
  'eth_signTransaction',
  'eth_signTypedData',
  'eth_signTypedData_v4',
  'eth_accounts',
]);

/** Asked "as of now", which is another moment at each server. */
const isMoving = (method: string, params: readonly unknown[]) =>
  method === 'eth_getBlockByNumber' && numberIn(params[0]) === null;

/** How servers say that they have a transaction already. */
const hasIt = (error: unknown): boolean =>
  /already known|known transaction|already imported|already exists/i.test(
    String((error as { data?: { message?: unknown } }).data?.message ?? ''),
  );

function chainSaid(name: string, error: { code: number; message: string; data?: string }) {
  return fail('CHAIN_SAID', `${name} refused: ${error.message}.`, { data: { ...error } });
}
