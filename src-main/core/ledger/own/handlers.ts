import type { Handlers } from '#core/broker/handlers.ts';
import { toHex } from '#core/crypto/encoding.ts';
import type { Logger } from '#core/host.ts';
import type { ledgerOwnContract } from '#shared/contract/ledger/own.ts';
import { verifyFile } from '../thread/verify-thread.ts';
import { contractsToPut, type Opening } from './opening.ts';
import { noLedger, type Own } from './own.ts';
import { protects, protectsNot } from './protection.ts';
import { ownPath } from './run.ts';
import { viewOwn } from './view.ts';

interface OwnParts {
  readonly own: Own;
  readonly opening: Opening;
  readonly home: string;
  readonly log: Logger;
  readonly person: () => string | null;
}

export function ownHandlers({ own, opening, home, log, person }: OwnParts): Handlers<typeof ledgerOwnContract> {
  return {
    'ledger.status': async () => ({
      own: await viewOwn(own),
      protects: [...protects],
      protectsNot: [...protectsNot],
    }),
    'ledger.open': async ({ symbol, name }, task) => {
      task.step('open', 'Make its first block and put its contracts', { total: contractsToPut, unit: 'steps' });
      await opening.open(name ?? opening.nameFor(person()), symbol, (done) => task.progress(done));
      const view = await viewOwn(own);
      if (view === null) throw noLedger();
      return view;
    },
    'ledger.verify': async (_, task) => {
      const { register, run } = own;
      if (register.get() === null) throw noLedger();
      const thread = await run.thread();
      task.step('verify', 'Execute every block again', { total: run.now()?.newest.number ?? null, unit: 'items' });
      const found = await verifyFile(ownPath(home), {
        ...{ log, signal: task.signal },
        progress: (done, total) => task.progress(done, total),
      });
      // A history that holds together is not this ledger's if it begins or goes otherwise than what was known of it.
      const [chain, seen] = [register.get()?.chain, register.seen()];
      const is = async (number: number, hash: string) =>
        toHex((await thread.call.hashAt(number)) ?? new Uint8Array()) === hash;
      if (found.wrong === null && chain && !(await is(0, chain.genesis.slice(2))))
        return { ...found, wrong: { block: 0, why: 'it is another ledger’s first block' } };
      if (found.wrong === null && seen && !(await is(seen.number, seen.hash)))
        return {
          ...found,
          wrong: { block: seen.number, why: 'it is another block than was written down beside the ledger' },
        };
      return found;
    },
  };
}
