import type { Duplex } from 'node:stream';
import type { Answer, Ground, Session } from './commands/answer.ts';
import { execute } from './commands/table.ts';
import type { Member, Memory } from './memory.ts';
import type { BufferPool } from './wire/buffer-pool.ts';
import { failure, type Reply, replyBytes } from './wire/reply.ts';
import { createRequestParser, ownWord, type Word } from './wire/request-parser.ts';

/** How long a client may take. Times in milliseconds. */
export interface Patience {
  /** From connecting to the end of the first request. */
  readonly first: number;
  /** For a request that has begun, beyond what its bytes take at {@link slowest}. */
  readonly request: number;
  /** Bytes a second below which a request counts as not coming. */
  readonly slowest: number;
  /** For the system to take what waits to be sent. */
  readonly reply: number;
}

export const usualPatience: Patience = { first: 30_000, request: 30_000, slowest: 4096, reply: 300_000 };

export interface Connection {
  readonly session: Session;
  /** What arrived, in memory that will be used for something else when this returns. */
  take(bytes: Uint8Array): void;
  /** End it if it took too long over something. */
  check(now: number): void;
  close(): void;
}

export interface ConnectionOptions {
  readonly ground: Ground;
  readonly session: Session;
  readonly memory: Memory;
  readonly patience: Patience;
  /** What arrives comes by the stream's events, not by {@link Connection.take}. */
  readonly listens: boolean;
  /** What requests are gathered in. */
  readonly pool: BufferPool;
  /** A command was run, by this session on the namespace it then had. */
  readonly executed: (session: Session, namespace: Session['namespace'], command: string) => void;
  readonly closed: () => void;
}

type Durable = Extract<Answer, { kind: 'durable' }>;

interface Slot {
  reply: Reply | null;
}

/** Replies that wait for the disk at once. */
const slotsMost = 1024;
/** Bytes not taken yet from which on no further request is looked at. */
const unsentMost = 1 << 20;
/** Requests before others get their turn. */
const turn = 128;
/** Pieces of replies below this are sent together. */
const gatherBelow = 4096;

const gone = failure('Your active namespace is not available anymore (probably removed).');
const internal = failure('Internal Error');

/** Serve one client until it ends. Replies come in the order of requests. */
export function serveConnection(socket: Duplex, options: ConnectionOptions): Connection {
  const { ground, session, memory, patience } = options;
  const parser = createRequestParser(options.pool);
  const queue: Slot[] = [];
  let queuedBytes = 0;
  /** A command whose reply the next one has to wait for. */
  let busy = false;
  let pieces: Iterator<Reply> | null = null;
  /** Nothing more is read; when all is sent, the connection ends. */
  let ending = false;
  let inputEnded = false;
  let closed = false;
  let pumping = false;
  let scheduled = false;
  let paused = false;
  let gathered: Uint8Array[] = [];
  let syncing: { readonly after: Promise<void>; readonly waits: { slot: Slot; answer: Durable }[] } | null = null;
  const connectedAt = ground.now();
  let served = false;
  let partialSince: number | null = null;
  let unsentSince: number | null = null;

  const member: Member = { wake: () => schedule() };
  const unsent = (): number => socket.writableLength + queuedBytes;

  const send = (reply: Reply): void => {
    for (const part of reply) {
      ground.counts.sent += part.length;
      if (part.length < gatherBelow) {
        gathered.push(part);
        continue;
      }
      sendGathered();
      const { pool } = session;
      if (pool === null) socket.write(part);
      else {
        socket.write(part, (error) => {
          if (!error) pool.give(part);
        });
      }
    }
  };
  /** Small pieces go out as one, which costs less than many. */
  const sendGathered = (): void => {
    const [only] = gathered;
    if (only === undefined) return;
    socket.write(gathered.length === 1 ? only : Buffer.concat(gathered));
    gathered = [];
  };
  const finish = (): void => {
    if (closed) return;
    closed = true;
    memory.leave(member);
    options.closed();
  };
  const destroy = (): void => {
    finish();
    socket.destroy();
  };

  /** Send what is ready, in order. */
  const flush = (): void => {
    if (closed) return;
    socket.cork();
    for (;;) {
      const first = queue[0];
      if (first === undefined || first.reply === null) break;
      queue.shift();
      queuedBytes -= replyBytes(first.reply);
      send(first.reply);
    }
    while (pieces !== null && queue.length === 0 && socket.writableLength < unsentMost) {
      const piece = pieces.next();
      if (piece.done === true) {
        pieces = null;
        busy = false;
      } else {
        send(piece.value);
        sendGathered();
      }
    }
    sendGathered();
    socket.uncork();
    unsentSince = unsent() === 0 ? null : (unsentSince ?? ground.now());
    memory.holds(member, parser.held() + unsent());
  };
  const settle = (slot: Slot, reply: Reply): void => {
    slot.reply = reply;
    queuedBytes += replyBytes(reply);
  };
  const push = (reply: Reply | null): Slot => {
    const slot: Slot = { reply: null };
    if (reply !== null) settle(slot, reply);
    queue.push(slot);
    return slot;
  };
  const wait = (reply: Promise<Reply>, then: () => void): void => {
    const slot = push(null);
    reply
      .then(
        (value) => settle(slot, value),
        (error: unknown) => {
          ground.log.warn({ error: String(error) }, 'a command of the storage server failed');
          settle(slot, internal);
        },
      )
      .then(then);
  };

  /** Replies that wait for the same sync share one wait. */
  const waitDurable = (answer: Durable): void => {
    const slot = push(null);
    if (syncing?.after === answer.after) {
      syncing.waits.push({ slot, answer });
      return;
    }
    const waits = [{ slot, answer }];
    syncing = { after: answer.after, waits };
    const done = (durable: boolean) => (): void => {
      if (syncing?.waits === waits) syncing = null;
      for (const wait of waits) settle(wait.slot, durable ? wait.answer.reply : wait.answer.refused);
      schedule();
    };
    answer.after.then(done(true), done(false));
  };

  const run = (words: readonly Word[]): void => {
    const { namespace } = session;
    if (namespace.removed) {
      push(gone);
      ending = true;
      return;
    }
    if (namespace.paused !== null) {
      busy = true;
      const kept = words.map(ownWord);
      namespace.paused.then(() => {
        busy = false;
        if (closed) return;
        run(kept);
        schedule();
      });
      return;
    }
    const { answer, command } = execute(ground, session, words);
    switch (answer.kind) {
      case 'now':
        push(answer.reply);
        break;
      case 'durable':
        waitDurable(answer);
        break;
      case 'later':
        busy = true;
        wait(answer.reply, () => {
          busy = false;
          schedule();
        });
        break;
      case 'pieces':
        busy = true;
        pieces = answer.pieces[Symbol.iterator]();
        break;
      case 'end':
        push(answer.reply);
        ending = true;
        break;
    }
    if (command !== null) options.executed(session, namespace, command);
  };

  const isBlocked = (): boolean => busy || ending || closed || queue.length >= slotsMost || unsent() > unsentMost;
  const pump = (): void => {
    if (pumping || closed) return;
    pumping = true;
    try {
      let left = turn;
      let more = true;
      while (more && !isBlocked() && (unsent() === 0 || memory.mayGrow(member))) {
        if (left-- === 0) {
          schedule();
          break;
        }
        const parsed = parser.next();
        if (parsed.kind === 'request') {
          served = true;
          partialSince = null;
          run(parsed.words);
        } else if (parsed.kind === 'error') {
          push(failure(parsed.error));
          ending = true;
        } else more = false;
      }
      flush();
      if (closed) return;
      if (queue.length === 0 && !busy && (ending || (inputEnded && !more))) socket.end();
      if (more && !isBlocked() && memory.mayGrow(member)) schedule();
      if (!parser.partial()) partialSince = null;
      else partialSince ??= ground.now();
      // What was not looked at yet stays with the system, where the client feels it.
      const full = isBlocked() || more || !memory.mayGrow(member);
      if (full !== paused && !inputEnded) {
        paused = full;
        if (full) socket.pause();
        else socket.resume();
      }
    } catch (error) {
      ground.log.error({ error: String(error) }, 'a connection of the storage server failed');
      destroy();
    } finally {
      pumping = false;
    }
  };
  const schedule = (): void => {
    if (scheduled || closed) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      pump();
    });
  };

  const received = (chunk: Uint8Array): void => {
    ground.counts.received += chunk.length;
    // Whoever is being sent away is not listened to.
    if (ending || closed) return;
    parser.push(chunk);
    pump();
  };
  if (options.listens) {
    socket.on('data', received);
    socket.resume();
  }
  socket.on('drain', () => {
    unsentSince = null;
    pump();
  });
  socket.on('end', () => {
    inputEnded = true;
    pump();
  });
  socket.on('error', destroy);
  socket.on('close', finish);

  return {
    session,
    take(bytes) {
      received(bytes);
      parser.keep(bytes.buffer);
    },
    check(now) {
      if (closed) return;
      const late = (since: number | null, most: number): boolean => since !== null && now - since > most;
      const request = patience.request + (parser.held() / patience.slowest) * 1000;
      const waitsForUs = busy || queue.length > 0;
      if (!served && !waitsForUs && late(connectedAt, patience.first)) destroy();
      else if (!waitsForUs && !paused && late(partialSince, request)) destroy();
      else if (late(unsentSince, patience.reply)) destroy();
    },
    close: destroy,
  };
}
