import type { Connection } from '../tcp/connection.ts';
import type { Dice } from './random.ts';

/** Bytes of a stream by position: different at every place, so that shifted, repeated or mixed data shows. */
export function patternAt(seed: number, position: number): number {
  let x = Math.imul(position ^ Math.imul(seed, 0x9e3779b1), 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return (x ^ (x >>> 16)) & 255;
}

/** Writes a pattern of `total` bytes in pieces of random size, then ends. */
export class Source {
  sent = 0;
  readonly #connection: Connection;
  readonly #seed: number;
  readonly #total: number;
  readonly #dice: Dice;

  constructor(connection: Connection, seed: number, total: number, dice: Dice) {
    this.#connection = connection;
    this.#seed = seed;
    this.#total = total;
    this.#dice = dice;
  }

  pump(): void {
    while (this.sent < this.#total) {
      const piece = new Uint8Array(Math.min(this.#total - this.sent, 1 + this.#dice.below(20_000)));
      for (let i = 0; i < piece.length; i++) piece[i] = patternAt(this.#seed, this.sent + i);
      const taken = this.#connection.write(piece);
      this.sent += taken;
      if (taken < piece.length) return;
    }
    this.#connection.end();
  }
}

/** Reads in pieces of random size and checks each byte against the pattern. */
export class Sink {
  received = 0;
  wrongAt: number | null = null;
  ended = false;
  /** Bytes to read before it stops for a while; the test calls `pump` to go on. */
  appetite = Number.POSITIVE_INFINITY;
  readonly #connection: Connection;
  readonly #seed: number;
  readonly #dice: Dice;

  constructor(connection: Connection, seed: number, dice: Dice) {
    this.#connection = connection;
    this.#seed = seed;
    this.#dice = dice;
  }

  pump(): void {
    while (this.appetite > 0) {
      const bytes = this.#connection.read(Math.min(this.appetite, 1 + this.#dice.below(30_000)));
      if (bytes === null) break;
      this.appetite -= bytes.length;
      for (const byte of bytes) {
        if (byte !== patternAt(this.#seed, this.received)) this.wrongAt ??= this.received;
        this.received++;
      }
    }
    this.ended = this.#connection.ended;
  }
}

/** A source and a sink on one connection. */
export function drive(connection: Connection, send: { seed: number; total: number }, expect: number, dice: Dice) {
  const source = new Source(connection, send.seed, send.total, dice);
  const sink = new Sink(connection, expect, dice);
  const run = (): void => {
    sink.pump();
    if (connection.state !== 'syn-sent') source.pump();
  };
  connection.onEvents = run;
  // An end whose peer gave up while the reset was lost finds out only by asking.
  connection.setKeepAlive(600_000);
  return { source, sink, run };
}
