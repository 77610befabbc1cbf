import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Prefix, prefixOf, subnetBits } from '../wire/prefix.ts';
import { sourceLifetime } from './constants.ts';
import { infinite } from './metric.ts';
import { isNewer } from './seqno.ts';
import { createSourceTable } from './source-table.ts';

function prefix(n: number): Prefix {
  const bytes = new Uint8Array(8);
  bytes[0] = 4;
  new DataView(bytes.buffer).setUint32(4, n);
  return prefixOf(bytes, subnetBits);
}

describe('what was said of sources', () => {
  it('allows what is newer, or shorter than all that was said', () => {
    const table = createSourceTable();
    table.sent(prefix(1), 'a', 5, 100, 0);
    table.sent(prefix(1), 'a', 5, 200, 0);
    expect(table.feasible(prefix(1), 'a', 5, 99)).toBe(true);
    expect(table.feasible(prefix(1), 'a', 5, 100)).toBe(false);
    expect(table.feasible(prefix(1), 'a', 4, 1)).toBe(false);
    expect(table.feasible(prefix(1), 'a', 6, 5000)).toBe(true);
    expect(table.feasible(prefix(1), 'b', 0, 5000)).toBe(true);
    expect(table.wantedSeqno(prefix(1), 'a')).toBe(6);
    expect(table.wantedSeqno(prefix(2), 'a')).toBe(1);
  });

  it('is, but for its bounds, what a plain list of all that was sent says', () => {
    const step = fc.record({
      n: fc.nat(3),
      router: fc.constantFrom('a', 'b', 'c'),
      seqno: fc.nat(4),
      metric: fc.oneof(fc.nat(5), fc.constant(infinite)),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), step, (sent, asked) => {
        const table = createSourceTable();
        let best: { seqno: number; metric: number } | null = null;
        for (const { n, router, seqno, metric } of sent) {
          table.sent(prefix(n), router, seqno, metric, 0);
          if (n !== asked.n || router !== asked.router || metric === infinite) continue;
          if (best === null || isNewer(seqno, best.seqno) || (seqno === best.seqno && metric < best.metric)) {
            best = { seqno, metric };
          }
        }
        const { n, router, seqno, metric } = asked;
        const feasible =
          best === null ||
          metric === infinite ||
          isNewer(seqno, best.seqno) ||
          (seqno === best.seqno && metric < best.metric);
        expect(table.feasible(prefix(n), router, seqno, metric)).toBe(feasible);
      }),
    );
  });

  it('remembers sixteen router ids of a prefix, those that were spoken of last', () => {
    const table = createSourceTable();
    for (let i = 0; i < 20; i++) table.sent(prefix(1), `r${i}`, 1, 1, i);
    expect(table.size()).toBe(16);
    expect(table.feasible(prefix(1), 'r3', 1, 2)).toBe(true);
    expect(table.feasible(prefix(1), 'r4', 1, 2)).toBe(false);
  });

  it('forgets what was not said for half an hour, and that only', () => {
    const table = createSourceTable();
    for (const router of ['a', 'b', 'c']) table.sent(prefix(1), router, 1, 1, 0);
    table.sent(prefix(2), 'a', 1, 1, 0);
    table.sent(prefix(1), 'b', 1, 1, 1000);
    table.sweep(sourceLifetime);
    expect(table.size()).toBe(1);
    expect(table.feasible(prefix(1), 'b', 1, 2)).toBe(false);
    table.sweep(sourceLifetime + 1000);
    expect(table.size()).toBe(0);
  });

  it('keeps to its bound, and forgets no prefix that has a route', () => {
    const used = new Set(Array.from({ length: 50 }, (_, n) => prefix(n).key));
    const table = createSourceTable(100, (key) => used.has(key));
    for (let n = 0; n < 10_000; n++) table.sent(prefix(n), 'a', 1, 1, n);
    expect(table.size()).toBeLessThanOrEqual(101);
    for (let n = 0; n < 50; n++) expect(table.feasible(prefix(n), 'a', 1, 1)).toBe(false);
    // The last of the others are there still.
    for (let n = 9_990; n < 10_000; n++) expect(table.feasible(prefix(n), 'a', 1, 1)).toBe(false);
  });
});
