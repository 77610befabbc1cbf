import { isFail } from '#shared/rpc/fail.ts';
import { scan } from './book/scan.ts';
import { groundOf } from './chain/escrow.ts';
import { inWords } from './context.ts';
import { type Parts, refresh } from './view.ts';

/** How often chains are looked at; where something is open in a view it is asked of the chain then. */
const everyMs = 30_000;
/** A deposit that lasts no longer is worth a word. */
const lowSeconds = 3 * 86_400;

/** Follows the deals of the person on every chain, while their accounts are known. */
export function createWatcher(parts: Parts, onRound: () => void) {
  const { context, book } = parts;
  const { deps } = context;
  const stopping = new AbortController();
  let cancel: (() => void) | null = null;
  let round: Promise<void> | null = null;

  const look = async (): Promise<void> => {
    const accounts = deps.accounts.list();
    if (accounts.length === 0) return;
    for (const chain of deps.chains.list()) {
      if (chain.contracts === null || stopping.signal.aborted) continue;
      // A public chain that no deal is on is not asked all day what somebody might have made there.
      if (chain.kind === 'public' && book.idsOn(chain.ref).length === 0 && !awaits(chain.ref)) continue;
      try {
        const ground = groundOf(deps.chains, chain.ref);
        const touched = new Set<string>();
        for (const account of accounts)
          for (const deal of await scan(ground, book, account, stopping.signal)) touched.add(deal);
        for (const id of touched) {
          const kept = book.get(id);
          if (kept !== null && !stopping.signal.aborted) await refresh(parts, kept);
        }
        if (touched.size > 0) context.changed(...touched);
      } catch (error) {
        // Asked again with the next round; what it says is on the page of whoever looks.
        if (!isFail(error)) deps.log.warn({ error: String(error), chain: chain.ref }, 'a chain could not be followed');
      }
    }
    onRound();
  };
  /** An offer of the person's may have been accepted there. */
  const awaits = (ref: string): boolean =>
    parts.shelf.all().some(({ chain, role }) => chain === ref && role === 'made');

  const arm = (): void => {
    if (stopping.signal.aborted) return;
    cancel = deps.host.setTimer(everyMs, now);
  };
  const now = (): void => {
    cancel?.();
    cancel = null;
    round ??= look()
      .catch((error: unknown) => deps.log.error({ error }, 'deals could not be followed'))
      .finally(() => {
        round = null;
        arm();
      });
  };

  return {
    now,
    /** The round that goes on now, to its end. */
    idle: async (): Promise<void> => {
      await round;
    },
    async stop(): Promise<void> {
      stopping.abort();
      cancel?.();
      await round;
    },
    notices(): { code: string; text: string }[] {
      const seconds = BigInt(Math.floor(deps.host.now() / 1_000));
      return book.all(false).flatMap(({ seen }) => {
        if (seen === null) return [];
        const { escrow, token } = seen;
        if (context.isMine(escrow.provider)) {
          return escrow.state === 'agreed' && seconds <= escrow.clock
            ? [
                {
                  code: 'DEAL_TO_START',
                  text: 'Somebody accepted an offer of yours and paid. Start it in time, in Contracts.',
                },
              ]
            : [];
        }
        if (!context.isMine(escrow.tenant)) return [];
        if (
          escrow.state === 'grace' ||
          (escrow.state === 'active' && escrow.runsOutAt !== 0n && escrow.runsOutAt <= seconds)
        )
          return [
            {
              code: 'DEAL_PAUSED',
              text: 'The deposit of a deal is used up, and it pauses. Add to it in Contracts, or it ends.',
            },
          ];
        if (escrow.state === 'active' && escrow.runsOutAt !== 0n && escrow.runsOutAt - seconds < lowSeconds)
          return [
            {
              code: 'DEAL_RUNS_OUT',
              text: `The deposit of a deal runs out in less than three days (${inWords(escrow.balance, token)} left). Add to it in Contracts.`,
            },
          ];
        return [];
      });
    },
  };
}
