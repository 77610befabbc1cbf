import { newestBlock } from '#core/evm/answers.ts';
import type { Chain, Chains } from '#core/evm/chain.ts';
import type { Host, Logger } from '#core/host.ts';
import type { ChainRef } from '#shared/model/evm.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { Tokens } from '../tokens/tokens.ts';
import { isTooMuch, transfersIn } from './transfer-logs.ts';
import type { ScanRow, TransferTable } from './transfer-table.ts';

interface Deps {
  readonly table: TransferTable;
  readonly tokens: Tokens;
  readonly keyring: Keyring;
  readonly chains: Chains;
  readonly host: Pick<Host, 'now' | 'setTimer'>;
  readonly log: Logger;
  readonly changed: () => void;
}

/** Blocks that are looked back on a public chain when it is looked at for the first time: there is no index of what came before. */
export const lookBack = 50_000;
/** Blocks that one question spans: twice as many after each answer, half after each refusal. */
const span = { first: 2_000, least: 1, most: 100_000 } as const;
/** Questions in one look at one chain; the rest is looked through in the next. */
const mostQuestions = 60;
const roundMs = 30_000;
/** Asked for by somebody who looks, but not more often than this. */
const askedMs = 2_000;

export type Scanner = ReturnType<typeof createScanner>;

/** Finds transfers without an index of anybody's: by the logs of the tokens in the list, from where it was last. */
export function createScanner({ table, tokens, keyring, chains, host, log, changed }: Deps) {
  const spans = new Map<ChainRef, number>();
  const looking = new Map<ChainRef, Promise<void>>();
  const looked = new Map<ChainRef, number>();
  let stopped = false;
  let cancel: (() => void) | null = null;

  /** One for each account and token; those that are new begin now. */
  function scansOf(chain: Chain, newest: number): ScanRow[] {
    const known = table.scans(chain.ref);
    const own = keyring.everyone().filter(({ removedAt }) => removedAt === null);
    const first = chain.kind === 'public' ? Math.max(0, newest - lookBack) : 0;
    return own.flatMap(({ address: account }) =>
      tokens.list(chain.ref).flatMap(({ address: token }) => {
        if (token === null) return [];
        const before = known.find((scan) => scan.account === account && scan.token === token);
        return [before ?? { chain: chain.ref, account, token, first, upto: first - 1 }];
      }),
    );
  }

  async function lookThrough(chain: Chain): Promise<void> {
    await tokens.refresh(chain);
    const newest = Number(await newestBlock(chain));
    const deep = newest - chain.confirmations;
    // Those that are equally far are asked for together.
    const groups = Map.groupBy(scansOf(chain, newest), ({ upto }) => upto);
    let questions = 0;
    let news = false;
    for (const [upto, scans] of groups) {
      // Who answers may lag behind who answered before: then `from` lies beyond its newest block, and nothing is concluded.
      let from = upto + 1;
      const accounts = [...new Set(scans.map(({ account }) => account))];
      const wanted = [...new Set(scans.map(({ token }) => token))];
      while (from <= newest && questions < mostQuestions && !stopped) {
        const wide = spans.get(chain.ref) ?? (chain.kind === 'public' ? span.first : span.most);
        const to = Math.min(newest, from + wide - 1);
        questions++;
        try {
          const found = await transfersIn(chain, accounts, wanted, { from, to });
          for (const scan of scans) {
            const mine = found.filter((row) => row.account === scan.account && row.token === scan.token);
            // What lies above `deep` may still change: it is looked through again the next time.
            news = table.renew(scan, from, mine, Math.max(scan.upto, Math.min(to, deep))) || news;
          }
          from = to + 1;
          spans.set(chain.ref, Math.min(span.most, wide * 2));
        } catch (error) {
          if (!isTooMuch(error) || wide === span.least) throw error;
          spans.set(chain.ref, Math.max(span.least, Math.floor(wide / 2)));
        }
      }
    }
    if (news) changed();
  }

  /** Look at one chain now. One that does not answer is looked at again later. */
  function look(chain: Chain): Promise<void> {
    const running = looking.get(chain.ref);
    if (running !== undefined) return running;
    looked.set(chain.ref, host.now());
    const run = lookThrough(chain)
      .catch((error: unknown) => {
        if (isFail(error)) log.debug({ chain: chain.ref, code: error.code }, 'a chain was not looked through');
        else if (!stopped) log.error({ chain: chain.ref, error: String(error) }, 'a chain could not be looked through');
      })
      .finally(() => looking.delete(chain.ref));
    looking.set(chain.ref, run);
    return run;
  }

  async function round(): Promise<void> {
    if (!stopped) await Promise.all(chains.list().map(look));
  }

  const next = (): void => {
    cancel = host.setTimer(roundMs, () => void round().finally(() => stopped || next()));
  };

  return {
    /** Somebody looks: what came since is looked for, unless that was a moment ago. Resolves when it was. */
    async freshen(ref?: ChainRef): Promise<void> {
      const due = chains.list().filter((chain) => {
        const last = looked.get(chain.ref);
        return (
          (ref === undefined || chain.ref === ref) && (last === undefined || Math.abs(host.now() - last) >= askedMs)
        );
      });
      await Promise.all(due.map(look));
    },
    look,
    round,
    /** From which block to which it was looked through; null for a chain that was not yet. */
    seen(ref: ChainRef): { readonly first: number; readonly upto: number } | null {
      const scans = table.scans(ref);
      if (scans.length === 0) return null;
      return {
        first: Math.max(...scans.map(({ first }) => first)),
        upto: Math.max(0, Math.min(...scans.map(({ upto }) => upto))),
      };
    },
    start: (): void => next(),
    async stop(): Promise<void> {
      stopped = true;
      cancel?.();
      await Promise.allSettled(looking.values());
    },
  };
}
