import type { Duplex } from 'node:stream';
import type { Host } from '#core/host.ts';
import { ReplyDecoder, type ReplyLimits } from './decode.ts';
import { encodeCommand, type Word } from './encode.ts';
import { ConnectionError, type Landing, type Reply } from './reply.ts';

export interface Patience {
  /** No byte moved for this long while an answer is due: the connection is given up after once to twice of it. */
  readonly stallMs: number;
  /** From when a command is the first in line; its bytes, and those that came of its answer, add time at {@link slowestRate}. */
  readonly commandMs: number;
}

/** Bytes a second that a slow but living connection moves. */
const slowestRate = 16 * 1024;

/** Handed to the socket at once, so that a slow connection is seen to move. */
const sliceBytes = 128 * 1024;

export interface Command {
  readonly words: readonly Word[];
  /** Where a bulk string that answers it goes. */
  readonly landing?: Landing | undefined;
}

interface Pending {
  readonly landing: Landing | null;
  readonly bytes: number;
  readonly answered: (reply: Reply) => void;
  readonly failed: (error: ConnectionError) => void;
}

interface Segment {
  readonly bytes: Uint8Array;
  readonly sent: (() => void) | undefined;
}

/**
 * One connection to a server of the Redis protocol: commands go out in the order they are given and may be many at once, answers
 * come in that order. When one of them fails, all do: nobody knows then which answer belongs to what.
 */
export class Connection {
  readonly #stream: Duplex;
  readonly #patience: Patience;
  readonly #setTimer: Host['setTimer'];
  readonly #decoder: ReplyDecoder;
  readonly #pending: Pending[] = [];
  readonly #outbox: Segment[] = [];
  readonly #onEnd: (error: ConnectionError) => void;
  #writing = false;
  #moved = false;
  /** Turns of the stall timer that the first command in line has waited. */
  #turns = 0;
  /** Bytes that came since it was. */
  #came = 0;
  #cancelTimer: (() => void) | null = null;
  #ended: ConnectionError | null = null;

  constructor(
    stream: Duplex,
    setTimer: Host['setTimer'],
    patience: Patience,
    limits: ReplyLimits,
    onEnd: (error: ConnectionError) => void,
  ) {
    this.#stream = stream;
    this.#setTimer = setTimer;
    this.#patience = patience;
    this.#onEnd = onEnd;
    this.#decoder = new ReplyDecoder(
      (reply) => this.#answer(reply),
      limits,
      () => this.#pending[0]?.landing ?? null,
    );
    const broke = (cause?: unknown): void => this.end('closed', 'The connection to the server broke.', cause);
    stream.on('error', broke);
    stream.on('close', () => broke());
    stream.on('end', () => broke());
    stream.on('data', (chunk: Uint8Array) => this.#arrived(chunk));
  }

  get ended(): boolean {
    return this.#ended !== null;
  }

  /** Send commands one directly after the other. `sent` is called when their bytes are out of our hands. */
  send(
    commands: readonly Command[],
    answered: (i: number, reply: Reply) => void,
    failed: (error: ConnectionError) => void,
    sent?: () => void,
  ): void {
    if (this.#ended) return void failed(this.#ended);
    const idle = this.#pending.length === 0;
    commands.forEach(({ words, landing }, i) => {
      const segments = encodeCommand(words);
      const bytes = segments.reduce((sum, segment) => sum + segment.length, 0);
      const last = i === commands.length - 1;
      segments.forEach((segment, j) => {
        this.#outbox.push({ bytes: segment, sent: last && j === segments.length - 1 ? sent : undefined });
      });
      this.#pending.push({
        landing: landing ?? null,
        bytes,
        answered: (reply) => answered(i, reply),
        failed,
      });
    });
    if (idle) this.#startWaiting();
    if (!this.#writing) this.#write();
  }

  /** Everything under way fails with this. */
  end(failure: ConnectionError['failure'], message: string, cause?: unknown): void {
    if (this.#ended) return;
    const error = new ConnectionError(failure, message, cause);
    this.#ended = error;
    this.#cancelTimer?.();
    this.#outbox.length = 0;
    this.#stream.destroy();
    for (const pending of this.#pending.splice(0)) pending.failed(error);
    this.#onEnd(error);
  }

  #write(): void {
    const batch: Segment[] = [];
    let bytes = 0;
    while (bytes < sliceBytes) {
      const next = this.#outbox.shift();
      if (!next) break;
      const room = sliceBytes - bytes;
      if (next.bytes.length > room) {
        batch.push({ bytes: next.bytes.subarray(0, room), sent: undefined });
        this.#outbox.unshift({ ...next, bytes: next.bytes.subarray(room) });
        break;
      }
      batch.push(next);
      bytes += next.bytes.length;
    }
    this.#writing = batch.length > 0;
    if (!this.#writing) return;
    // Corked: one system call for all of them.
    this.#stream.cork();
    batch.forEach(({ bytes: piece }, i) => {
      if (i < batch.length - 1) this.#stream.write(piece);
      else this.#stream.write(piece, () => this.#wrote(batch));
    });
    this.#stream.uncork();
  }

  #wrote(batch: readonly Segment[]): void {
    if (this.#ended) return;
    this.#moved = true;
    for (const { sent } of batch) sent?.();
    this.#write();
  }

  #arrived(chunk: Uint8Array): void {
    if (this.#ended) return;
    this.#moved = true;
    this.#came += chunk.length;
    try {
      this.#decoder.push(chunk);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      this.end(error.failure, error.message);
    }
  }

  #answer(reply: Reply): void {
    const first = this.#pending.shift();
    if (!first) return void this.end('protocol', 'The server answered what nobody had asked.');
    this.#turns = 0;
    this.#came = 0;
    if (this.#pending.length === 0) this.#cancelTimer?.();
    first.answered(reply);
  }

  #startWaiting(): void {
    this.#moved = false;
    this.#turns = 0;
    this.#came = 0;
    this.#turn();
  }

  #turn(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#setTimer(this.#patience.stallMs, () => {
      const { stallMs, commandMs } = this.#patience;
      const first = this.#pending[0];
      if (!first) return;
      this.#turns++;
      const allowed = commandMs + ((first.bytes + this.#came) / slowestRate) * 1000;
      if (!this.#moved) this.end('timeout', 'The server does not answer.');
      else if (this.#turns * stallMs > allowed) this.end('timeout', 'The server takes too long.');
      else {
        this.#moved = false;
        this.#turn();
      }
    });
  }
}
