import { existsSync, statSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { systemRandom } from '#core/crypto/random.ts';
import type { Logger } from '#core/host.ts';
import { openPort } from '#core/threads/port.ts';
import { fail } from '#shared/rpc/fail.ts';
import { type Ledger, openLedger } from '../chain/ledger.ts';
import { createRpcSession, type RpcSession } from '../rpc/answer.ts';
import type { Newest, ThreadCalls, ThreadEvents } from './protocol.ts';

/* The thread that runs the own ledger, on the system's clock and randomness, driven through its parent port. */

if (parentPort === null) throw new Error('the ledger runs in a thread of its own');

/** Conversations at one time; the one that was longest silent is forgotten for another. */
const mostSessions = 200;

const log: Logger = {
  debug: (fields, message) => main.tell('log', 'debug', fields, message),
  info: (fields, message) => main.tell('log', 'info', fields, message),
  warn: (fields, message) => main.tell('log', 'warn', fields, message),
  error: (fields, message) => main.tell('log', 'error', fields, message),
};

let open: { readonly ledger: Ledger; readonly path: string } | null = null;
const sessions = new Map<number, RpcSession>();

const running = (): Ledger => {
  if (open === null) throw new Error('the ledger is not open');
  return open.ledger;
};
const newestOf = (ledger: Ledger): Newest => {
  const block = ledger.block();
  const { number, stateRoot, timestamp } = block.header;
  return { number: Number(number), hash: block.hash(), state: stateRoot, at: Number(timestamp) };
};
const sessionOf = (id: number): RpcSession => {
  const session = sessions.get(id) ?? createRpcSession(running(), Date.now, log);
  sessions.delete(id);
  sessions.set(id, session);
  const [oldest] = sessions.keys();
  if (sessions.size > mostSessions && oldest !== undefined) sessions.delete(oldest);
  return session;
};

const calls: ThreadCalls = {
  open(path, operator) {
    if (operator === null && !existsSync(path)) {
      throw fail('NOT_FOUND', `The database of your ledger, ${path}, is not there.`, { data: { what: 'ledger' } });
    }
    const ledger = openLedger({
      path,
      host: { now: Date.now, random: systemRandom },
      log,
      operator: operator ?? new Uint8Array(20),
    });
    open = { ledger, path };
    ledger.onBlock(() => main.tell('block', newestOf(ledger)));
    return {
      chainId: ledger.chainId,
      genesis: ledger.block(0).hash(),
      operator: ledger.operator,
      incarnation: ledger.incarnation(),
      newest: newestOf(ledger),
    };
  },
  ask: (session, text) => sessionOf(session).ask(text),
  end: (session) => void sessions.delete(session),
  hashAt: (number) => running().records.byNumber(number)?.hash ?? null,
  size() {
    const bytes = ['', '-wal'].map((end) => statSync(`${open?.path}${end}`, { throwIfNoEntry: false })?.size ?? 0);
    return { transactions: running().records.countTxs(), bytes: bytes.reduce((sum, one) => sum + one, 0) };
  },
  setIncarnation: (incarnation) => running().setIncarnation(incarnation),
  copyTo: (path) => running().copyTo(path),
  async close() {
    await open?.ledger.close();
    open = null;
  },
};

const main = openPort<ThreadEvents, ThreadCalls>(parentPort, calls, (name, error) =>
  log.error({ name, error: String(error) }, 'what the ledger was told could not be done'),
);
