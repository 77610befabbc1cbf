import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { PortStream } from './port-stream.ts';

it.each([false, true])(
  'carries bytes in order, and ends each way by itself (gives its buffers away: %s)',
  async (gives) => {
    const { port1, port2 } = new MessageChannel();
    const [here, there] = [new PortStream(port1, { gives }), new PortStream(port2)];
    const got: Buffer[] = [];
    there.on('data', (bytes: Buffer) => got.push(bytes));
    const sent: Buffer[] = [];
    const kept: Uint8Array[] = [];
    /** Whole buffers of several sizes, views into larger ones, and more than the window holds. */
    for (const size of [1, 65_536, 65_537, 1_500_000, 300_000, 65_536]) {
      const whole = new Uint8Array(size).map((_, i) => (i * 31 + size) & 255);
      const chunk = size === 300_000 ? new Uint8Array([...whole, 1, 2]).subarray(0, size) : whole;
      sent.push(Buffer.from(chunk));
      kept.push(chunk);
      if (!here.write(chunk)) await once(here, 'drain');
    }
    here.end();
    there.end(Buffer.from('back'));
    here.resume();
    await Promise.all([once(there, 'end'), once(here, 'end')]);
    expect(Buffer.concat(got).equals(Buffer.concat(sent))).toBe(true);
    // Those that fit were given, and are only then gone here.
    expect(kept.slice(0, 5).map(({ length }) => length)).toEqual(
      gives ? [0, 0, 65_537, 1_500_000, 300_000] : [1, 65_536, 65_537, 1_500_000, 300_000],
    );
    here.destroy();
    there.destroy();
  },
);
