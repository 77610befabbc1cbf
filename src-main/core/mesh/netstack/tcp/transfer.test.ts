import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LinkModel } from '../testing/link.ts';
import { addressB, createPair } from '../testing/pair.ts';
import { drive } from '../testing/transfer.ts';

/** Any link that TCP can live with. */
const links: fc.Arbitrary<Partial<LinkModel>> = fc.record({
  latency: fc.integer({ min: 0, max: 150 }),
  jitter: fc.constantFrom(0, 0, 1, 20, 100),
  loss: fc.constantFrom(0, 0, 0.01, 0.05, 0.2),
  duplicate: fc.constantFrom(0, 0.02, 0.2),
  corrupt: fc.constantFrom(0, 0, 0.01, 0.05),
  late: fc.constantFrom(0, 0.02),
  bandwidth: fc.constantFrom(Number.POSITIVE_INFINITY, 1_000_000, 20_000_000),
  queue: fc.constantFrom(20_000, 200_000),
  mtu: fc.constantFrom(65_535, 1400, 1280),
  blackHole: fc.boolean(),
});

const sizes = fc.oneof(fc.constantFrom(0, 1), fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 300_000 }));
const seeds = fc.integer({ min: 1, max: 0x7fff_ffff });

/** Both ways at once over that link; true when both ends had all of it and closed. */
function transfer(seed: number, link: Partial<LinkModel>, there: number, back: number, buffers: number) {
  const tcp = { receive: { initial: buffers, most: buffers * 4 }, send: { initial: buffers, most: buffers * 4 } };
  const pair = createPair(seed, link, { tcp });
  let server: ReturnType<typeof drive> | undefined;
  pair.b.listen(80, (connection) => {
    server = drive(connection, { seed: 2, total: back }, 1, pair.dice);
    server.run();
  });
  const connection = pair.a.connect(addressB, 80);
  const client = drive(connection, { seed: 1, total: there }, 2, pair.dice);
  const over = () => connection.state === 'closed' && pair.b.tcp.usage.connections === 0;
  const done = pair.clock.run(over, 6 * 3_600_000);
  return { pair, connection, client, server, done };
}

describe('any byte stream', () => {
  it('arrives whole, once and in order, or both ends are told, whatever the link does', () => {
    fc.assert(
      fc.property(seeds, links, sizes, sizes, fc.constantFrom(8192, 65_536), (seed, link, there, back, buffers) => {
        const { pair, connection, client, server, done } = transfer(seed, link, there, back, buffers);
        expect(done, 'comes to an end').toBe(true);
        expect(client.sink.wrongAt).toBeNull();
        expect(server?.sink.wrongAt ?? null).toBeNull();
        if (connection.error === null) {
          expect(client.sink.received).toBe(back);
          expect(client.sink.ended).toBe(true);
          expect(server?.sink.received).toBe(there);
        } else {
          expect(connection.error.code).toMatch(/^(TIMED_OUT|RESET)$/);
        }
        expect(pair.a.tcp.usage).toEqual({ connections: 0, halfOpen: 0, timeWait: 0, reserved: 0 });
        expect(pair.b.tcp.usage).toEqual({ connections: 0, halfOpen: 0, timeWait: 0, reserved: 0 });
      }),
      { numRuns: 150 },
    );
  });

  it('does so without fail where loss is below what the timers can bear', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(0, 0.02, 0.1), fc.constantFrom(0, 30), (seed, loss, jitter) => {
        const run = transfer(
          seed,
          { latency: 20, loss, jitter, duplicate: 0.05, corrupt: 0.01 },
          100_000,
          50_000,
          65_536,
        );
        expect(run.done).toBe(true);
        expect(run.connection.error).toBeNull();
        expect(run.server?.sink.received).toBe(100_000);
        expect(run.client.sink.received).toBe(50_000);
      }),
      { numRuns: 60 },
    );
  });

  it('does so when readers stop and go on, so that windows close and open', () => {
    const pauses = fc.array(fc.tuple(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 1, max: 5000 })), {
      maxLength: 10,
    });
    fc.assert(
      fc.property(seeds, fc.constantFrom(0, 0.05), pauses, (seed, loss, list) => {
        const tcp = { receive: { initial: 8192, most: 16_384 }, send: { initial: 8192, most: 16_384 } };
        const pair = createPair(seed, { latency: 10, loss, jitter: 3 }, { tcp });
        let server: ReturnType<typeof drive> | undefined;
        pair.b.listen(80, (connection) => {
          server = drive(connection, { seed: 2, total: 0 }, 1, pair.dice);
          server.sink.appetite = 0;
          let after = 100;
          for (const [appetite, pause] of [...list, [Number.POSITIVE_INFINITY, 1] as const]) {
            after += pause;
            pair.clock.setTimer(after, () => {
              if (server === undefined) return;
              server.sink.appetite += appetite;
              server.run();
            });
          }
        });
        const connection = pair.a.connect(addressB, 80);
        drive(connection, { seed: 1, total: 120_000 }, 2, pair.dice);
        const over = () => connection.state === 'closed' && server?.sink.ended === true;
        expect(pair.clock.run(over, 3_600_000)).toBe(true);
        expect(connection.error).toBeNull();
        expect(server?.sink).toMatchObject({ received: 120_000, wrongAt: null, ended: true });
      }),
      { numRuns: 50 },
    );
  });

  it('does so when the path changes under it: cut for a while, longer, narrower, lossy', () => {
    const change = fc.record({
      at: fc.integer({ min: 0, max: 20_000 }),
      model: fc.oneof(
        fc.constant<Partial<LinkModel>>({ loss: 1 }),
        fc.record({
          loss: fc.constantFrom(0, 0.1),
          latency: fc.constantFrom(1, 50, 400),
          mtu: fc.constantFrom(1400, 1300, 1280),
        }),
      ),
    });
    fc.assert(
      fc.property(seeds, fc.array(change, { maxLength: 6 }), fc.boolean(), (seed, changes, blackHole) => {
        const pair = createPair(seed, { latency: 20, bandwidth: 400_000, queue: 30_000, blackHole });
        let server: ReturnType<typeof drive> | undefined;
        pair.b.listen(80, (connection) => {
          server = drive(connection, { seed: 2, total: 100_000 }, 1, pair.dice);
          server.run();
        });
        for (const { at, model } of [...changes, { at: 25_000, model: { loss: 0 } }]) {
          pair.clock.setTimer(at, () => {
            for (const direction of [pair.ab, pair.ba]) direction.model = { ...direction.model, ...model };
          });
        }
        const connection = pair.a.connect(addressB, 80);
        const client = drive(connection, { seed: 1, total: 100_000 }, 2, pair.dice);
        expect(pair.clock.run(() => connection.state === 'closed', 3_600_000)).toBe(true);
        expect(connection.error).toBeNull();
        expect(server?.sink).toMatchObject({ received: 100_000, wrongAt: null, ended: true });
        expect(client.sink).toMatchObject({ received: 100_000, wrongAt: null, ended: true });
      }),
      { numRuns: 50 },
    );
  });

  it('that is broken off leaves nothing behind on either side', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.integer({ min: 0, max: 2000 }),
        fc.constantFrom(0, 0.1),
        fc.boolean(),
        (seed, at, loss, byServer) => {
          const pair = createPair(seed, { latency: 20, loss, bandwidth: 1_000_000 });
          const ends: { abort(): void }[] = [];
          pair.b.listen(80, (connection) => {
            ends[1] = connection;
            drive(connection, { seed: 2, total: 200_000 }, 1, pair.dice).run();
          });
          const connection = pair.a.connect(addressB, 80);
          ends[0] = connection;
          const { sink } = drive(connection, { seed: 1, total: 200_000 }, 2, pair.dice);
          pair.clock.setTimer(at, () => ends[byServer ? 1 : 0]?.abort());
          const over = () => pair.a.tcp.usage.connections + pair.b.tcp.usage.connections === 0;
          expect(pair.clock.run(over, 6 * 3_600_000)).toBe(true);
          expect(sink.wrongAt).toBeNull();
          expect(pair.a.tcp.usage.reserved + pair.b.tcp.usage.reserved).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('does so without SACK, timestamps and scaling on either side', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(0, 0.03), (seed, loss) => {
        const pair = createPair(seed, { latency: 20, loss, jitter: 5 });
        // A middle box of the old kind: every option but the segment size is overwritten with padding.
        for (const direction of [pair.ab, pair.ba]) direction.filter = stripOptions;
        let server: ReturnType<typeof drive> | undefined;
        pair.b.listen(80, (connection) => {
          expect(connection.tcb).toMatchObject({ sackOk: false, timestampsOk: false, sendScale: -1 });
          server = drive(connection, { seed: 2, total: 20_000 }, 1, pair.dice);
          server.run();
        });
        const connection = pair.a.connect(addressB, 80);
        const client = drive(connection, { seed: 1, total: 200_000 }, 2, pair.dice);
        expect(pair.clock.run(() => connection.state === 'closed', 3_600_000)).toBe(true);
        expect(connection.error).toBeNull();
        expect(server?.sink).toMatchObject({ received: 200_000, wrongAt: null, ended: true });
        expect(client.sink).toMatchObject({ received: 20_000, wrongAt: null, ended: true });
      }),
      { numRuns: 30 },
    );
  });
});

/** Replace the options of a SYN after the first (segment size) by "no operation", and mend the checksum. */
function stripOptions(packet: Uint8Array): boolean {
  const flags = packet[53] ?? 0;
  const header = ((packet[52] ?? 0) >>> 4) * 4;
  if ((flags & 2) === 0) return true;
  const before = sumWords(packet, 64, 40 + header);
  packet.fill(1, 64, 40 + header);
  const after = sumWords(packet, 64, 40 + header);
  let sum = (~(((packet[56] ?? 0) << 8) | (packet[57] ?? 0)) & 0xffff) - before + after;
  sum = ((sum % 0xffff) + 0xffff) % 0xffff;
  const field = ~sum & 0xffff;
  packet[56] = field >>> 8;
  packet[57] = field;
  return true;
}

function sumWords(b: Uint8Array, from: number, end: number): number {
  let sum = 0;
  for (let i = from; i < end; i += 2) sum += ((b[i] ?? 0) << 8) | (b[i + 1] ?? 0);
  return sum;
}
