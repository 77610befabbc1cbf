import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget } from '../budget.ts';
import { ByteRing } from './byte-ring.ts';
import { Cubic } from './cubic.ts';
import { HyStart } from './hystart.ts';
import { initialNumbers } from './initial-sequence.ts';
import { Ranges } from './ranges.ts';
import { ReceiveBuffer } from './receive-buffer.ts';
import { RoundTrip } from './round-trip.ts';
import { Scoreboard } from './scoreboard.ts';
import { SendBuffer } from './send-buffer.ts';
import { fromWire, timestampAfter, toWire } from './sequence.ts';

describe('sequence numbers', () => {
  it('come back from the wire when they are within 2^31 of what is expected', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 50 }),
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        (near, off) => {
          expect(fromWire(toWire(near + off), near)).toBe(near + off);
        },
      ),
    );
    expect(fromWire(5, 0xffff_fff0)).toBe(2 ** 32 + 5);
    expect(fromWire(0xffff_fff0, 2 ** 32 + 5)).toBe(0xffff_fff0);
    expect([timestampAfter(1, 0xffff_ffff), timestampAfter(0xffff_ffff, 1)]).toEqual([2, -2]);
  });
});

/** Half-open ranges against a plain set of numbers. */
const moves = fc.array(
  fc.oneof(
    fc.tuple(fc.constant('add' as const), fc.nat({ max: 60 }), fc.nat({ max: 12 })),
    fc.tuple(fc.constant('drop' as const), fc.nat({ max: 60 }), fc.constant(0)),
  ),
  { maxLength: 30 },
);

describe('ranges', () => {
  it('hold what a set would, sorted and apart', () => {
    fc.assert(
      fc.property(moves, fc.nat({ max: 60 }), fc.nat({ max: 60 }), (list, from, to) => {
        const ranges = new Ranges(100);
        const model = new Set<number>();
        for (const [kind, at, length] of list) {
          if (kind === 'add') {
            const before = model.size;
            for (let i = at; i < at + length; i++) model.add(i);
            expect(ranges.add(at, at + length)).toBe(model.size - before);
          } else {
            for (const one of [...model]) if (one < at) model.delete(one);
            ranges.dropBelow(at);
          }
        }
        const held: number[] = [];
        for (let i = 0; i < ranges.count; i++) {
          expect(ranges.start(i)).toBeLessThan(ranges.end(i));
          if (i > 0) expect(ranges.start(i)).toBeGreaterThan(ranges.end(i - 1));
          for (let n = ranges.start(i); n < ranges.end(i); n++) held.push(n);
        }
        expect(held).toEqual([...model].sort((a, b) => a - b));
        expect(ranges.total).toBe(model.size);
        expect(ranges.within(from, to)).toBe([...model].filter((n) => n >= from && n < to).length);
        expect(ranges.covers(from, from + 3)).toBe([0, 1, 2].every((i) => model.has(from + i)));
      }),
    );
  });

  it('refuse one more than the limit, but not what joins', () => {
    const ranges = new Ranges(2);
    expect([ranges.add(0, 1), ranges.add(10, 11), ranges.add(20, 21), ranges.add(1, 5)]).toEqual([1, 1, -1, 4]);
  });
});

describe('the ring', () => {
  it('keeps bytes at their positions while it grows and wraps', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 0, max: 3000 })), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 40 }), steps, (start, list) => {
        const ring = new ByteRing();
        let [head, end] = [start, start];
        for (const [add, take] of list) {
          const bytes = Uint8Array.from({ length: add }, (_, i) => (end + i) % 251);
          ring.ensure(head, end + add - head);
          ring.put(end, bytes, 0, add);
          end += add;
          const out = new Uint8Array(Math.min(take, end - head));
          ring.copy(head, out.length, out, 0);
          expect(out).toEqual(Uint8Array.from({ length: out.length }, (_, i) => (head + i) % 251));
          head += out.length;
        }
      }),
    );
  });
});

describe('the receive buffer', () => {
  it('gives the stream back from pieces in any order, overlapping and repeated', () => {
    const pieces = fc.array(fc.tuple(fc.nat({ max: 400 }), fc.integer({ min: 1, max: 80 })), {
      minLength: 1,
      maxLength: 80,
    });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 33 }), pieces, fc.constantFrom(100, 500), (base, list, capacity) => {
        const buffer = new ReceiveBuffer(base, capacity);
        const stream = (at: number) => (at * 7) % 253;
        let read = base;
        const check = (): void => {
          const bytes = buffer.read(37);
          for (const byte of bytes ?? []) expect(byte).toBe(stream(read++ - base));
        };
        for (const [at, length] of list) {
          const piece = Uint8Array.from({ length }, (_, i) => stream(at + i));
          buffer.take(base + at, piece, 0, length);
          expect(buffer.next - read).toBe(buffer.readable);
          expect(buffer.readable).toBeLessThanOrEqual(capacity);
          const blocks: number[] = [];
          const count = buffer.blocks(blocks, 4);
          for (let i = 0; i < count; i++) expect(blocks[i * 2]).toBeGreaterThan(buffer.next);
          if (length % 3 === 0) check();
        }
        while (buffer.readable > 0) check();
      }),
    );
  });

  it('tells the latest block first', () => {
    const buffer = new ReceiveBuffer(0, 1000);
    for (const at of [100, 300, 500, 310]) buffer.take(at, new Uint8Array(10), 0, 10);
    const blocks: number[] = [];
    expect(buffer.blocks(blocks, 4)).toBe(3);
    expect(blocks).toEqual([300, 320, 500, 510, 100, 110]);
  });

  it('holds no more than its capacity, and no more gaps than it may, for all the tiny segments of the world', () => {
    const buffer = new ReceiveBuffer(0, 65_536);
    let beyond = 0;
    for (let at = 1; at < 70_000; at += 2) if (buffer.take(at, new Uint8Array(1), 0, 1) === 'beyond') beyond++;
    expect(beyond).toBe(128);
    expect(buffer.take(70_000, new Uint8Array(9), 0, 9)).toBe('refused');
  });
});

describe('the send buffer', () => {
  it('takes what fits and keeps it until it is released', () => {
    const buffer = new SendBuffer(10, 100);
    expect(buffer.write(new Uint8Array(80).fill(1), 0)).toBe(80);
    expect(buffer.write(new Uint8Array(80).fill(2), 0)).toBe(20);
    buffer.release(60);
    expect(buffer.space).toBe(50);
    const out = new Uint8Array(50);
    buffer.copy(60, 50, out, 0);
    expect([out[0], out[29], out[30], out[49]]).toEqual([1, 1, 2, 2]);
  });
});

describe('the scoreboard', () => {
  const mss = 100;

  it('takes for lost what has three segments acknowledged above it', () => {
    const board = new Scoreboard(0);
    board.sack(100, 200);
    board.sack(300, 400);
    board.judge(mss, 3);
    expect(board.anyLost).toBe(false);
    board.sack(500, 600);
    board.judge(mss, 3);
    expect(board.nextHole()).toEqual({ start: 0, end: 100 });
    // 1000 sent: 300 acknowledged, 100 lost.
    expect(board.pipe(1000)).toBe(600);
    board.resent(0, 100, 1000);
    expect(board.pipe(1000)).toBe(700);
    expect(board.nextHole()).toBeNull();
  });

  it('sends a retransmission again when data sent three segments later has come through', () => {
    const board = new Scoreboard(0);
    board.sack(100, 400);
    board.judge(mss, 3);
    board.resent(0, 100, 1000);
    board.sack(1000, 1250);
    board.judge(mss, 3);
    expect(board.nextHole()?.start ?? null).toBe(400);
    board.resent(400, 1000, 1250);
    board.sack(1250, 1300);
    board.judge(mss, 3);
    expect(board.nextHole()).toEqual({ start: 0, end: 100 });
  });

  it('counts pipe as section 4 of RFC 6675 does, byte by byte', () => {
    const blocks = fc.array(fc.tuple(fc.nat({ max: 90 }), fc.integer({ min: 1, max: 10 })), { maxLength: 12 });
    fc.assert(
      fc.property(blocks, fc.nat({ max: 50 }), (list, una) => {
        const board = new Scoreboard(0);
        for (const [at, length] of list) if (at > 0) board.sack(at, Math.min(100, at + length));
        board.judge(3, 3);
        board.acknowledged(una);
        const sacked = new Set<number>();
        for (const [at, length] of list)
          if (at > 0) for (let i = at; i < Math.min(100, at + length); i++) if (i >= una) sacked.add(i);
        // IsLost as it was when judged: with everything that lay below una counted as it then was.
        const lostBelow = board.anyLost ? (board.nextHole()?.start ?? una) : una;
        let holes = 0;
        for (let i = una; i < 100; i++) if (!sacked.has(i)) holes++;
        expect(board.pipe(100)).toBeLessThanOrEqual(holes);
        expect(sacked.has(lostBelow) && board.nextHole() !== null).toBe(false);
        board.restart(100);
        expect(board.pipe(100)).toBe(0);
        const again: number[] = [];
        for (let hole = board.nextHole(); hole !== null; hole = board.nextHole()) {
          for (let i = hole.start; i < hole.end; i++) again.push(i);
          board.resent(hole.start, hole.end, 100);
        }
        expect(again).toEqual(Array.from({ length: 100 - una }, (_, i) => una + i).filter((i) => !sacked.has(i)));
        expect(board.pipe(100)).toBe(holes);
      }),
    );
  });

  it('ignores a peer that acknowledges in thousands of pieces', () => {
    const board = new Scoreboard(0);
    let taken = 0;
    for (let at = 1; at < 10_000; at += 2) if (board.sack(at, at + 1)) taken++;
    expect(taken).toBe(512);
  });
});

describe('the round trip', () => {
  const limits = { least: 200, most: 60_000, initial: 1000 };

  it('follows RFC 6298', () => {
    const rtt = new RoundTrip({ ...limits, least: 1 });
    expect(rtt.timeout).toBe(1000);
    rtt.sample(100);
    expect([rtt.smoothed, rtt.timeout]).toEqual([100, 300]);
    rtt.sample(200);
    expect([rtt.smoothed, rtt.timeout]).toEqual([112.5, 112.5 + 4 * 62.5]);
    rtt.backOff();
    rtt.backOff();
    expect(rtt.timeout).toBe(4 * (112.5 + 250));
    for (let i = 0; i < 40; i++) rtt.backOff();
    expect(rtt.timeout).toBe(60_000);
    rtt.settle();
    expect(rtt.timeout).toBe(362.5);
  });

  it('stays within its limits whatever is measured', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -10, max: 1e7, noNaN: true })), (samples) => {
        const rtt = new RoundTrip(limits);
        for (const one of samples) rtt.sample(one);
        expect(rtt.timeout).toBeGreaterThanOrEqual(200);
        expect(rtt.timeout).toBeLessThanOrEqual(60_000);
      }),
    );
  });
});

describe('CUBIC', () => {
  it('doubles in slow start and falls to seven tenths at a loss', () => {
    const cubic = new Cubic(1000);
    expect(cubic.window).toBe(10_000);
    for (let i = 0; i < 10; i++) cubic.acknowledged(1000, i, 50);
    expect(cubic.window).toBe(20_000);
    cubic.lost(20_000);
    expect([cubic.window, cubic.threshold]).toEqual([14_000, 14_000]);
    cubic.timedOut(14_000);
    expect(cubic.window).toBe(1000);
    expect(cubic.threshold).toBeCloseTo(9800);
  });

  it('climbs back to the old maximum, rests there, and then goes beyond', () => {
    const cubic = new Cubic(1000);
    for (let i = 0; i < 300; i++) cubic.acknowledged(1000, 0, 50);
    const peak = cubic.window;
    cubic.lost(peak);
    const rtt = 50;
    const at: number[] = [];
    for (let now = 0; now < 12_000; now += rtt) {
      cubic.acknowledged(cubic.window, now, rtt);
      at.push(cubic.window);
    }
    // K of RFC 9438 section 4.2: the cube root of the fall over C, in seconds.
    const k = Math.cbrt((peak * 0.3) / 1000 / 0.4);
    const atK = at[Math.floor((k * 1000) / rtt)] ?? 0;
    expect(Math.abs(atK - peak) / peak).toBeLessThan(0.1);
    expect(at.at(-1)).toBeGreaterThan(peak);
    for (let i = 1; i < at.length; i++) expect(at[i]).toBeGreaterThanOrEqual((at[i - 1] ?? 0) - 1e-6);
  });

  it('stays a number above one segment whatever happens', () => {
    const events = fc.array(
      fc.tuple(fc.constantFrom('ack', 'loss', 'timeout', 'again', 'idle', 'leave'), fc.nat({ max: 100_000 })),
      { maxLength: 100 },
    );
    fc.assert(
      fc.property(events, (list) => {
        const cubic = new Cubic(1000);
        let now = 0;
        for (const [kind, n] of list) {
          now += n / 10;
          if (kind === 'ack') cubic.acknowledged(n, now, n / 100);
          else if (kind === 'loss') cubic.lost(n);
          else if (kind === 'timeout') cubic.timedOut(n);
          else if (kind === 'again') cubic.collapse();
          else if (kind === 'leave') cubic.leaveSlowStart();
          else cubic.idle();
          expect(cubic.window).toBeGreaterThanOrEqual(1000);
          expect(Number.isFinite(cubic.window)).toBe(true);
        }
      }),
    );
  });
});

describe('HyStart++', () => {
  /** Rounds of ten acknowledgements with that round trip each. */
  function rounds(hystart: HyStart, from: number, ...trips: number[]): string {
    let last = '';
    trips.forEach((rtt, round) => {
      for (let i = 0; i < 10; i++) last = hystart.acknowledged((from + round) * 10 + i, (from + round + 1) * 10, rtt);
    });
    return last;
  }

  it('creeps when the round trip grows, and leaves slow start when it stays so', () => {
    const hystart = new HyStart();
    expect(rounds(hystart, 0, 50, 50, 51)).toBe('grow');
    expect(rounds(hystart, 3, 60)).toBe('creep');
    expect(rounds(hystart, 4, 62, 63, 64, 65)).toBe('creep');
    expect(rounds(hystart, 8, 66, 66)).toBe('leave');
  });

  it('goes on growing when it was a passing thing', () => {
    const hystart = new HyStart();
    rounds(hystart, 0, 50, 50, 60);
    expect(rounds(hystart, 3, 50)).toBe('grow');
  });
});

describe('initial sequence numbers (RFC 6528)', () => {
  const path = {
    localAddress: new Uint8Array(16).fill(4),
    localPort: 1,
    remoteAddress: new Uint8Array(16).fill(5),
    remotePort: 2,
  };
  const secret = new Uint8Array(32).fill(7);

  it('grow by one each four microseconds for the same endpoints', () => {
    const [first, later] = [initialNumbers(secret, path, 1000), initialNumbers(secret, path, 1010)];
    expect((later.iss - first.iss) >>> 0).toBe(2500);
    expect(later.timestampOffset).toBe(first.timestampOffset);
  });

  it('tell nothing about other endpoints, or under another secret', () => {
    const all = new Set([
      initialNumbers(secret, path, 0).iss,
      initialNumbers(secret, { ...path, remotePort: 3 }, 0).iss,
      initialNumbers(secret, { ...path, localPort: 3 }, 0).iss,
      initialNumbers(new Uint8Array(32).fill(8), path, 0).iss,
    ]);
    expect(all.size).toBe(4);
  });
});

describe('the memory of a stack', () => {
  it('is promised up to its limit and taken back', () => {
    const budget = new Budget(100);
    expect([budget.takeSpare(70), budget.takeSpare(10), budget.take(40), budget.take(30)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect(budget.used).toBe(100);
    budget.give(200);
    expect(budget.used).toBe(0);
  });
});
