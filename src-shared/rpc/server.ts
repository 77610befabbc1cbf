import { type Contract, taskStartedSchema } from './contract.ts';
import type { Dispatcher } from './dispatcher.ts';
import { Fail, type Failure, fail, isFail } from './fail.ts';
import { clientFrameSchema, defaultLimits, type Hello, type Limits, type ServerFrame } from './frames.ts';
import type { Transport } from './transport.ts';

export interface ServeOptions<Caller> {
  readonly contract: Contract;
  readonly version: number;
  readonly dispatcher: Dispatcher<Caller>;
  /** Decide who this is; `connection` names it. Refuse by returning a Fail. May take time (checking a token). */
  accept(
    hello: Hello,
  ): { caller: Caller; connection: string } | Fail | Promise<{ caller: Caller; connection: string } | Fail>;
  readonly limits?: Partial<Limits>;
  /** Check what handlers answer against the contract (development and tests). */
  readonly checkOutputs?: boolean;
  /** A fresh id for a fault; the person sees it, the log has the details. */
  newIncident(): string;
  /** Details of faults; never sent to the client. */
  log(entry: { incident: string; method: string; error: unknown }): void;
  /** Gives a silent client up; needs a timer from outside. */
  readonly hello?: { readonly withinMs: number; setTimer(ms: number, fire: () => void): () => void };
}

export interface Served {
  /** Ends the connection; the client is told why when a failure is given. */
  close(why?: Fail): void;
  /** Resolves when the connection has ended and its caller was reported as disconnected. */
  readonly closed: Promise<void>;
}

interface Running {
  readonly abort: AbortController;
  readonly stream: boolean;
  credit: number;
  /** Wakes a stream that waits for credit. */
  wake: () => void;
}

/** Serve one connection until it ends. */
export function serve<Caller>(transport: Transport, options: ServeOptions<Caller>): Served {
  const { contract, version, dispatcher, accept, checkOutputs = false, newIncident, log } = options;
  const limits: Limits = { ...defaultLimits, ...options.limits };
  const running = new Map<number, Running>();
  const over = Promise.withResolvers<void>();
  let state: 'new' | 'deciding' | 'open' | 'closed' = 'new';
  let caller: { value: Caller } | null = null;
  let lastId = 0;
  let streams = 0;

  /** Asked anew after every await; a comparison in place would be narrowed away. */
  const isClosed = (): boolean => state === 'closed';

  const end = (why: Fail | null) => {
    if (state === 'closed') return;
    state = 'closed';
    stopWaiting?.();
    if (why) transport.send({ t: 'err', id: 0, failure: why.toFailure() });
    transport.close();
    for (const call of running.values()) {
      call.abort.abort(fail('CANCELLED', 'The caller is gone.'));
      call.wake();
    }
    if (caller) dispatcher.disconnected(caller.value);
    over.resolve();
  };

  const transmit = (frame: ServerFrame) => {
    transport.send(frame);
    if (transport.buffered > limits.buffered) end(null); // it does not read; telling it would only add to the heap
  };

  /** The end of a call, whatever the failure holds: details that cannot be sent are left out. */
  const sendFailure = (id: number, failure: Failure, method: string) => {
    if (state === 'closed') return;
    try {
      transmit({ t: 'err', id, failure });
    } catch (error) {
      const incident = newIncident();
      log({ incident, method, error });
      transmit({ t: 'err', id, failure: { code: failure.code, message: failure.message.slice(0, 1024) } });
    }
  };

  const failureOf = (error: unknown, method: string): Failure => {
    if (isFail(error)) return error.toFailure();
    const incident = newIncident();
    log({ incident, method, error });
    return {
      code: 'INTERNAL',
      message: `Something went wrong inside the agent (incident ${incident}).`,
      meaning: 'What was acknowledged before is safe.',
      next: 'Try again. If it happens again, the diagnostics report has the details under this number.',
      data: { incident },
    };
  };

  const check = (method: string, value: unknown) => {
    const spec = contract[method];
    if (!checkOutputs || !spec) return;
    const result = (spec.kind === 'task' ? taskStartedSchema : spec.output).safeParse(value);
    if (!result.success) throw new Error(`${method} answered what its contract does not say`, { cause: result.error });
  };

  const answerCall = async (id: number, method: string, input: unknown, who: Caller) => {
    const call: Running = { abort: new AbortController(), stream: false, credit: 0, wake: () => {} };
    running.set(id, call);
    try {
      const value = await dispatcher.invoke(who, method, input, call.abort.signal);
      check(method, value);
      if (!isClosed()) transmit({ t: 'ok', id, value });
    } catch (error) {
      sendFailure(id, call.abort.signal.aborted ? cancelledFailure : failureOf(error, method), method);
    } finally {
      running.delete(id);
    }
  };

  const answerStream = async (id: number, method: string, input: unknown, credit: number, who: Caller) => {
    const call: Running = { abort: new AbortController(), stream: true, credit, wake: () => {} };
    const { signal } = call.abort;
    running.set(id, call);
    streams += 1;
    let seq = 0;
    try {
      const items = dispatcher.stream(who, method, input, signal)[Symbol.asyncIterator]();
      try {
        for (;;) {
          // Credit first: the next item is not even made before the client has room for it.
          while (call.credit === 0 && !signal.aborted) {
            await new Promise<void>((resolve) => {
              call.wake = resolve;
            });
          }
          if (signal.aborted) break;
          const next = await untilAborted(items.next(), signal);
          if (next === 'aborted' || next.done) break;
          check(method, next.value);
          call.credit -= 1;
          transmit({ t: 'ev', id, seq, value: next.value });
          seq += 1;
        }
      } finally {
        // Not awaited: a source that hangs in its clean-up must not hold the end of the stream back.
        items.return?.()?.catch((error: unknown) => log({ incident: newIncident(), method, error }));
      }
      if (signal.aborted) sendFailure(id, cancelledFailure, method);
      else if (!isClosed()) transmit({ t: 'end', id });
    } catch (error) {
      sendFailure(id, signal.aborted ? cancelledFailure : failureOf(error, method), method);
    } finally {
      running.delete(id);
      streams -= 1;
    }
  };

  const greet = async (hello: Hello) => {
    state = 'deciding';
    if (hello.contract !== version) return end(versionMismatch(version, hello.contract));
    let decision: Awaited<ReturnType<typeof accept>>;
    try {
      decision = await accept(hello);
    } catch (error) {
      decision = new Fail(failureOf(error, 'hello'));
    }
    // The connection may have ended while it was decided.
    if (isClosed()) return;
    if (decision instanceof Fail) return end(decision);
    stopWaiting?.();
    caller = { value: decision.caller };
    state = 'open';
    const { calls, streams, frame } = limits;
    transmit({
      t: 'welcome',
      contract: version,
      connection: decision.connection,
      limits: { calls, streams, frame },
    });
  };

  const receive = (raw: unknown) => {
    const parsed = clientFrameSchema.safeParse(raw);
    if (!parsed.success) return end(fail('PROTOCOL', 'A message of no known shape arrived.'));
    const frame = parsed.data;
    if (frame.t === 'hello') {
      if (state !== 'new') return end(fail('PROTOCOL', 'The first message came twice.'));
      void greet(frame);
      return;
    }
    if (state !== 'open' || !caller) return end(fail('PROTOCOL', 'A call came before the first message was answered.'));
    if (frame.t === 'cancel' || frame.t === 'credit') {
      const call = running.get(frame.id);
      if (!call) return; // it has ended meanwhile
      if (frame.t === 'cancel') call.abort.abort(fail('CANCELLED', 'The caller cancelled.'));
      else call.credit = Math.min(call.credit + frame.n, 1024);
      call.wake();
      return;
    }
    if (frame.id <= lastId) return end(fail('PROTOCOL', 'A call came with a number that was used before.'));
    lastId = frame.id;
    const spec = Object.hasOwn(contract, frame.method) ? contract[frame.method] : undefined;
    if (!spec) {
      sendFailure(frame.id, unknownMethod(frame.method), frame.method);
    } else if (spec.kind === 'stream') {
      if (streams >= limits.streams) sendFailure(frame.id, busy('streams'), frame.method);
      else void answerStream(frame.id, frame.method, frame.input, frame.credit ?? 1, caller.value);
    } else if (running.size - streams >= limits.calls) {
      sendFailure(frame.id, busy('calls'), frame.method);
    } else {
      void answerCall(frame.id, frame.method, frame.input, caller.value);
    }
  };

  const stopWaiting = options.hello?.setTimer(options.hello.withinMs, () =>
    end(fail('PROTOCOL', 'The first message did not come in time.')),
  );
  transport.listen({ frame: receive, closed: () => end(null) });
  return { close: (why) => end(why ?? null), closed: over.promise };
}

/** The result of `promise`, or `aborted` as soon as the signal fires: a source that ignores its signal is left behind. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | 'aborted'> {
  return new Promise((resolve, reject) => {
    const abort = () => resolve('aborted');
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

const cancelledFailure: Failure = { code: 'CANCELLED', message: 'It was cancelled.' };

function unknownMethod(method: string): Failure {
  return { code: 'UNKNOWN_METHOD', message: `The agent has no method ${method}.` };
}

function busy(what: 'calls' | 'streams'): Failure {
  return {
    code: 'BUSY',
    message: `Too many ${what} are under way on this connection.`,
    meaning: 'Nothing was done.',
    next: 'Wait for some of them to end.',
  };
}

function versionMismatch(ours: number, theirs: number): Fail {
  return fail(
    'VERSION_MISMATCH',
    `The agent that runs speaks version ${ours} of the contract, and this program speaks version ${theirs}.`,
    {
      meaning: 'Nothing was done.',
      next:
        ours < theirs
          ? 'Stop the agent and start it again, so that it is the new release.'
          : 'Update this program, or reload its page.',
      data: { ours, theirs },
    },
  );
}
