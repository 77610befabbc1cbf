import { describe, expect, it } from 'vitest';
import { createSharedWork } from './shared-work.ts';

describe('work shared by all who ask for it', () => {
  it('goes on when one leaves, and stops when the last has left', async () => {
    const shared = createSharedWork<string>();
    const end = Promise.withResolvers<string>();
    let begun = 0;
    let stopped = false;
    const work = (signal: AbortSignal): Promise<string> => {
      begun += 1;
      signal.addEventListener('abort', () => {
        stopped = true;
        end.reject(new Error('stopped'));
      });
      return end.promise;
    };
    const [first, second] = [new AbortController(), new AbortController()];
    const one = shared.run('a', first.signal, () => {}, work);
    const two = shared.run('a', second.signal, () => {}, work);
    first.abort(new Error('left'));
    await expect(one).rejects.toThrow('left');
    expect({ begun, stopped, has: shared.has('a') }).toEqual({ begun: 1, stopped: false, has: true });
    end.resolve('done');
    expect(await two).toBe('done');
    expect(shared.has('a')).toBe(false);
  });

  it('begins anew for who comes while it is being stopped', async () => {
    const shared = createSharedWork<number>();
    let begun = 0;
    const told = Promise.withResolvers<void>();
    const work = (signal: AbortSignal): Promise<number> => {
      const mine = ++begun;
      return mine === 2
        ? Promise.resolve(mine)
        : new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              told.resolve();
              setImmediate(() => reject(signal.reason));
            });
          });
    };
    const first = new AbortController();
    const one = shared.run('a', first.signal, () => {}, work);
    first.abort(new Error('left'));
    const left = expect(one).rejects.toThrow('left');
    // The work has been told to stop, and takes a moment to.
    await told.promise;
    const two = shared.run('a', new AbortController().signal, () => {}, work);
    await left;
    await expect(two).resolves.toBe(2);
  });
});
