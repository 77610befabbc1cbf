import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeHost, seededRandom } from '#core/testing/fake-host.ts';
import { createDialer, delay } from './dialer.ts';
import { endpointText, parseEndpoint } from './endpoint.ts';

const settle = (): Promise<void> => new Promise((done) => setImmediate(done));
const endpoint = { scheme: 'tcp', host: 'peer.example', port: 9651 } as const;

describe('the dialer', () => {
  it('waits longer after each failure, up to a minute, never twice the same', () => {
    const random = seededRandom(1);
    for (let attempt = 0; attempt < 20; attempt++) {
      const full = Math.min(60_000, 1000 * 2 ** attempt);
      const [one, two] = [delay(attempt, random), delay(attempt, random)];
      for (const ms of [one, two]) expect(ms >= full / 2 && ms <= full).toBe(true);
      expect(one).not.toBe(two);
    }
  });

  it('dials at once, again after a failure, soon after a good connection ended, and not when told to stop', async () => {
    const host = createFakeHost();
    const dials: { end: () => void; fail: () => void }[] = [];
    const dialer = createDialer({
      clock: host.now,
      setTimer: host.setTimer,
      random: host.random,
      dial: () => new Promise((end, fail) => dials.push({ end, fail: () => fail(new Error('refused')) })),
    });
    expect(dialer.add(endpoint)).toBe(true);
    expect(dialer.add({ ...endpoint })).toBe(false);
    expect(dials.length).toBe(1);
    for (let failures = 1; failures < 5; failures++) {
      dials.at(-1)?.fail();
      await settle();
      host.advance(500);
      expect(dials.length).toBe(failures);
      host.advance(60_000);
      expect(dials.length).toBe(failures + 1);
    }
    host.advance(120_000);
    dials.at(-1)?.end();
    await settle();
    host.advance(1_000);
    expect(dials.length).toBe(6);
    expect(dialer.remove(endpoint)).toBe(true);
    dials.at(-1)?.fail();
    await settle();
    host.advance(600_000);
    expect(dials.length).toBe(6);
    expect(host.timers()).toBe(0);
  });

  it('keeps why the last attempt failed until one leads to a connection that lasts', async () => {
    const host = createFakeHost();
    const dials: { connected: () => void; end: () => void; fail: (error: Error) => void }[] = [];
    const dialer = createDialer({
      clock: host.now,
      setTimer: host.setTimer,
      random: host.random,
      dial: (_, connected) => new Promise((end, fail) => dials.push({ connected, end, fail })),
    });
    dialer.add(endpoint);
    const told = () => dialer.endpoints()[0];
    expect(told()).toMatchObject({ state: 'connecting', failures: 0, reason: null });
    dials.at(-1)?.fail(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    await settle();
    expect(told()).toMatchObject({ state: 'waiting', failures: 1, reason: 'refused' });
    host.advance(60_000);
    expect(told()).toMatchObject({ state: 'connecting', failures: 1, reason: 'refused' });
    dials.at(-1)?.connected();
    expect(told()).toMatchObject({ state: 'connected', failures: 0, reason: null });
    host.advance(100);
    dials.at(-1)?.end();
    await settle();
    expect(told()).toMatchObject({ state: 'waiting', reason: 'closed' });
    host.advance(60_000);
    dials.at(-1)?.connected();
    host.advance(10_000);
    dials.at(-1)?.end();
    await settle();
    expect(told()).toMatchObject({ state: 'waiting', failures: 0, reason: null });
    dialer.stop();
  });

  it('dials those that wait at once when told to hurry, and begins with short pauses again', async () => {
    const host = createFakeHost();
    const dials: (() => void)[] = [];
    const dialer = createDialer({
      clock: host.now,
      setTimer: host.setTimer,
      random: host.random,
      dial: () => new Promise((_, fail) => dials.push(() => fail(new Error('refused')))),
    });
    dialer.add(endpoint);
    for (let failures = 1; failures < 8; failures++) {
      dials.at(-1)?.();
      await settle();
      host.advance(60_000);
    }
    dials.at(-1)?.();
    await settle();
    const before = dials.length;
    dialer.hurry();
    expect(dials.length).toBe(before + 1);
    // Under way: one is enough.
    dialer.hurry();
    expect(dials.length).toBe(before + 1);
    dials.at(-1)?.();
    await settle();
    host.advance(2_000);
    expect(dials.length).toBe(before + 2);
    dialer.stop();
  });
});

describe('endpoints', () => {
  it.each([
    ['tcp://1.2.3.4:9651', '1.2.3.4', 9651],
    ['TCP://[2001:db8::1]:80', '2001:db8::1', 80],
    ['tcp://[fe80::1%eth0]:9651', 'fe80::1%eth0', 9651],
    ['tcp://peer.example', 'peer.example', 9651],
  ])('%s names %s port %i', (text, host, port) => {
    expect(parseEndpoint(text)).toEqual({ scheme: 'tcp', host, port });
  });

  it.each([
    '',
    'tcp://',
    'quic://1.2.3.4:1',
    '1.2.3.4:1',
    'tcp://1.2.3.4:0',
    'tcp://1.2.3.4:70000',
    'tcp://a b:1',
    'tcp://[::1',
  ])('%s names none', (text) => void expect(parseEndpoint(text)).toBeNull());

  it('are written as they are read', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain()), fc.integer({ min: 1, max: 65_535 }), (host, port) => {
        const made = { scheme: 'tcp', host, port } as const;
        expect(parseEndpoint(endpointText(made))).toEqual(made);
      }),
    );
  });
});
