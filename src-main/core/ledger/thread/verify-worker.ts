import { DatabaseSync } from 'node:sqlite';
import { parentPort } from 'node:worker_threads';
import type { Logger } from '#core/host.ts';
import { openPort } from '#core/threads/port.ts';
import { readLedger } from '../chain/read.ts';
import { verifyLedger } from '../chain/verify.ts';
import type { VerifyCalls, VerifyEvents } from './protocol.ts';

/* Executes a ledger again, beside the thread that runs it. */

if (parentPort === null) throw new Error('a ledger is verified in a thread of its own');

const nothing = (): void => {};
/** Its scratch database is in memory: there is nothing to say of it. */
const silent: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

const main = openPort<VerifyEvents, VerifyCalls>(
  parentPort,
  {
    async verify(path) {
      const db = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
      try {
        const progress = (done: number, total: number) => main.tell('progress', done, total);
        return await verifyLedger(readLedger(db), silent, undefined, progress);
      } finally {
        db.close();
      }
    },
  },
  nothing,
);
