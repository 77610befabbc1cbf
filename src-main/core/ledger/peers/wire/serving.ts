import type { Duplex } from 'node:stream';
import { fromHex, toHex } from '#core/crypto/encoding.ts';
import type { Host, Logger } from '#core/host.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { decodeHead, encodeHead } from '../../heads/head.ts';
import { internalError, invalidParams, limitExceeded, unknownMethod } from '../../rpc/failure.ts';
import { encodeCard } from '../card.ts';
import type { Served } from '../ports.ts';
import { BadLine, createLineReader, longestAnswer, longestQuestion } from './lines.ts';
import type { Pace } from './pace.ts';

/** Why somebody gets no answers, beside what JSON-RPC has codes for. */
export const notLetIn = -32_010;
export const operatorLocked = -32_011;

/** What of a ledger's JSON-RPC a contact may ask: what reads, and the handing in of what is signed. */
const allowed = new Set([
  ...['eth_sendRawTransaction', 'eth_getProof', 'eth_getTransactionByHash', 'eth_getTransactionReceipt'],
  ...['debug_getRawHeader', 'debug_getRawBlock', 'debug_getRawReceipts', 'debug_dbGet'],
]);

export interface Patience {
  /** For a line to arrive whole, and answers to be taken. */
  readonly stallMs: number;
  readonly idleMs: number;
}
export const usualPatience: Patience = { stallMs: 60_000, idleMs: 600_000 };

export interface ServeDeps {
  readonly host: Pick<Host, 'now' | 'setTimer'>;
  readonly log: Logger;
  readonly served: Served;
  readonly pace: Pace;
  readonly patience?: Patience;
  /** Something was asked: this connection is alive. */
  readonly active?: () => void;
}

/** Answer one connection until it ends. Never throws, and does nothing but what is allowed above. */
export async function serveReader(stream: Duplex, deps: ServeDeps): Promise<void> {
  const { host, log, served, pace } = deps;
  const { stallMs, idleMs } = deps.patience ?? usualPatience;
  const reader = createLineReader(longestQuestion);
  const session = served.session();
  let cancelTimer = (): void => {};
  const expect = (ms: number): void => {
    cancelTimer();
    cancelTimer = host.setTimer(ms, () => stream.destroy());
  };
  const send = async (text: string): Promise<void> => {
    if (stream.destroyed || stream.writableEnded || stream.write(`${text}\n`)) return;
    expect(stallMs);
    await new Promise<void>((resolve) => {
      const done = (): void => {
        stream.off('drain', done);
        stream.off('close', done);
        resolve();
      };
      stream.once('drain', done);
      stream.once('close', done);
    });
  };

  stream.on('error', () => {});
  try {
    expect(idleMs);
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      const before = reader.partial();
      for (const line of reader.push(chunk)) {
        deps.active?.();
        // Time that it waits for its turn is nobody's fault.
        cancelTimer();
        await pace.turn();
        if (stream.destroyed) return;
        const begun = host.now();
        const answer = await answerTo(line, served, session, log);
        pace.took(host.now() - begun);
        if (answer !== null) await send(answer);
        expect(idleMs);
      }
      if (!before && reader.partial()) expect(stallMs);
    }
  } catch (error) {
    if (error instanceof BadLine) log.warn({ error: error.message }, 'a contact’s connection to the ledger was ended');
  } finally {
    cancelTimer();
    session.end();
    stream.destroy();
  }
}

interface Question {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
}

async function answerTo(
  line: string,
  served: Served,
  session: ReturnType<Served['session']>,
  log: Logger,
): Promise<string | null> {
  let asked: unknown;
  try {
    asked = JSON.parse(line);
  } catch {
    return session.ask(line);
  }
  const one = (Array.isArray(asked) ? {} : (asked ?? {})) as Question;
  if (one.method === 'hypha_ledger' || one.method === 'hypha_head') return ownAnswer(one, served, log);
  const refused = (Array.isArray(asked) ? asked : [asked]).find((each) => {
    const method = (each as Question | null)?.method;
    // What is no question at all gets the answer that JSON-RPC has for it.
    return typeof method === 'string' && !allowed.has(method);
  }) as Question | undefined;
  if (refused !== undefined) {
    return failed(one.id, unknownMethod, `The method ${String(refused.method).slice(0, 64)} is not for contacts.`);
  }
  if (one.method === 'eth_sendRawTransaction') {
    // Nothing is taken that could not be vouched for at once.
    const locked = await served.head().then(
      () => false,
      (error: unknown) => isFail(error, 'LOCKED'),
    );
    if (locked) return failed(one.id, operatorLocked, lockedWords);
  }
  const answer = await session.ask(line).catch((error: unknown) => {
    log.warn({ error: String(error) }, 'the ledger did not answer a contact');
    return failed(one.id, internalError, 'The ledger could not answer.');
  });
  if (answer !== null && Buffer.byteLength(answer) > longestAnswer) {
    return failed(one.id, limitExceeded, 'The answer is too long: ask for less.');
  }
  return answer;
}

/** What contacts are told of a ledger beside what its JSON-RPC says: which it is, and that its operator signed for it. */
async function ownAnswer({ id, method, params }: Question, served: Served, log: Logger): Promise<string> {
  const result = (bytes: Uint8Array): string => JSON.stringify({ jsonrpc: '2.0', id, result: `0x${toHex(bytes)}` });
  const [known] = Array.isArray(params) ? (params as unknown[]) : [];
  const held = typeof known === 'string' ? decodeHead(fromHex(known.slice(2)) ?? new Uint8Array()) : null;
  if (known !== undefined && held === null) return failed(id, invalidParams, 'Invalid params: that is no head');
  try {
    if (method === 'hypha_ledger') return result(encodeCard(served.card()));
    if (held !== null) await served.shown(held);
    return result(encodeHead(await served.head()));
  } catch (error) {
    if (isFail(error, 'LOCKED')) return failed(id, operatorLocked, lockedWords);
    log.warn({ error: String(error) }, 'the head of the ledger could not be shown');
    return failed(id, internalError, 'The ledger could not answer.');
  }
}

const lockedWords = 'Whoever runs this ledger has locked their Hypha.';

export const failed = (id: unknown, code: number, message: string): string =>
  JSON.stringify({
    jsonrpc: '2.0',
    id: typeof id === 'number' || typeof id === 'string' ? id : null,
    error: { code, message },
  });
