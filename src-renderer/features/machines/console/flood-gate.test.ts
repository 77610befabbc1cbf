import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFloodGate } from './flood-gate.ts';

/** A terminal that works off what it has only when told to. */
function slowTerminal() {
  let waiting: { bytes: number; done: () => void }[] = [];
  const seen = { written: 0, passed: 0, most: 0, last: -1 };
  const gate = createFloodGate({
    write(bytes, done) {
      seen.written += bytes.length;
      seen.last = bytes.at(-1) ?? -1;
      waiting.push({ bytes: bytes.length, done });
      seen.most = Math.max(
        seen.most,
        waiting.reduce((sum, one) => sum + one.bytes, 0),
      );
    },
    passedOver: (bytes) => {
      seen.passed += bytes;
    },
  });
  const work = () => {
    while (waiting.length > 0) {
      const now = waiting;
      waiting = [];
      for (const one of now) one.done();
    }
  };
  return { gate, seen, work };
}

describe('a flood of output', () => {
  it('is bounded, says what was passed over, and ends with what was printed last', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 3 * 1024 * 1024 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(sizes, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), (pieces, works) => {
        const { gate, seen, work } = slowTerminal();
        for (const [i, size] of pieces.entries()) {
          gate.write(new Uint8Array(size).fill(i));
          if (works[i]) work();
        }
        work();
        expect(seen.written + seen.passed).toBe(pieces.reduce((sum, size) => sum + size, 0));
        expect(seen.last).toBe(pieces.length - 1);
        expect(seen.most).toBeLessThanOrEqual(2 * 1024 * 1024 + Math.max(...pieces));
      }),
      { numRuns: 30 },
    );
  });

  it('leaves calm output as it is', () => {
    const { gate, seen, work } = slowTerminal();
    for (let i = 0; i < 50; i += 1) gate.write(new Uint8Array(1000));
    work();
    expect(seen).toMatchObject({ written: 50_000, passed: 0 });
  });

  it('forgets what waits when the screen is cleared', () => {
    const { gate, seen, work } = slowTerminal();
    for (let i = 0; i < 20; i += 1) gate.write(new Uint8Array(1024 * 1024));
    gate.clear();
    gate.write(new Uint8Array([7]));
    work();
    expect(seen).toMatchObject({ passed: 0, last: 7 });
  });
});
