import type { Duplex } from 'node:stream';
import type { Host } from '#core/host.ts';
import { createLineReader, longestAnswer } from './lines.ts';

/** The other side said no. Codes: JSON-RPC 2.0, EIP-1474, and {@link notLetIn}. */
export class PeerSaid extends Error {
  readonly code: number;
  readonly data: string | undefined;
  constructor(code: number, message: string, data?: string) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** The connection is of no use any more. */
export class ConnectionLost extends Error {
  readonly why: 'cut' | 'late' | 'odd';
  constructor(why: ConnectionLost['why']) {
    super(`the connection is ${why}`);
    this.why = why;
  }
}

/** One connection to a contact's ledger, on which many questions wait at once. */
export interface Asking {
  alive(): boolean;
  /** @throws PeerSaid, ConnectionLost */
  ask(method: string, params: readonly unknown[]): Promise<unknown>;
  /** In one message; answers stand in the order of the questions. @throws PeerSaid, of the first that has no answer; ConnectionLost */
  askAll(method: string, params: readonly (readonly unknown[])[]): Promise<unknown[]>;
  end(why: ConnectionLost): void;
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: PeerSaid | ConnectionLost) => void;
}

const mostWaiting = 256;

/** @param stallMs while something is asked and nothing at all comes */
export function createAsking(stream: Duplex, clock: Pick<Host, 'setTimer'>, stallMs: number): Asking {
  const reader = createLineReader(longestAnswer);
  const waiting = new Map<number, Waiting>();
  let next = 1;
  let ended: ConnectionLost | null = null;
  let cancelTimer = (): void => {};

  const end = (why: ConnectionLost): void => {
    if (ended !== null) return;
    ended = why;
    cancelTimer();
    for (const { reject } of waiting.values()) reject(why);
    waiting.clear();
    stream.destroy();
  };
  const watch = (): void => {
    cancelTimer();
    if (ended === null && waiting.size > 0)
      cancelTimer = clock.setTimer(stallMs, () => end(new ConnectionLost('late')));
  };
  const take = (message: unknown): void => {
    const { id, result, error } = (message ?? {}) as Record<string, unknown>;
    const refused = error === undefined || error === null ? null : saidOf(error);
    const one = typeof id === 'number' ? waiting.get(id) : undefined;
    // Without an id it is about the whole connection.
    if (one === undefined) throw refused ?? new ConnectionLost('odd');
    waiting.delete(id as number);
    if (refused === null) one.resolve(result);
    else one.reject(refused);
  };

  stream.on('error', () => {});
  stream.on('close', () => end(new ConnectionLost('cut')));
  stream.on('end', () => end(new ConnectionLost('cut')));
  stream.on('data', (chunk: Uint8Array) => {
    if (ended !== null) return;
    try {
      for (const line of reader.push(chunk)) {
        const message = JSON.parse(line) as unknown;
        for (const one of Array.isArray(message) ? message : [message]) take(one);
      }
      watch();
    } catch (error) {
      if (error instanceof PeerSaid) for (const { reject } of waiting.values()) reject(error);
      end(new ConnectionLost('odd'));
    }
  });

  const question = (method: string, params: readonly unknown[]) => {
    if (ended !== null) throw ended;
    if (waiting.size >= mostWaiting) throw new PeerSaid(-32_005, 'Too many questions wait for this ledger.');
    const id = next++;
    const answer = new Promise<unknown>((resolve, reject) => waiting.set(id, { resolve, reject }));
    answer.catch(() => {});
    return { answer, text: { jsonrpc: '2.0', id, method, params } };
  };
  const send = (text: unknown): void => {
    stream.write(`${JSON.stringify(text)}\n`);
    watch();
  };

  return {
    alive: () => ended === null,
    async ask(method, params) {
      const { answer, text } = question(method, params);
      send(text);
      return answer;
    },
    async askAll(method, params) {
      const questions = params.map((each) => question(method, each));
      if (questions.length > 0) send(questions.map(({ text }) => text));
      return Promise.all(questions.map(({ answer }) => answer));
    },
    end,
  };
}

function saidOf(error: unknown): PeerSaid {
  const { code, message, data } = (typeof error === 'object' ? error : {}) as Record<string, unknown>;
  return new PeerSaid(
    typeof code === 'number' && Number.isInteger(code) ? code : -32_603,
    typeof message === 'string' ? message.slice(0, 500) : 'no reason was given',
    typeof data === 'string' && /^0x(?:[0-9a-f]{2})*$/i.test(data) ? data : undefined,
  );
}
