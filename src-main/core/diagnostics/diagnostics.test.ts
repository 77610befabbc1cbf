import { describe, expect, it } from 'vitest';
import { createEventHub } from './event-hub.ts';
import { redactText } from './redact.ts';

describe('redactText', () => {
  const who = { home: '/home/ann', user: 'ann' };
  it('takes out home, account, keys, ids and link tokens', () => {
    const text = `at /home/ann/x as ann, key ${'ab12'.repeat(16)}, link http://127.0.0.1:1/#token=s3cr3t_-x, id ${'aB3_'.repeat(11)}`;
    const out = redactText(text, who);
    expect(out).toBe('at ~/x as (user), key ab12…, link http://127.0.0.1:1/#token=(secret), id aB3_…');
  });
  it('leaves ordinary words alone', () => {
    expect(redactText('annual planning at 12:30, version 0.1.0', who)).toBe('annual planning at 12:30, version 0.1.0');
  });
});

describe('event hub', () => {
  it('folds events of one topic while a follower is slow, and forgets a follower that left', async () => {
    const hub = createEventHub();
    const abort = new AbortController();
    const follower = hub.follow(abort.signal);
    const first = follower.next();
    hub.emit({ topic: 'vault', ids: ['a'] });
    expect((await first).value).toEqual({ topic: 'vault', ids: ['a'] });
    hub.emit({ topic: 'vault', ids: ['b'] });
    hub.emit({ topic: 'vault', ids: ['c'] });
    hub.emit({ topic: 'tasks', ids: ['t'] });
    hub.emit({ topic: 'tasks', ids: [] });
    expect((await follower.next()).value).toEqual({ topic: 'vault', ids: ['b', 'c'] });
    expect((await follower.next()).value).toEqual({ topic: 'tasks', ids: [] });
    const last = follower.next();
    abort.abort();
    expect((await last).done).toBe(true);
    hub.emit({ topic: 'vault', ids: ['d'] });
  });

  it('bounds what a stuck follower costs', async () => {
    const hub = createEventHub();
    const abort = new AbortController();
    const follower = hub.follow(abort.signal);
    const first = follower.next();
    hub.emit({ topic: 'system', ids: [] });
    await first;
    for (let i = 0; i < 10_000; i++) hub.emit({ topic: 'vault', ids: [String(i)] });
    expect((await follower.next()).value).toEqual({ topic: 'vault', ids: [] });
    abort.abort();
  });
});
