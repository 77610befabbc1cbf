import { toBase64url } from '#core/crypto/encoding.ts';
import type { Host, Logger } from '#core/host.ts';
import type { Database } from '#core/store/database.ts';
import type { LedgerRpc } from '#shared/contract/ledger/rpc.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { OwnLedger } from '../../ports.ts';
import { type Loopback, openLoopback } from './server.ts';

interface Stored {
  readonly on: boolean;
  readonly port: number;
  readonly token: string;
  readonly origins: readonly string[];
}

export interface LoopbackSwitchDeps {
  readonly host: Pick<Host, 'random'>;
  readonly log: Logger;
  readonly database: Database;
  readonly own: OwnLedger;
}

/** The RPC address of the own ledger on this computer, on or off as the person said. */
export function createLoopbackSwitch({ host, log, database: { db, transaction }, own }: LoopbackSwitchDeps) {
  const get = db.prepare('SELECT body FROM web_rpc');
  const put = db.prepare('INSERT INTO web_rpc VALUES (1, ?) ON CONFLICT DO UPDATE SET body = excluded.body');
  let open: Loopback | null = null;
  let problem: string | null = null;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const run = last.then(work, work);
    last = run.catch(() => {});
    return run;
  };

  const stored = (): Stored | null => {
    const row = get.get() as { body: string } | undefined;
    return row === undefined ? null : (JSON.parse(row.body) as Stored);
  };
  const keep = (next: Stored): void => transaction(() => void put.run(JSON.stringify(next)));
  const close = async (): Promise<void> => {
    const was = open;
    open = null;
    await was?.stop();
  };

  return {
    view(): LedgerRpc {
      const now = stored();
      const url = open === null || now === null ? null : `http://127.0.0.1:${open.port}/${now.token}`;
      return { on: now?.on ?? false, url, origins: [...(now?.origins ?? [])], problem: now?.on ? problem : null };
    },
    start: () =>
      inTurn(async () => {
        const wanted = stored();
        if (!wanted?.on) return;
        try {
          open = await openLoopback({ log, session: own.session }, wanted);
          problem = null;
        } catch (error) {
          problem = isFail(error) ? error.message : 'It could not be opened.';
          log.warn({ error: String(error) }, 'the RPC address of the ledger was not opened');
        }
      }),
    /** @param port left out: any that is free. @throws Fail PORT_IN_USE; what was set before goes on then */
    on: (port: number | undefined, origins: readonly string[]) =>
      inTurn(async () => {
        const before = stored();
        await close();
        // Another address each time it is opened: whoever knew the last one knows this one no more.
        const token = toBase64url(host.random(24));
        try {
          open = await openLoopback({ log, session: own.session }, { port: port ?? 0, token, origins });
          keep({ on: true, port: open.port, token, origins });
          problem = null;
        } catch (error) {
          await close();
          if (before?.on) open = await openLoopback({ log, session: own.session }, before).catch(() => null);
          throw error;
        }
      }),
    off: () =>
      inTurn(async () => {
        await close();
        const before = stored();
        if (before !== null) keep({ ...before, on: false });
      }),
    stop: () => inTurn(close),
  };
}
