import { MessagePort } from 'node:worker_threads';
import { Fail, type Failure, isFail } from '#shared/rpc/fail.ts';

/** Node's `MessagePort`, `Worker` and `parentPort` alike. */
export interface Port {
  postMessage(value: unknown, transfer?: readonly MessagePort[]): void;
  on(event: 'message', listener: (value: unknown) => void): unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: functions of every shape; each is typed where it is declared
type Functions = Record<string, (...args: any[]) => unknown>;
/** The other side's functions, as they look from here. */
export type Remote<F extends Functions> = {
  readonly [N in keyof F]: (...args: Parameters<F[N]>) => Promise<Awaited<ReturnType<F[N]>>>;
};

type Word =
  | { readonly t: 'call'; readonly id: number; readonly name: string; readonly args: unknown[] }
  /** A call whose answer nobody waits for. */
  | { readonly t: 'tell'; readonly name: string; readonly args: unknown[] }
  | { readonly t: 'ok'; readonly id: number; readonly value: unknown }
  | { readonly t: 'fail'; readonly id: number; readonly failure: Failure | null; readonly text: string };

export interface PortEnd<Theirs extends Functions> {
  /** Ask the other side; failures arrive as `Fail`, faults as plain errors. */
  readonly call: Remote<Theirs>;
  /** Tell the other side; what it makes of it is not heard. */
  tell<N extends keyof Theirs & string>(name: N, ...args: Parameters<Theirs[N]>): void;
  /** The other side is gone: whoever waits is told. */
  close(error: Error): void;
}

/**
 * Calls in both directions over a message port between two threads of ours.
 *
 * @param faulty something the other side told us failed here: it hears nothing of that, and the thread goes on
 */
export function openPort<Theirs extends Functions, Ours extends Functions>(
  port: Port,
  ours: Ours,
  faulty: (name: string, error: unknown) => void,
): PortEnd<Theirs> {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let nextId = 1;
  let closed: Error | null = null;
  const post = (word: Word, transfer: readonly MessagePort[] = []): void => port.postMessage(word, transfer);
  /** A port among the arguments goes over to the other side. */
  const portsIn = (args: readonly unknown[]): MessagePort[] => args.filter((arg) => arg instanceof MessagePort);

  const answer = async (id: number, name: string, args: unknown[]): Promise<void> => {
    try {
      post({ t: 'ok', id, value: await ours[name]?.(...args) });
    } catch (error) {
      post({ t: 'fail', id, failure: isFail(error) ? error.toFailure() : null, text: String(error) });
    }
  };

  const heed = async (name: string, args: unknown[]): Promise<void> => {
    try {
      await ours[name]?.(...args);
    } catch (error) {
      faulty(name, error);
    }
  };

  port.on('message', (value) => {
    const word = value as Word;
    if (word.t === 'call') void answer(word.id, word.name, word.args);
    else if (word.t === 'tell') void heed(word.name, word.args);
    else {
      const call = waiting.get(word.id);
      waiting.delete(word.id);
      if (word.t === 'ok') call?.resolve(word.value);
      else call?.reject(word.failure === null ? new Error(word.text) : new Fail(word.failure));
    }
  });

  const call = new Proxy({} as Remote<Theirs>, {
    get:
      (_, name: string) =>
      (...args: unknown[]) =>
        new Promise((resolve, reject) => {
          if (closed !== null) return reject(closed);
          const id = nextId++;
          waiting.set(id, { resolve, reject });
          post({ t: 'call', id, name, args }, portsIn(args));
        }),
  });

  return {
    call,
    tell(name, ...args) {
      if (closed === null) post({ t: 'tell', name, args }, portsIn(args));
    },
    close(error) {
      closed ??= error;
      for (const { reject } of waiting.values()) reject(closed);
      waiting.clear();
    },
  };
}
