import { expect, it } from 'vitest';
import { formatMs } from '../words.ts';
import { pingSummary } from './summary.ts';

it('sums pings up, lost ones counted and not measured', () => {
  const of = (...ms: (number | null)[]) => pingSummary(ms.map((one) => ({ ms: one })));
  expect(of(4, 1, null, 30)).toEqual({ sent: 4, back: 3, least: 1, middle: 4, most: 30 });
  expect(of(2, 4)).toMatchObject({ middle: 3 });
  expect(of(null, null)).toEqual({ sent: 2, back: 0, least: 0, middle: 0, most: 0 });
  expect(of()).toMatchObject({ sent: 0, back: 0 });
});

it('writes times as people compare them', () => {
  const number = (value: number, digits = 0) => value.toFixed(digits);
  expect([0.415, 4.21, 41.6, 999.4, 999.6, 12_400].map((ms) => formatMs(ms, number))).toEqual([
    '0.41 ms',
    '4.2 ms',
    '42 ms',
    '999 ms',
    '1.0 s',
    '12.4 s',
  ]);
});
