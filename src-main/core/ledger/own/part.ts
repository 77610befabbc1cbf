import type { Checks, Handlers } from '#core/broker/handlers.ts';
import type { Accounts } from '#core/evm/accounts.ts';
import type { Chains } from '#core/evm/chain.ts';
import type { ledgerBackupContract } from '#shared/contract/ledger/backup.ts';
import type { ledgerCreditsContract } from '#shared/contract/ledger/credits.ts';
import type { ledgerOwnContract } from '#shared/contract/ledger/own.ts';
import type { Safe } from '../ports.ts';
import { type Act, createActs } from './acts.ts';
import { checkTarget, createBackups } from './backup.ts';
import { backupHandlers } from './backup-handlers.ts';
import { creditChecks, creditHandlers, symbolOf } from './credit-handlers.ts';
import { createCredits } from './credits.ts';
import { ownHandlers } from './handlers.ts';
import { createOpening } from './opening.ts';
import type { Own, OwnDeps } from './own.ts';

type Methods = typeof ledgerOwnContract & typeof ledgerCreditsContract & typeof ledgerBackupContract;

/** What was begun and could not be finished is tried again after so long. */
const againMs = 30_000;

interface PartDeps extends Pick<OwnDeps, 'host' | 'log' | 'emit' | 'home' | 'known'> {
  readonly own: Own;
  readonly accounts: Accounts;
  readonly safe: Safe;
  /** All that are known: credits are given back where they were issued. */
  readonly chains: Chains;
  /** What the person is called; null before there is one. */
  readonly person: () => string | null;
}

/** The methods of the own ledger, and what goes on by itself: contracts that are being put, credits that are being issued. */
export function createOwnPart({ own, host, log, emit, home, known, accounts, safe, chains, person }: PartDeps) {
  const acts = createActs(known);
  const opening = createOpening(own, accounts, host);
  const credits = createCredits({ acts, accounts, host, log, emit });
  const backups = createBackups({ own, acts, accounts, safe, host, log, home });
  const parts = { own, acts, credits, chains, accounts };
  let stopped = false;
  let busy = false;
  let wanted = false;
  let cancelAgain: () => void = () => {};
  let stopListening: () => void = () => {};

  const symbolAt = async ({ chain, credits: address }: Act): Promise<string> => {
    const found = chains.find(chain);
    return found === null ? 'credits' : symbolOf(found, address);
  };
  const work = async (): Promise<void> => {
    if (stopped || accounts.main() === null) return;
    try {
      await opening.goOn();
      await credits.goOn(symbolAt);
    } catch (error) {
      if (stopped) return;
      log.warn({ error: String(error) }, 'what was begun on the ledger waits');
      cancelAgain();
      cancelAgain = host.setTimer(againMs, tend);
    }
  };
  const tend = (): void => {
    wanted = true;
    if (busy) return;
    busy = true;
    void (async () => {
      for (; wanted && !stopped; await work()) wanted = false;
      busy = false;
    })();
  };

  return {
    handlers: {
      ...ownHandlers({ own, opening, home, log, person }),
      ...creditHandlers(parts),
      ...backupHandlers(own, backups),
    } satisfies Handlers<Methods>,
    checks: {
      'ledger.open': ({ symbol, name }) => opening.check(name ?? opening.nameFor(person()), symbol),
      ...creditChecks(parts),
      'ledger.backup': ({ to }) => checkTarget(to),
      'ledger.restore': ({ from }) => {
        checkTarget(from);
        backups.checkRestore();
      },
    } satisfies Checks<Methods>,
    start() {
      stopListening = accounts.onChange(tend);
      tend();
      backups.start();
    },
    async stop() {
      stopped = true;
      stopListening();
      cancelAgain();
      await backups.stop();
    },
  };
}
