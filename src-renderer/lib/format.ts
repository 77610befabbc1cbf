import { useMemo } from 'react';
import { useLocale } from './i18n.ts';
import { exactMoney, type Money, shortMoney } from './money/format.ts';

const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** A size in binary units: `3.2 MiB`, `41 KiB`, `7 B`. Three digits at most, so columns stay narrow. */
export function formatBytes(bytes: number, locale = 'en'): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 1023.5 && unit < binaryUnits.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
  return `${number} ${binaryUnits[unit] ?? 'B'}`;
}

const spans: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['week', 7 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** `3 minutes ago`, `in 2 days`; within 45 s it is `now`, because a counting second is noise. */
export function formatRelative(at: number, now: number, locale = 'en'): string {
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const distance = at - now;
  if (Math.abs(distance) < 45_000) return format.format(0, 'second');
  for (const [unit, length] of spans) {
    if (Math.abs(distance) >= length * 0.95) return format.format(Math.round(distance / length), unit);
  }
  return format.format(Math.sign(distance), 'minute');
}

/** `1:04:09` or `4:09`: how long something took or has run. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** Long ids in the middle: `abcd…wxyz`. */
export function shortId(id: string, head = 4, tail = 4): string {
  return id.length <= head + tail + 1 ? id : `${id.slice(0, head)}…${id.slice(-tail)}`;
}

export interface Format {
  bytes(n: number): string;
  number(n: number, digits?: number): string;
  percent(share: number): string;
  relative(at: number, now: number): string;
  /** Date and time, exact to the second. */
  exact(at: number): string;
  date(at: number): string;
  time(at: number): string;
  /** `1,234.5 ADA`, every digit. */
  money(money: Money): string;
  /** The same with six digits after the point at most. */
  shortMoney(money: Money): string;
}

export function createFormat(locale: string): Format {
  const exact = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  return {
    bytes: (n) => formatBytes(n, locale),
    number: (n, digits = 0) => new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(n),
    percent: (share) => percent.format(share),
    relative: (at, now) => formatRelative(at, now, locale),
    exact: (at) => exact.format(at),
    date: (at) => date.format(at),
    time: (at) => time.format(at),
    money: (money) => exactMoney(money, locale),
    shortMoney: (money) => shortMoney(money, locale),
  };
}

/** Numbers, sizes and times in the person's language. */
export function useFormat(): Format {
  const locale = useLocale();
  return useMemo(() => createFormat(locale), [locale]);
}
