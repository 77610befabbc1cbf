import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { fail } from '#shared/rpc/fail.ts';
import { createAddressOrder } from './address-order.ts';
import { raceDial } from './racing-dial.ts';

/** Addresses by name, whose dials are answered by hand, in a time that is turned by hand. */
function rig(addresses: readonly string[]) {
  const abort = new AbortController();
  const begun: string[] = [];
  const aborted: string[] = [];
  const answers = new Map<string, { open(): PassThrough; fail(code: 'REFUSED' | 'TIMED_OUT' | 'UNREACHABLE'): void }>();
  let timers: (() => void)[] = [];
  const won = raceDial({
    addresses,
    dial: (address, signal) =>
      new Promise((resolve, reject) => {
        begun.push(address);
        signal.addEventListener('abort', () => void aborted.push(address));
        answers.set(address, {
          open() {
            const stream = new PassThrough();
            resolve(stream);
            return stream;
          },
          fail: (code) => reject(fail(code, code)),
        });
      }),
    alone: () => 300,
    setTimer(_, fire) {
      timers.push(fire);
      return () => {
        timers = timers.filter((one) => one !== fire);
      };
    },
    signal: abort.signal,
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return {
    ...{ begun, aborted, abort, won },
    open: (address: string) => answers.get(address)?.open(),
    async fail(address: string, code: 'REFUSED' | 'TIMED_OUT' | 'UNREACHABLE') {
      answers.get(address)?.fail(code);
      await turn();
    },
    waiting: () => timers.length,
    timeIsUp() {
      for (const fire of timers.splice(0)) fire();
    },
    turn,
  };
}

describe('dialling one of several', () => {
  it('tries the next after a moment, takes the first that answers and gives the others up', async () => {
    const { won, begun, aborted, open, timeIsUp, waiting, turn } = rig(['laptop', 'phone', 'old']);
    expect(begun).toEqual(['laptop']);
    timeIsUp();
    expect(begun).toEqual(['laptop', 'phone']);
    const stream = open('phone');
    expect(await won).toEqual({ stream, address: 'phone' });
    expect([begun, waiting()]).toEqual([['laptop', 'phone'], 0]);
    expect(aborted).toContain('laptop');
    // One that answers all the same, in the same moment, is not left open.
    const late = open('laptop');
    await turn();
    expect(late?.destroyed).toBe(true);
    expect(stream?.destroyed).toBe(false);
  });

  it('tries the next at once when one refuses, and tells the failure that says most', async () => {
    const { won, begun, fail: refuse, timeIsUp } = rig(['a', 'b', 'c']);
    const told = expect(won).rejects.toMatchObject({ code: 'REFUSED' });
    await refuse('a', 'UNREACHABLE');
    expect(begun).toEqual(['a', 'b']);
    timeIsUp();
    expect(begun).toEqual(['a', 'b', 'c']);
    await refuse('c', 'REFUSED');
    await refuse('b', 'TIMED_OUT');
    await told;
  });

  it('ends with whoever wanted it, and tries no more than sixteen', async () => {
    const all = Array.from({ length: 200 }, (_, i) => String(i));
    const { won, begun, abort, timeIsUp, aborted } = rig(all);
    const told = expect(won).rejects.toMatchObject({ code: 'CANCELLED' });
    for (let i = 0; i < 50; i++) timeIsUp();
    expect(begun.length).toBe(16);
    abort.abort();
    await told;
    expect(aborted.length).toBe(16);
    await expect(rig([]).won).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });
});

describe('the order of addresses', () => {
  const [a, b, c] = [1, 2, 3].map((n) => new Uint8Array(16).fill(n)) as [Uint8Array, Uint8Array, Uint8Array];

  it('is by what is known of the way, and else as given', () => {
    const order = createAddressOrder((address) => ({ 2: 50, 3: 7 })[address[0] ?? 0] ?? null);
    expect(order.sort('ann 22', [a, b, c])).toEqual([c, b, a]);
    expect(createAddressOrder(() => null).sort('ann 22', [a, b, c])).toEqual([a, b, c]);
  });

  it('begins with the one that worked, which gets longer as long as there is a way to it', () => {
    let way: number | null = 80;
    const order = createAddressOrder((address) => (address === c ? 1 : way));
    const before = order.alone('ann 22', b);
    order.worked('ann 22', b);
    expect(order.sort('ann 22', [a, b, c])[0]).toBe(b);
    // At another port it may be another's service.
    expect(order.sort('ann 80', [a, b, c])[0]).toBe(c);
    expect(order.alone('ann 22', b)).toBeGreaterThan(before);
    way = null;
    expect(order.alone('ann 22', b)).toBe(before);
    for (let i = 0; i < 2_000; i++) order.worked(`other ${i}`, b);
    expect(order.sort('ann 22', [a, b, c])[0]).toBe(c);
  });
});
