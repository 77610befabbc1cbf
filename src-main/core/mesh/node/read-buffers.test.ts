import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { until } from '../testing/test-node.ts';
import { createReadBuffers, type Lease } from './read-buffers.ts';
import { createBatchPool, createSendQueue, type SendQueue } from './send-queue.ts';
import { createSharedBuffer, reading } from './shared-read.ts';
import { createTcpTransport } from './tcp-transport.ts';
import type { Connection, ConnectionHandler } from './transport.ts';
import { createWriteTurns } from './write-turns.ts';

describe('buffers of one socket alone', () => {
  it('come back once the socket left and nothing in them is held, in either order, and are few', () => {
    const pool = createReadBuffers({ bytes: 8, most: 2, spare: 1 });
    const [one, two] = [pool.take(), pool.take()];
    expect(pool.take()).toBeNull();
    one?.hold();
    one?.leave();
    expect(pool.out()).toBe(2);
    one?.release();
    expect(pool.out()).toBe(1);
    expect(pool.take()?.bytes).toBe(one?.bytes);
    two?.hold();
    two?.release();
    expect(two?.held()).toBe(false);
    expect(pool.out()).toBe(2);
    two?.leave();
    two?.leave();
    expect(pool.out()).toBe(1);
  });

  it('are never read into while something in them has still to leave, whoever takes what when, and all come back', () => {
    const links = 3;
    const kB = 1024;
    const read = fc.record({
      from: fc.nat(links - 1),
      pieces: fc.array(fc.record({ to: fc.nat(links - 1), length: fc.integer({ min: 1, max: 200 * kB }) }), {
        minLength: 1,
        maxLength: 4,
      }),
    });
    const step = fc.oneof(
      { weight: 4, arbitrary: read.map((one) => ({ ...one, do: 'read' as const })) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('take' as const), at: fc.nat(links - 1) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('hasty' as const), at: fc.nat(links - 1) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('break' as const), at: fc.nat(links - 1) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const buffer = createSharedBuffer();
        const due: (() => void)[] = [];
        const turns = createWriteTurns((run) => void due.push(run));
        const pool = createBatchPool();
        /** How each read's bytes begin: any later read there would show. */
        let stamp = 0;
        const all = Array.from({ length: links }, () => new Link((run) => void due.push(run)));
        const ends = all.map((link) => createSendQueue(link.connection, pool, () => {}, undefined, { turns }));
        let now: Extract<(typeof steps)[number], { do: 'read' }> | null = null;
        const readers = all.map(() =>
          reading(buffer, {
            take(bytes, start, end, lease) {
              turns.begin();
              let at = start;
              for (const { to, length } of now?.pieces ?? []) {
                if (at + length > end) throw new RangeError('more pieces than bytes');
                const link = all[to] as Link;
                const queued = (ends[to] as SendQueue).data(bytes, at, length, lease);
                if (queued) link.owed.push(bytes[at] as number, length);
                at += length;
              }
              turns.end();
            },
            ...{ slow: () => false, costly: () => false, relays: () => true },
          }),
        );
        const into = readers.map(({ onread }) => call(onread.buffer));
        const arrive = (from: number, bytes: number): void => {
          const { onread } = readers[from] as (typeof readers)[number];
          (into[from] as Uint8Array).fill(++stamp & 255, 0, bytes);
          onread.callback(bytes, into[from] as Uint8Array);
          into[from] = call(onread.buffer);
        };
        for (const step of steps) {
          if (step.do === 'read') {
            now = step;
            const bytes = step.pieces.reduce((sum, { length }) => sum + length, 0);
            arrive(step.from, bytes);
            now = null;
          } else if (step.do === 'take') all[step.at]?.take();
          else if (step.do === 'turn') for (const run of due.splice(0)) run();
          else if (step.do === 'hasty') (all[step.at] as Link).hasty = !(all[step.at] as Link).hasty;
          else ends[step.at]?.stop();
          expect(buffer.alone.out()).toBeLessThanOrEqual(16);
        }
        while (due.length > 0 || all.some((link) => link.pending.length > 0)) {
          for (const run of due.splice(0)) run();
          for (const [i, link] of all.entries()) {
            link.take();
            ends[i]?.drained();
          }
        }
        // A word of each neighbour, and the buffers are with nobody.
        for (let i = 0; i < links; i++) arrive(i, 10);
        expect(buffer.alone.out()).toBe(0);
        for (const link of all) link.check();
      }),
      { numRuns: 150 },
    );
  });
});

/** One that takes what it is given when told to, or at once when it is hasty, and looks whether it is what it was. */
class Link {
  hasty = false;
  /** Pairs of a stamp and how many bytes of it, as they were queued. */
  readonly owed: number[] = [];
  readonly pending: { view: Uint8Array; done: () => void }[] = [];
  readonly #had: number[] = [];
  readonly #later: (run: () => void) => void;
  constructor(later: (run: () => void) => void) {
    this.#later = later;
  }
  readonly connection: Connection = {
    remote: 'test',
    local: 'test',
    staticCost: 0,
    write: (view, done) => {
      this.pending.push({ view, done });
      if (!this.hasty) return false;
      // What came before it is gone as well; of all of it the writer is told later.
      for (const one of this.pending) this.#read(one.view);
      const told = this.pending.splice(0);
      this.#later(() => {
        for (const one of told) one.done();
      });
      return true;
    },
    buffered: () => this.pending.reduce((sum, { view }) => sum + view.length, 0),
    close() {},
  };

  take(): void {
    for (const { view, done } of this.pending.splice(0)) {
      this.#read(view);
      done();
    }
  }

  #read(view: Uint8Array): void {
    let at = 0;
    while (at < view.length) {
      const stamp = view[at] as number;
      const begun = at;
      while (at < view.length && view[at] === stamp) at++;
      if (this.#had.at(-2) === stamp) this.#had[this.#had.length - 1] = (this.#had.at(-1) as number) + at - begun;
      else this.#had.push(stamp, at - begun);
    }
  }

  /** All that was queued came, but for what a link that ended had not written. */
  check(): void {
    const owed: number[] = [];
    for (let i = 0; i < this.owed.length; i += 2) {
      const [stamp, length] = [this.owed[i] as number, this.owed[i + 1] as number];
      if (owed.at(-2) === stamp) owed[owed.length - 1] = (owed.at(-1) as number) + length;
      else owed.push(stamp, length);
    }
    const had = this.#had;
    const last = had.length - 2;
    expect(had.slice(0, Math.max(0, last))).toEqual(owed.slice(0, Math.max(0, last)));
    if (last < 0) return;
    expect(had[last]).toBe(owed[last]);
    expect(had[last + 1]).toBeLessThanOrEqual(owed[last + 1] as number);
  }
}

function call(buffer: unknown): Uint8Array {
  return (buffer as () => Uint8Array)();
}

describe('what a connection passes on from where it was read', () => {
  const total = 48 * 1024 * 1024;

  /** Two who dial; what the first sends is passed on to the second. */
  async function passing() {
    const buffer = createSharedBuffer();
    const transport = createTcpTransport(buffer);
    const seen = { leased: 0, dropped: 0, mostOut: 0 };
    const queues: SendQueue[] = [];
    const pool = createBatchPool();
    const turns = createWriteTurns(setImmediate);
    const listener = await transport.listen('127.0.0.1', 0, (connection): ConnectionHandler => {
      const queue = createSendQueue(connection, pool, () => {}, undefined, { turns });
      const order = queues.push(queue);
      return {
        data(bytes, start, end, lease?: Lease) {
          turns.begin();
          for (let at = start; at < end && order === 1; at += 256 * 1024) {
            const length = Math.min(256 * 1024, end - at);
            if (lease !== undefined) seen.leased += length;
            if (!queues[1]?.data(bytes, at, length, lease)) seen.dropped += length;
          }
          turns.end();
          seen.mostOut = Math.max(seen.mostOut, buffer.alone.out());
          // As the windows of those who talk over the relay would.
          const wait = (): void => {
            if ((queues[1]?.backlog() ?? 0) < 900_000) connection.resume();
            else setImmediate(wait);
          };
          connection.pause();
          wait();
        },
        relays: () => order === 1,
        drained: () => queue.drained(),
        closed: () => queue.stop(),
      };
    });
    const dial = async (): Promise<Socket> => {
      const before = queues.length;
      const socket = connect(listener.port, '127.0.0.1');
      socket.on('error', () => {});
      await until(() => queues.length > before);
      return socket;
    };
    const [source, sink] = [await dial(), await dial()];
    return { buffer, seen, source, sink, close: listener.close };
  }

  /** Each four bytes tell where they are. */
  const counted = new Uint8Array(Uint32Array.from({ length: total / 4 }, (_, i) => i).buffer);

  it('arrives byte for byte at one who now and then does not read, and no buffer stays away', async () => {
    const { buffer, seen, source, sink, close } = await passing();
    let got = 0;
    let wrong = 0;
    let reads = 0;
    sink.on('data', (chunk: Buffer) => {
      if (got < total && chunk.compare(counted, got, got + chunk.length) !== 0) wrong++;
      got += chunk.length;
      if (++reads % 7 > 0) return;
      // Long enough for what is on the way to come to a stop.
      sink.pause();
      setTimeout(() => sink.resume(), 1);
    });
    source.write(counted);
    await until(() => got + seen.dropped >= total || wrong > 0);
    expect({ wrong, dropped: seen.dropped }).toEqual({ wrong: 0, dropped: 0 });
    expect(seen.leased).toBeGreaterThan(total / 4);
    expect(seen.mostOut).toBeLessThanOrEqual(4);
    source.write(counted.subarray(0, 100));
    await until(() => buffer.alone.out() === 0);
    source.destroy();
    sink.destroy();
    await close();
  });

  it('is let go of when the one it was for goes with bytes on the way', async () => {
    const { buffer, seen, source, sink, close } = await passing();
    sink.pause();
    source.write(counted);
    await until(() => seen.leased > 0 && buffer.alone.out() > 1);
    sink.resetAndDestroy();
    await until(() => buffer.alone.out() <= 1);
    source.destroy();
    await until(() => buffer.alone.out() === 0);
    await close();
  });
});
