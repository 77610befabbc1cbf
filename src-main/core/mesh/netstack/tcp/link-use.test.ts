import { describe, expect, it } from 'vitest';
import type { LinkModel } from '../testing/link.ts';
import { addressB, createPair } from '../testing/pair.ts';

const MSS = 1340 - 12;

/** Bits a virtual second that one transfer of `total` bytes comes to. */
function rate(link: Partial<LinkModel>, total: number): number {
  const pair = createPair(1, link);
  let end = 0;
  pair.b.listen(80, (connection) => {
    connection.onEvents = () => {
      while (connection.read(1_000_000) !== null);
      if (connection.ended) end = pair.clock.now();
    };
  });
  const connection = pair.a.connect(addressB, 80);
  const chunk = new Uint8Array(65_536);
  let sent = 0;
  connection.onEvents = () => {
    while (sent < total) {
      const taken = connection.write(chunk);
      sent += taken;
      if (taken < chunk.length) return;
    }
    connection.end();
  };
  pair.clock.run(() => end > 0, 3_600_000);
  return (total * 8000) / end;
}

describe('a link is used well', () => {
  it('whose queue holds one round trip', () => {
    const bandwidth = 20_000_000;
    expect(rate({ latency: 10, bandwidth, queue: 50_000 }, 6_000_000) / bandwidth).toBeGreaterThan(0.85);
  });

  it('that is long: buffers grow with it', () => {
    const bandwidth = 50_000_000;
    expect(rate({ latency: 50, bandwidth, queue: 625_000 }, 15_000_000) / bandwidth).toBeGreaterThan(0.6);
  });

  it('that loses one packet in a hundred: no worse than Reno’s formula says (Mathis 1997)', () => {
    const formula = ((MSS * 8) / 0.02) * Math.sqrt(1.5 / 0.01);
    expect(rate({ latency: 10, loss: 0.01 }, 5_000_000) / formula).toBeGreaterThan(0.8);
  });

  it('that reorders nearly everything: what was overtaken is not taken for lost for long', () => {
    const straight = rate({ latency: 12.5 }, 5_000_000);
    expect(rate({ latency: 10, jitter: 5 }, 5_000_000) / straight).toBeGreaterThan(0.25);
  });
});
