import { describe, expect, it } from 'vitest';
import { doubleClickMs } from '../double-click.ts';
import { createOnce } from './once.ts';

describe('a call sent once', () => {
  it('is not sent again while it is under way, nor by the second half of a double click', async () => {
    let now = 0;
    const once = createOnce(() => now);
    const answer = Promise.withResolvers<string>();
    expect(once.underWay({ name: 'Ada' })).toBeUndefined();
    once.sent({ name: 'Ada' }, answer.promise);
    now = 60_000;
    expect(once.underWay({ name: 'Ada' })).toBe(answer.promise);
    expect(once.underWay({ name: 'Bea' })).toBeUndefined();
    answer.resolve('made');
    await answer.promise;
    now += doubleClickMs - 1;
    expect(once.underWay({ name: 'Ada' })).toBe(answer.promise);
    now += 1;
    expect(once.underWay({ name: 'Ada' })).toBeUndefined();
  });

  it('may be tried again at once when it failed', async () => {
    const once = createOnce(() => 0);
    const answer = Promise.withResolvers<string>();
    once.sent({}, answer.promise);
    answer.reject(new Error('no'));
    await answer.promise.catch(() => {});
    expect(once.underWay({})).toBeUndefined();
  });
});
