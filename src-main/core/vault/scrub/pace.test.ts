import fc from 'fast-check';
import { expect, it } from 'vitest';
import { backOffMs, longestBackOff, passMs, rate } from './pace.ts';
import { defaultSettings } from './settings.ts';

const dayMs = 24 * 60 * 60_000;
const GiB = 1024 ** 3;

it('reads all of a place in time, also when the computer is on for two hours a day', () => {
  for (const total of [GiB, 200 * GiB]) {
    let done = 0;
    let day = 0;
    for (; done < total && day < 100; day++) {
      const pass = { server: false, started: 0, total, hurry: false };
      for (let minute = 0; minute < 120; minute++)
        done += rate({ ...pass, done }, defaultSettings, day * dayMs + minute * 60_000) * 60;
    }
    expect(day).toBeLessThanOrEqual(31);
  }
});

it('never reads more from a server in a day than was allowed, and is quick only after something was lost', () => {
  const server = { server: true, started: 0, total: 100_000 * GiB, done: 0, hurry: false };
  const daily = (rate(server, defaultSettings, 80 * dayMs) * dayMs) / 1000;
  expect(daily).toBeLessThanOrEqual(GiB * 1.001);
  expect(rate({ ...server, hurry: true }, defaultSettings, 0) * 86_400).toBeLessThanOrEqual(4 * GiB * 1.001);
});

it('stays within its bounds whatever the clock says', () => {
  const any = fc.record({
    server: fc.boolean(),
    started: fc.integer({ min: -1e15, max: 1e15 }),
    total: fc.nat(1e15),
    done: fc.nat(1e15),
    hurry: fc.boolean(),
  });
  fc.assert(
    fc.property(any, fc.integer({ min: -1e15, max: 1e15 }), fc.integer({ min: 1, max: 365 }), (pass, now, days) => {
      const speed = rate(pass, { ...defaultSettings, days }, now);
      expect(speed).toBeGreaterThan(0);
      expect(speed).toBeLessThanOrEqual(8 * 1024 * 1024);
    }),
  );
  expect(passMs(true, defaultSettings)).toBe(3 * passMs(false, defaultSettings));
});

it('waits longer after each try in vain, and not for ever', () => {
  const waits = Array.from({ length: 100 }, (_, i) => backOffMs(i + 1));
  expect(waits[0]).toBe(60_000);
  expect(waits).toEqual([...waits].sort((a, b) => a - b));
  expect(Math.max(...waits)).toBe(longestBackOff);
});
