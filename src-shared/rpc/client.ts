import type { AnyMethod, Client, Contract } from './contract.ts';
import { Fail, fail, isFail } from './fail.ts';
import { type Role, serverFrameSchema, type Welcome } from './frames.ts';
import type { Transport } from './transport.ts';

/** Items of a stream that may be under way unasked; half of it is granted anew each time half was consumed. */
const streamWindow = 16;

export interface ConnectOptions<C extends Contract> {
  readonly contract: C;
  /** The contract version this client was built with. */
  readonly version: number;
  readonly role: Role;
  readonly token?: string;
  /** Gives the connection attempt up. */
  readonly signal?: AbortSignal;
}

export interface Connection<C extends Contract> {
  readonly client: Client<C>;
  readonly welcome: Welcome;
  /** Calls by name, for consumers that are themselves derived from the contract (command line, tools). */
  call(method: string, input: unknown, options?: { signal?: AbortSignal }): Promise<unknown>;
  stream(method: string, input: unknown, options?: { signal?: AbortSignal }): AsyncIterable<unknown>;
  close(): void;
  readonly open: boolean;
  /** Called once when the connection has ended; `why` is null after `close()`. At once if it has ended already. */
  onClose(listener: (why: Fail | null) => void): void;
}

interface Pending {
  frame(frame: { t: 'ok' | 'ev' | 'end'; seq?: number; value?: unknown }): void;
  failed(error: Fail): void;
}

/**
 * Open a connection: says hello and waits for the welcome.
 *
 * @throws Fail VERSION_MISMATCH, UNAUTHENTICATED, FORBIDDEN as the server says; DISCONNECTED when the pipe ends first.
 */
export function connect<C extends Contract>(transport: Transport, options: ConnectOptions<C>): Promise<Connection<C>> {
  const { contract, version, role, token, signal } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Connection<C>>();
  const pending = new Map<number, Pending>();
  const listeners: ((why: Fail | null) => void)[] = [];
  let nextId = 1;
  let state: 'greeting' | 'open' | 'closed' = 'greeting';
  let ending: Fail | null = null;

  const end = (why: Fail | null) => {
    if (state === 'closed') return;
    state = 'closed';
    ending = why;
    signal?.removeEventListener('abort', abandoned);
    transport.close();
    const lost = why ?? disconnected('The connection was closed.');
    reject(lost);
    for (const call of [...pending.values()]) call.failed(lost);
    pending.clear();
    for (const listener of listeners.splice(0)) listener(why);
  };
  const abandoned = () => end(cancelled());

  const receive = (raw: unknown) => {
    const parsed = serverFrameSchema.safeParse(raw);
    if (!parsed.success) return end(fail('PROTOCOL', 'The agent sent something that is no known message.'));
    const frame = parsed.data;
    if (frame.t === 'err' && frame.id === 0) return end(new Fail(frame.failure));
    if (frame.t === 'welcome') {
      if (state !== 'greeting') return end(fail('PROTOCOL', 'The agent said hello twice.'));
      state = 'open';
      signal?.removeEventListener('abort', abandoned);
      resolve(connection(frame));
      return;
    }
    // Answers to calls that were cancelled here meanwhile find nobody; that is in order.
    const call = pending.get(frame.id);
    if (frame.t === 'err') call?.failed(new Fail(frame.failure));
    else call?.frame(frame);
  };

  /** Sends, turning what cannot be sent into the call's own failure. */
  const request = (method: string, input: unknown, credit: number | undefined, call: Pending): number => {
    if (state === 'closed') throw ending ?? disconnected('The connection is closed.');
    const id = nextId;
    nextId += 1;
    try {
      transport.send({ t: 'req', id, method, input, credit });
    } catch (error) {
      throw isFail(error) ? error : fail('BAD_INPUT', `This cannot be sent: ${messageOf(error)}`);
    }
    pending.set(id, call);
    return id;
  };

  const call = async (method: string, input: unknown, more: { signal?: AbortSignal } = {}): Promise<unknown> => {
    if (more.signal?.aborted) throw cancelled();
    const answer = Promise.withResolvers<unknown>();
    const id = request(method, input, undefined, {
      frame: (frame) => {
        if (frame.t === 'ok') answer.resolve(frame.value);
        else end(fail('PROTOCOL', 'The agent answered a call as if it were a stream.'));
      },
      failed: (error) => answer.reject(error),
    });
    const abort = () => {
      transport.send({ t: 'cancel', id });
      answer.reject(cancelled());
    };
    more.signal?.addEventListener('abort', abort, { once: true });
    try {
      return await answer.promise;
    } finally {
      pending.delete(id);
      more.signal?.removeEventListener('abort', abort);
    }
  };

  async function* stream(method: string, input: unknown, more: { signal?: AbortSignal } = {}) {
    if (more.signal?.aborted) throw cancelled();
    const queue: unknown[] = [];
    let expected = 0;
    let finished: { error: Fail | null } | null = null;
    let wake = Promise.withResolvers<void>();
    const finish = (error: Fail | null) => {
      finished ??= { error };
      wake.resolve();
    };
    let id = 0;
    const abort = () => {
      transport.send({ t: 'cancel', id });
      pending.delete(id);
      queue.length = 0;
      finish(cancelled());
    };
    id = request(method, input, streamWindow, {
      frame: (frame) => {
        if (frame.t === 'end') return finish(null);
        if (frame.t !== 'ev' || frame.seq !== expected || queue.length >= streamWindow) {
          return end(fail('PROTOCOL', 'The agent sent stream items out of order or more than asked for.'));
        }
        expected += 1;
        queue.push(frame.value);
        wake.resolve();
      },
      failed: finish,
    });
    more.signal?.addEventListener('abort', abort, { once: true });
    let consumed = 0;
    try {
      for (;;) {
        while (queue.length > 0) {
          const item = queue.shift();
          consumed += 1;
          if (consumed === streamWindow / 2) {
            transport.send({ t: 'credit', id, n: consumed });
            consumed = 0;
          }
          yield item;
        }
        const over = finished as { error: Fail | null } | null;
        if (over?.error) throw over.error;
        if (over) return;
        wake = Promise.withResolvers<void>();
        await wake.promise;
      }
    } finally {
      more.signal?.removeEventListener('abort', abort);
      if (pending.delete(id) && !finished) transport.send({ t: 'cancel', id });
    }
  }

  const connection = (welcome: Welcome): Connection<C> => ({
    client: clientOf(contract, call, stream),
    welcome,
    call,
    stream,
    close: () => end(null),
    get open() {
      return state === 'open';
    },
    onClose(listener) {
      if (state === 'closed') listener(ending);
      else listeners.push(listener);
    },
  });

  transport.listen({
    frame: receive,
    closed: (reason) =>
      end(
        disconnected(reason ? `The connection to the agent was lost: ${reason}.` : 'The agent ended the connection.'),
      ),
  });
  if (signal?.aborted) abandoned();
  else {
    signal?.addEventListener('abort', abandoned, { once: true });
    transport.send({ t: 'hello', contract: version, role, token });
  }
  return promise;
}

/** One typed function a method, by the contract's kinds. */
function clientOf<C extends Contract>(
  contract: C,
  call: (method: string, input: unknown, options?: { signal?: AbortSignal }) => Promise<unknown>,
  stream: (method: string, input: unknown, options?: { signal?: AbortSignal }) => AsyncIterable<unknown>,
): Client<C> {
  const methods = Object.entries(contract).map(([name, spec]: [string, AnyMethod]) => [
    name,
    (input: unknown, options?: { signal?: AbortSignal }) =>
      spec.kind === 'stream' ? stream(name, input, options) : call(name, input, options),
  ]);
  return Object.fromEntries(methods) as Client<C>;
}

function cancelled(): Fail {
  return fail('CANCELLED', 'It was cancelled.');
}

function disconnected(message: string): Fail {
  return fail('DISCONNECTED', message, {
    meaning: 'What was already acknowledged is safe; what was under way may or may not have happened.',
    next: 'Wait until the agent is back, then look before you try again.',
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
