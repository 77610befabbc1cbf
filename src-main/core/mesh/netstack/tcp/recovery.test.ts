import { describe, expect, it } from 'vitest';
import { addressB, createPair } from '../testing/pair.ts';
import { createSegment, decodeSegment } from './segment.ts';

const TOTAL = 60_000;
const SEGMENT = 1328;

/**
 * Send 60,000 bytes over a link of 10 ms each way. @param drop is asked for each data packet with the number of its first byte in the stream and
 * how often that was sent before; true loses it.
 */
function send(drop: (at: number, copies: number) => boolean, during?: (pair: ReturnType<typeof createPair>) => void) {
  const pair = createPair(1, { latency: 10 });
  let arrived = 0;
  let end = 0;
  pair.b.listen(80, (connection) => {
    connection.onEvents = () => {
      for (let bytes = connection.read(100_000); bytes !== null; bytes = connection.read(100_000))
        arrived += bytes.length;
      if (arrived === TOTAL && end === 0) end = pair.clock.now();
    };
  });
  const connection = pair.a.connect(addressB, 80);
  const { tcb } = connection;
  const sent = new Map<number, number>();
  const seen = { timer: 0, fast: 0, copies: 0 };
  let last = tcb.recovery;
  const look = (): void => {
    if (tcb.recovery !== null && tcb.recovery !== last) seen[tcb.recovery.byTimer ? 'timer' : 'fast']++;
    last = tcb.recovery;
  };
  pair.ab.filter = (packet) => {
    look();
    const segment = createSegment();
    decodeSegment(packet, 40, packet.length, segment);
    if (segment.dataLength === 0) return true;
    const at = (segment.sequence - tcb.iss - 1) >>> 0;
    const copies = sent.get(at) ?? 0;
    sent.set(at, copies + 1);
    if (copies > 0) seen.copies++;
    return !drop(at, copies);
  };
  connection.setNoDelay(true);
  connection.write(new Uint8Array(TOTAL));
  during?.(pair);
  pair.clock.run(() => end > 0 && tcb.una === tcb.next, 60_000);
  return { ...seen, arrived, end, tcb, pair };
}

describe('loss is repaired', () => {
  it('not at all where there is none', () => {
    const clean = send(() => false);
    expect(clean).toMatchObject({ arrived: TOTAL, timer: 0, fast: 0, copies: 0 });
  });

  it('of one segment in a round trip, by sending that one again and no other', () => {
    const clean = send(() => false).end;
    const one = send((at, copies) => at === 3 * SEGMENT && copies === 0);
    expect(one).toMatchObject({ arrived: TOTAL, timer: 0, fast: 1, copies: 1 });
    // A few round trips of 20 ms for the smaller window, and no wait for a timer.
    expect(one.end - clean).toBeLessThan(100);
  });

  it('of several segments of one flight in that same round trip', () => {
    const several = send((at, copies) => copies === 0 && [1, 3, 4, 8].includes(at / SEGMENT));
    expect(several).toMatchObject({ arrived: TOTAL, timer: 0, fast: 1, copies: 4 });
  });

  it('of a retransmission too, without the timer', () => {
    const twice = send((at, copies) => at === 3 * SEGMENT && copies < 2);
    expect(twice).toMatchObject({ arrived: TOTAL, timer: 0 });
  });

  it('of the last segment, by a probe and not by the timer', () => {
    const tail = Math.floor(TOTAL / SEGMENT) * SEGMENT;
    const probed = send((at, copies) => at === tail && copies === 0);
    expect(probed).toMatchObject({ arrived: TOTAL, timer: 0, copies: 1 });
    expect(probed.tcb.cubic.threshold, 'one probe is no congestion').toBe(Number.POSITIVE_INFINITY);
  });

  it('of the last three segments: the probe comes through and tells that what was before it is lost', () => {
    const tail = Math.floor(TOTAL / SEGMENT) * SEGMENT - 2 * SEGMENT;
    let lost = 0;
    expect(send((at) => at >= tail && lost++ < 3)).toMatchObject({ arrived: TOTAL, timer: 0, fast: 1 });
  });

  it('of everything for a while, by the timer', () => {
    const cut = send((_at, copies) => copies < 2);
    expect(cut.arrived).toBe(TOTAL);
    expect(cut.timer).toBeGreaterThan(0);
  });
});

describe('what only came late', () => {
  it('is not taken for congestion: the window comes back (RFC 3522, RFC 4015)', () => {
    // Half a second of silence in the middle, with nothing lost: the timer runs out in vain.
    const late = send(
      () => false,
      (pair) => {
        pair.clock.setTimer(25, () => {
          for (const direction of [pair.ab, pair.ba]) direction.model = { ...direction.model, latency: 500 };
        });
        pair.clock.setTimer(700, () => {
          for (const direction of [pair.ab, pair.ba]) direction.model = { ...direction.model, latency: 10 };
        });
      },
    );
    expect(late.arrived).toBe(TOTAL);
    expect(late.timer).toBeGreaterThan(0);
    expect(late.tcb.cubic.window).toBeGreaterThan(10 * SEGMENT);
  });
});
