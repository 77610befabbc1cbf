import { MessageChannel } from 'node:worker_threads';
import { afterEach, expect, it } from 'vitest';
import { fail } from '#shared/rpc/fail.ts';
import { openPort } from './port.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

type Calls = { breaks(): void; rejects(): Promise<void>; refuses(): void; double(n: number): number };

it('goes on after what was told or asked failed, and says so to whom it concerns', async () => {
  const { port1, port2 } = new MessageChannel();
  ends.push(() => port1.close());
  const faults: string[] = [];
  openPort<Record<string, never>, Calls>(
    port1,
    {
      breaks() {
        throw new Error('no room');
      },
      rejects: () => Promise.reject(new Error('too late')),
      refuses() {
        throw fail('BUSY', 'Not now.');
      },
      double: (n) => 2 * n,
    },
    (name, error) => faults.push(`${name}: ${(error as Error).message}`),
  );
  const other = openPort<Calls, Record<string, never>>(port2, {}, () => {});
  other.tell('breaks');
  other.tell('rejects');
  await expect(other.call.refuses()).rejects.toMatchObject({ code: 'BUSY', message: 'Not now.' });
  expect(await other.call.double(21)).toBe(42);
  expect(faults).toEqual(['breaks: no room', 'rejects: too late']);
  other.close(new Error('over'));
  await expect(other.call.double(1)).rejects.toThrow('over');
});
