import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { trafficHoursPattern, trafficLimitsSchema } from '#shared/contract/vault/traffic.ts';
import { isWithin } from './hours.ts';
import { createLane } from './lane.ts';
import { decodeLimits, encodeLimits } from './stored.ts';
import { createTraffic } from './traffic.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hypha-traffic-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const kib = 1024;
/** At so many hours of the clock on the wall. */
const at = (hours: number): number => new Date(2026, 0, 5, hours, 30).getTime();
const make = (host = createFakeHost({ now: at(12) })) => ({
  host,
  traffic: createTraffic({ host, home, log: silentLog }, () => {}),
});

describe('limits of traffic', () => {
  it('hold from the next byte on, over a restart, and at their hours only', async () => {
    const { host, traffic } = make();
    await traffic.start();
    expect(traffic.view()).toMatchObject({ limits: { up: 0, down: 0, hours: '' }, inForce: false });
    const before = await traffic.limit({ up: 64 * kib, hours: '08:00-18:00' });
    expect(before).toEqual({ up: 0, down: 0, hours: '' });
    expect([traffic.up.bounded(), traffic.down.bounded()]).toEqual([true, false]);
    host.advance(8 * 3_600_000);
    expect(traffic.up.bounded()).toBe(false);
    expect(traffic.view()).toMatchObject({ limits: { up: 64 * kib, hours: '08:00-18:00' }, inForce: false });
    traffic.stop();
    const again = make();
    await again.traffic.start();
    expect(again.traffic.up.bounded()).toBe(true);
    again.traffic.stop();
    expect(again.traffic.up.bounded()).toBe(false);
    expect(again.host.timers()).toBe(0);
  });

  it('are none, with a word about it, where they cannot be read', async () => {
    const first = make();
    await first.traffic.start();
    await first.traffic.limit({ down: 64 * kib });
    const path = join(home, 'vault', 'traffic.json');
    await writeFile(path, (await readFile(path, 'utf8')).slice(0, 20));
    const { traffic } = make();
    await traffic.start();
    expect(traffic.view().inForce).toBe(false);
    expect(traffic.notices().map(({ code }) => code)).toEqual(['TRAFFIC_LIMITS_LOST']);
    await traffic.limit({ down: 64 * kib });
    expect(traffic.notices()).toEqual([]);
    traffic.stop();
  });

  it('are written so that they are read back, and nothing else is taken for them', () => {
    const limits = fc.record({
      up: fc.constantFrom(0, 32 * kib, 10 ** 9),
      down: fc.constantFrom(0, 32 * kib, 2 ** 40),
      hours: fc.constantFrom('', '00:00-23:59', '22:15-06:00'),
    });
    fc.assert(
      fc.property(limits, (one) => {
        expect(decodeLimits(encodeLimits(one))).toEqual(one);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = decodeLimits(text);
        if (read !== null) trafficLimitsSchema.parse(read);
      }),
    );
    expect(trafficLimitsSchema.safeParse({ up: 1, down: 0, hours: '' }).success).toBe(false);
    expect(decodeLimits(encodeLimits({ up: 1, down: 0, hours: '' }))).toBeNull();
  });

  it('know hours that go over midnight', () => {
    const day = (hours: string) => Array.from({ length: 24 }, (_, h) => isWithin(hours, h * 60 + 30));
    expect(day('22:00-06:00').filter(Boolean)).toHaveLength(8);
    expect(day('08:00-18:00').indexOf(true)).toBe(8);
    expect(day('').every(Boolean) && day('09:00-09:00').every(Boolean)).toBe(true);
    for (const wrong of ['24:00-01:00', '8:00-9:00', '08:00', '08:00-18:60'])
      expect(trafficHoursPattern.test(wrong)).toBe(false);
  });
});

describe('large pieces under a bound', () => {
  it('run so many at once that each keeps moving, in order, and all of them without one', async () => {
    const lane = createLane(createFakeHost());
    const started: number[] = [];
    const ends: (() => void)[] = [];
    const piece = (i: number) =>
      lane.through(1024 * kib, async () => {
        started.push(i);
        await new Promise<void>((resolve) => ends.push(resolve));
      });
    lane.setRate(64 * kib);
    const all = [0, 1, 2, 3, 4].map(piece);
    const small = lane.through(kib, async () => 'small');
    expect(await small).toBe('small');
    expect(started).toEqual([0, 1]);
    ends[0]?.();
    await all[0];
    await Promise.resolve();
    expect(started).toEqual([0, 1, 2]);
    lane.setRate(null);
    await Promise.resolve();
    expect(started).toEqual([0, 1, 2, 3, 4]);
    for (const end of ends) end();
    await Promise.all(all);
  });
});
