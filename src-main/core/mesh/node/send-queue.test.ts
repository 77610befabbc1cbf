import { describe, expect, it } from 'vitest';
import { createControlBound } from './control-bound.ts';
import { createControlLog } from './control-log.ts';
import { createGathering } from './gathering.ts';
import { createBatchPool, createSendQueue, defaultSendLimits, type SendQueue } from './send-queue.ts';
import type { Connection } from './transport.ts';

/** A connection whose other side reads only when told to. */
function stuck() {
  const written: Uint8Array[] = [];
  const given: Uint8Array[] = [];
  const pending: { size: number; done: () => void }[] = [];
  let closed = 0;
  const connection: Connection = {
    remote: 'test',
    local: 'test',
    staticCost: 10,
    write(bytes, done) {
      written.push(bytes.slice());
      given.push(bytes);
      pending.push({ size: bytes.length, done });
      return false;
    },
    buffered: () => pending.reduce((sum, one) => sum + one.size, 0),
    close: () => closed++,
  };
  const read = (): void => {
    for (const { done } of pending.splice(0)) done();
  };
  return { connection, written, given, read, closed: () => closed };
}

const turn = (): Promise<void> => new Promise((done) => setImmediate(done));
const packet = (n: number, size = 1000): Uint8Array => new Uint8Array(size).fill(n);

describe('the send queue', () => {
  it('writes all packets of a turn at once, control first', async () => {
    const s = stuck();
    const queue = createSendQueue(s.connection, createBatchPool(), () => {});
    queue.data(packet(1), 0, 1000);
    queue.data(packet(2), 0, 1000);
    queue.control(packet(3, 10));
    queue.control(packet(4, 10));
    await turn();
    expect(s.written.map((bytes) => bytes.length)).toEqual([20, 2000]);
    expect(s.written[0]?.[0]).toBe(3);
    expect(s.written[1]?.[1000]).toBe(2);
  });

  it('drops data beyond its bound, never control, and lets control pass what waits', async () => {
    const s = stuck();
    const queue = createSendQueue(s.connection, createBatchPool(), () => {}, { data: 1_000_000, control: 100_000 });
    let taken = 0;
    for (let i = 0; i < 5000; i++) if (queue.data(packet(1), 0, 1000)) taken++;
    expect(taken).toBe(1000);
    await turn();
    const before = s.written.length;
    expect(s.connection.buffered()).toBeLessThan(600_000);
    queue.control(packet(9, 16));
    await turn();
    expect(s.written.slice(before).map((bytes) => bytes[0])).toEqual([9]);
    while (s.connection.buffered() > 0) {
      s.read();
      queue.drained();
      await turn();
    }
    expect(s.written.reduce((sum, bytes) => sum + bytes.length, 0)).toBe(1_000_016);
    expect(queue.backlog()).toBe(0);
    expect(queue.data(packet(1), 0, 1000)).toBe(true);
  });

  it('has packets built where they leave from, in order with those copied in, and none in what was never filled', async () => {
    const s = stuck();
    const queue = createSendQueue(s.connection, createBatchPool(), () => {}, { data: 1_000_000, control: 100_000 });
    const build = (n: number, size: number): boolean => {
      const room = queue.room(size);
      room?.bytes.fill(n, room.at, room.at + size);
      if (room === null) return false;
      queue.filled(size);
      return true;
    };
    build(1, 1000);
    queue.room(5000);
    queue.data(packet(2), 0, 1000);
    // Past the end of the first batch.
    let built = 2;
    while (build(3, 60_000)) built += 60;
    expect(built).toBe(962);
    await turn();
    while (s.connection.buffered() > 0) {
      s.read();
      queue.drained();
      await turn();
    }
    const all = Buffer.concat(s.written);
    expect(all.length).toBe(962_000);
    expect([all[999], all[1000], all[1999], all[2000], all.at(-1)]).toEqual([1, 2, 2, 3, 3]);
    expect(queue.backlog()).toBe(0);
    queue.stop();
    expect(queue.room(1)).toBeNull();
  });

  it('sends what many are told from one place, without what others alone were told, and copies what has to wait', async () => {
    const [s, t] = [stuck(), stuck()];
    const log = createControlLog();
    const [one, other] = [s, t].map(({ connection }) => createSendQueue(connection, createBatchPool(), () => {}));
    const tell = (n: number, ...queues: (typeof one)[]): void => {
      const { bytes, at, length } = log.add(packet(n, 30_000));
      for (const queue of queues) queue?.control(bytes, at, length);
    };
    const heard = (all: typeof s, from: number): number[] =>
      all.written
        .slice(from)
        .flatMap((bytes) => Array.from({ length: bytes.length / 30_000 }, (_, i) => bytes[i * 30_000] ?? 0));
    tell(1, one, other);
    tell(2, other);
    // Fits no more where the first two are.
    tell(3, one, other);
    await turn();
    expect(heard(s, 0)).toEqual([1, 3]);
    expect(heard(t, 0)).toEqual([1, 2, 3]);
    const kept = s.given.length;
    tell(4, one, other);
    await turn();
    t.read();
    tell(5, one, other);
    await turn();
    expect(heard(s, 0)).toEqual([1, 3, 4, 5]);
    expect(heard(t, 0)).toEqual([1, 2, 3, 4, 5]);
    // The first had room and got the very bytes of the log, the later ones of the one who did not read are its own.
    const buffers = (all: typeof s): unknown[] => all.given.map((bytes) => bytes.buffer);
    expect(buffers(t).at(-1)).toBe(log.add(packet(6, 1)).bytes.buffer);
    expect(buffers(s).slice(kept)).not.toContain(buffers(t).at(-1));
  });

  it('lets control gather that follows other control closely, until something urgent comes or the moment is over', async () => {
    const s = stuck();
    let now = 0;
    const due: (() => void)[] = [];
    const gathering = createGathering(
      () => now,
      (_, fire) => due.push(fire),
    );
    const queue = createSendQueue(s.connection, createBatchPool(), () => {}, defaultSendLimits, { gathering });
    const marks = (): number[][] => s.written.map((bytes) => [...bytes]);
    const say = (n: number, urgent = false): void => queue.control(Uint8Array.of(n), 0, 1, urgent);
    say(1);
    await turn();
    expect(marks()).toEqual([[1]]);
    s.read();
    // These wait for each other, and packets do not wait for them.
    say(2);
    await turn();
    say(3);
    queue.data(packet(9, 1), 0, 1);
    await turn();
    expect(marks()).toEqual([[1], [9]]);
    now = 3;
    for (const fire of due.splice(0)) fire();
    expect(marks()).toEqual([[1], [9], [2, 3]]);
    s.read();
    say(4);
    say(5, true);
    await turn();
    expect(marks().at(-1)).toEqual([4, 5]);
    // The moment that was over early comes to nothing.
    for (const fire of due.splice(0)) fire();
    s.read();
    now = 20;
    say(6);
    await turn();
    expect(marks()).toEqual([[1], [9], [2, 3], [4, 5], [6]]);
    expect(queue.backlog()).toBe(1);
  });

  it('gives up on a peer that takes no control any more', () => {
    const s = stuck();
    let overrun = 0;
    const queue = createSendQueue(s.connection, createBatchPool(), () => overrun++, { data: 1000, control: 10_000 });
    for (let i = 0; i < 11; i++) queue.control(packet(1));
    expect(overrun).toBe(1);
  });

  describe('of many links', () => {
    function links(most: number, count: number) {
      const bound = createControlBound(most);
      const given: number[] = [];
      const all = Array.from({ length: count }, (_, i) => {
        const s = stuck();
        const overrun = (): void => {
          given.push(i);
          s.connection.close();
        };
        return {
          ...s,
          queue: createSendQueue(s.connection, createBatchPool(), overrun, defaultSendLimits, { bound }),
        };
      });
      /** Each of them in a turn and a write of its own, which costs 300 more. */
      const tell = async (i: number, times: number, size = 1000): Promise<void> => {
        for (let n = 0; n < times; n++) {
          all[i]?.queue.control(packet(i, size));
          await turn();
        }
      };
      return { all, given, tell };
    }

    it('gives up the one with most control in wait when all together have too much, and only as many as it takes', async () => {
      const { all, given, tell } = links(117_000, 4);
      await tell(0, 20);
      await tell(1, 30);
      await tell(2, 25);
      expect(given).toEqual([]);
      await tell(3, 10);
      expect(given).toEqual([]);
      await tell(3, 10);
      expect(given).toEqual([1]);
      expect(all.map((one) => one.closed())).toEqual([0, 1, 0, 0]);
      // Nothing is said on it any more, nor does it count.
      await tell(1, 1000);
      expect(given).toEqual([1]);
      await tell(0, 30);
      expect(given).toEqual([1, 0]);
    });

    it('counts neither what the system took nor those that ended, however much all of them say', async () => {
      const { all, given, tell } = links(117_000, 3);
      for (let round = 0; round < 5; round++) {
        await tell(0, 40);
        await tell(1, 40);
        all[0]?.read();
        all[1]?.read();
      }
      await tell(2, 60);
      all[2]?.queue.stop();
      all[2]?.read();
      await tell(0, 60);
      expect(given).toEqual([]);
    });

    it('counts what a row of small writes costs, and not what is told many at once from one place', async () => {
      const small = links(100_000, 2);
      await small.tell(0, 400, 10);
      expect(small.given).toEqual([0]);
      const taken = createControlBound(100_000);
      const queues: SendQueue[] = [];
      for (let i = 0; i < 100; i++) {
        const s = stuck();
        // The system takes all at once, and says so later.
        const connection: Connection = { ...s.connection, buffered: () => 0 };
        const overrun = (): void => expect.unreachable();
        queues.push(createSendQueue(connection, createBatchPool(), overrun, defaultSendLimits, { bound: taken }));
      }
      for (const queue of queues) queue.control(packet(1, 50_000));
      await turn();
    });
  });
});
