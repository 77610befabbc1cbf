import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentContract } from '#shared/contract/agent.ts';
import { connectDouble } from '#shared/rpc/double.ts';
import { ownKey } from './own-keys.ts';
import { advance } from './position.ts';
import { createTyper, mostAtOnce } from './typer.ts';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('keys of the console itself', () => {
  const press = (key: string, ...held: ('ctrlKey' | 'shiftKey' | 'metaKey')[]) =>
    ownKey({
      key,
      ctrlKey: held.includes('ctrlKey'),
      shiftKey: held.includes('shiftKey'),
      metaKey: held.includes('metaKey'),
    });
  it('are few: Ctrl+C and Ctrl+V belong to the machine', () => {
    expect(press('F6')).toBe('leave');
    expect(press('C', 'ctrlKey', 'shiftKey')).toBe('copy');
    expect(press('V', 'ctrlKey', 'shiftKey')).toBe('paste');
    expect(press('v', 'metaKey')).toBe('paste');
    expect([
      press('c', 'ctrlKey'),
      press('v', 'ctrlKey'),
      press('V', 'shiftKey'),
      press('X', 'ctrlKey', 'shiftKey'),
    ]).toEqual([null, null, null, null]);
  });
});

describe('following the console', () => {
  it('takes the log up where it was, whatever the agent repeats', () => {
    const log = new TextEncoder().encode('0123456789'.repeat(20));
    const cut = fc.integer({ min: 0, max: log.length });
    fc.assert(
      fc.property(fc.array(fc.tuple(cut, cut)), (pieces) => {
        let position: number | null = null;
        let seen = '';
        let missed = 0;
        let from = 0;
        for (const [back, end] of pieces) {
          // A piece that begins at or before what was seen, and ends after it, as a reconnection gives.
          const start = Math.min(back, position ?? back);
          if (end <= start || (position !== null && end < position)) continue;
          if (position === null) from = start;
          const step = advance(position, { at: end, bytes: log.subarray(start, end) });
          position = step.position;
          missed += step.missed;
          seen += text(step.write);
        }
        expect(missed).toBe(0);
        expect(seen).toBe(text(log.subarray(from, position ?? from)));
      }),
    );
  });

  it('says how much is missing, and when the log began anew', () => {
    const bytes = new Uint8Array(10);
    expect(advance(100, { at: 150, bytes })).toMatchObject({ position: 150, missed: 40, restarted: false });
    expect(advance(100, { at: 10, bytes })).toMatchObject({ position: 10, restarted: true });
  });

  it('goes on from the last position over a real connection', async () => {
    const log = new TextEncoder().encode('booting\nlogin: root\n$ ');
    const asked: number[] = [];
    const double = await connectDouble(agentContract, {
      'machines.console': async function* (input) {
        asked.push(input.from);
        const from = input.from < 0 ? 0 : input.from;
        for (let at = from; at < log.length; at += 5) {
          const end = Math.min(at + 5, log.length);
          yield { at: end, bytes: log.slice(at, end) };
        }
      },
    });
    let position: number | null = null;
    let seen = '';
    const follow = async (pieces: number) => {
      const from = position ?? -65_536;
      for await (const piece of double.client['machines.console']({ machine: 'a', from })) {
        const step = advance(position, piece);
        position = step.position;
        seen += text(step.write);
        pieces -= 1;
        if (pieces === 0) break;
      }
    };
    await follow(2);
    await follow(99);
    double.close();
    expect(seen).toBe(text(log));
    expect(asked).toEqual([-65_536, 10]);
  });
});

describe('typing', () => {
  it('keeps the order, one call at a time, and sends together what was typed meanwhile', async () => {
    const sent: string[] = [];
    const gates: (() => void)[] = [];
    let most = 0;
    let under = 0;
    const typer = createTyper({
      send: (bytes) => {
        sent.push(text(bytes));
        under += 1;
        most = Math.max(most, under);
        return new Promise<void>((resolve) =>
          gates.push(() => {
            under -= 1;
            resolve();
          }),
        );
      },
      failed: () => {},
    });
    typer.type('l');
    typer.type('s');
    typer.type(' -la ü\r');
    gates.shift()?.();
    await Promise.resolve();
    await Promise.resolve();
    gates.shift()?.();
    expect(sent).toEqual(['l', 's -la ü\r']);
    expect(most).toBe(1);
  });

  it('cuts a long paste and drops the rest after a failure', async () => {
    const sizes: number[] = [];
    const failures: unknown[] = [];
    const typer = createTyper({
      send: async (bytes) => {
        sizes.push(bytes.length);
        if (sizes.length === 2) throw new Error('stopped');
      },
      failed: (error) => failures.push(error),
    });
    typer.type('x'.repeat(3 * mostAtOnce));
    await new Promise((resolve) => setTimeout(resolve));
    expect(sizes).toEqual([mostAtOnce, mostAtOnce]);
    expect(failures).toHaveLength(1);
  });
});
