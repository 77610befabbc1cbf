import type { Host } from '#core/host.ts';
import { type Command, Connection } from './connection.ts';
import { type ReplyLimits, usualLimits } from './decode.ts';
import { type Dial, dialTcp, type TcpAddress } from './dial.ts';
import { type Word, wordLength } from './encode.ts';
import { ConnectionError, Landed, type Reply, ReplyError } from './reply.ts';

export type RespTarget = TcpAddress | { readonly dial: Dial };

export interface RespOptions {
  /** What is said first on every connection (who we are, which database); until it ends no other command goes out. */
  readonly greet?: (session: RespSession) => Promise<void>;
  readonly setTimer: Host['setTimer'];
  readonly connectMs?: number;
  readonly stallMs?: number;
  readonly commandMs?: number;
  /** Calls wait their turn when this many bytes are under way. A single larger one goes alone. */
  readonly inFlightBytes?: number;
  readonly limits?: ReplyLimits;
}

export interface RespSession {
  /** @throws ReplyError what the server says is wrong; ConnectionError when it cannot be asked or does not answer in time */
  command(...words: readonly Word[]): Promise<Reply>;
  /**
   * Commands directly one after the other with nothing between them; error replies are values here. `sent` is called when
   * the bytes of all of them are out of our hands, also before the answers come.
   */
  batch(commands: readonly (readonly Word[])[], sent?: () => void): Promise<Reply[]>;
  /**
   * A command that is answered with a bulk string, from `skip` on written to `target` as it comes.
   *
   * @returns the length of the whole string (what lay beyond `target` is dropped), or null where the server says nil
   */
  readInto(words: readonly Word[], target: Uint8Array, skip?: number): Promise<number | null>;
}

export interface RespClient extends RespSession {
  /** Ends the connection. What is under way fails with `ended`, and so does all that comes later. */
  close(): Promise<void>;
}

interface Call {
  readonly commands: readonly Command[];
  readonly bytes: number;
  readonly done: (replies: Reply[]) => void;
  readonly failed: (error: unknown) => void;
  readonly sent: (() => void) | undefined;
}

const waitingMost = 4096;

/**
 * A client of a server that speaks the Redis protocol, over one pipelined connection. It connects at the first call, and again at
 * the first one after a connection broke. A call that was under way then fails; nothing is ever sent twice.
 */
export function connect(target: RespTarget, options: RespOptions): RespClient {
  const { setTimer, greet, connectMs = 10_000, inFlightBytes = 16 * 1024 * 1024, limits = usualLimits } = options;
  const patience = { stallMs: options.stallMs ?? 15_000, commandMs: options.commandMs ?? 60_000 };
  const dial = 'dial' in target ? target.dial : dialTcp(target);
  const waiting: Call[] = [];
  let current: Connection | null = null;
  let stopConnecting: AbortController | null = null;
  let underWay = 0;
  let closed = false;

  const pump = (): void => {
    if (current === null) {
      if (waiting.length > 0 && stopConnecting === null) void open();
      return;
    }
    for (
      let next = waiting[0];
      next && current && (underWay === 0 || underWay + next.bytes <= inFlightBytes);
      next = waiting[0]
    ) {
      waiting.shift();
      run(current, next);
    }
  };

  const run = (connection: Connection, call: Call): void => {
    const replies: Reply[] = new Array(call.commands.length).fill(null);
    let missing = call.commands.length;
    underWay += call.bytes;
    const over = (): void => {
      underWay -= call.bytes;
      // Not from inside the decoder: what a call sends next need not wait for what else came in this piece.
      queueMicrotask(pump);
    };
    connection.send(
      call.commands,
      (i, reply) => {
        replies[i] = reply;
        if (--missing > 0) return;
        over();
        call.done(replies);
      },
      (error) => {
        if (missing === 0) return;
        missing = 0;
        over();
        call.failed(error);
      },
      call.sent,
    );
  };

  const failWaiting = (error: unknown): void => {
    for (const call of waiting.splice(0)) call.failed(error);
  };

  const open = async (): Promise<void> => {
    const stop = new AbortController();
    stopConnecting = stop;
    const late = setTimer(connectMs, () => stop.abort());
    try {
      const connection = await reach(stop.signal);
      const aborted = (): void => connection.end('timeout', 'The server takes too long to let us in.');
      stop.signal.addEventListener('abort', aborted);
      try {
        await greet?.(sessionOn((call) => run(connection, call)));
      } catch (error) {
        connection.end('connect', 'The server did not let us in.');
        throw error;
      }
      stop.signal.removeEventListener('abort', aborted);
      if (closed) connection.end('ended', 'The connection was closed.');
      else if (connection.ended) throw new ConnectionError('closed', 'The connection to the server broke.');
      else current = connection;
    } catch (error) {
      failWaiting(closed ? new ConnectionError('ended', 'The connection was closed.') : error);
    } finally {
      late();
      stopConnecting = null;
      pump();
    }
  };

  const reach = (signal: AbortSignal): Promise<Connection> =>
    new Promise((resolve, reject) => {
      const unreachable = (cause?: unknown): void =>
        reject(
          cause instanceof ConnectionError
            ? cause
            : new ConnectionError('connect', 'The server cannot be reached.', cause),
        );
      signal.addEventListener('abort', () => unreachable(), { once: true });
      dial(signal).then((stream) => {
        const connection: Connection = new Connection(stream, setTimer, patience, limits, (error) => {
          if (current === connection) current = null;
          // Who waits would only wait as long again. So nobody waits longer than what is before it takes.
          if (error.failure === 'timeout') failWaiting(error);
        });
        if (signal.aborted) connection.end('connect', 'The server cannot be reached.');
        resolve(connection);
      }, unreachable);
    });

  const enqueue = (call: Call): void => {
    if (closed) return void call.failed(new ConnectionError('ended', 'The connection was closed.'));
    if (waiting.length >= waitingMost)
      return void call.failed(new ConnectionError('busy', 'Too many calls wait for the server.'));
    waiting.push(call);
    pump();
  };

  return {
    ...sessionOn(enqueue),
    async close() {
      closed = true;
      stopConnecting?.abort();
      current?.end('ended', 'The connection was closed.');
      failWaiting(new ConnectionError('ended', 'The connection was closed.'));
    },
  };
}

function sessionOn(start: (call: Call) => void): RespSession {
  const ask = (commands: readonly Command[], sent?: () => void): Promise<Reply[]> =>
    new Promise((done, failed) => {
      const bytes = commands.reduce((sum, command) => sum + sizeOf(command), 0);
      start({ commands, bytes, done, failed, sent });
    });
  return {
    async command(...words) {
      const [reply = null] = await ask([{ words }]);
      if (reply instanceof ReplyError) throw reply;
      return reply;
    },
    async batch(commands, sent) {
      return commands.length === 0
        ? []
        : ask(
            commands.map((words) => ({ words })),
            sent,
          );
    },
    async readInto(words, target, skip = 0) {
      const [reply = null] = await ask([{ words, landing: { target, skip } }]);
      if (reply instanceof ReplyError) throw reply;
      if (reply !== null && !(reply instanceof Landed)) {
        throw new ConnectionError('protocol', 'The server answered with something other than bytes.');
      }
      return reply?.length ?? null;
    },
  };
}

const sizeOf = ({ words, landing }: Command): number =>
  words.reduce<number>((sum, word) => sum + wordLength(word) + 16, 0) +
  (landing ? landing.skip + landing.target.length : 0);
