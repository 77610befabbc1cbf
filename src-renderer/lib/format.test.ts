import { describe, expect, it } from 'vitest';
import { leftIn, newlyFailed, secondsLeft } from '../features/tasks/progress.ts';
import { tasks } from '../testing/samples.ts';
import { markOf } from '../ui/identity-mark.tsx';
import { failureText, toFailure } from './failure.ts';
import { formatBytes, formatDuration, formatRelative, shortId } from './format.ts';
import { intlLocale } from './i18n.ts';

describe('formats', () => {
  it('writes sizes in binary units with three digits at most', () => {
    expect([0, 999, 1023.6, 1024, 10_240, 1_048_575, 5e12].map((n) => formatBytes(n))).toEqual([
      '0 B',
      '999 B',
      '1 KiB',
      '1 KiB',
      '10 KiB',
      '1 MiB',
      '4.55 TiB',
    ]);
    expect(formatBytes(1_600_000, 'de')).toBe('1,53 MiB');
  });

  it('follow the system’s own variety of the chosen language', () => {
    expect(intlLocale('en', ['de-AT', 'en-GB', 'en-US'])).toBe('en-GB');
    expect(intlLocale('de', ['en-GB'])).toBe('de');
    expect(intlLocale('pseudo', ['en-GB'])).toBe('en');
  });

  it('tells time by distance', () => {
    expect(formatRelative(1000, 1000)).toBe('now');
    expect(formatRelative(0, 180_000)).toBe('3 minutes ago');
    expect(formatRelative(0, 60_000)).toBe('1 minute ago');
    expect(formatRelative(86_400_000, 0)).toBe('tomorrow');
    expect(formatRelative(0, 7_200_000, 'de')).toBe('vor 2 Stunden');
    expect(formatDuration(3_849_000)).toBe('1:04:09');
  });

  it('shortens ids in the middle and leaves short ones alone', () => {
    expect(shortId('abcdefghijklmnopqrstuvwxyz')).toBe('abcd…wxyz');
    expect(shortId('abcdefghi')).toBe('abcdefghi');
  });
});

describe('failures', () => {
  const lookup = (key: string) => (key === 'errors.NOT_FOUND.message' ? 'Weg.' : null);
  it('speak with their own words in English, and by their code elsewhere', () => {
    const failure = { code: 'NOT_FOUND', message: 'There is no machine named web-1.', next: 'Look.' };
    expect(failureText(failure, 'en', lookup).message).toBe('There is no machine named web-1.');
    expect(failureText(failure, 'de', lookup)).toEqual({ message: 'Weg.', meaning: undefined, next: 'Look.' });
    expect(failureText({ code: 'ODD', message: 'Odd.' }, 'de', lookup).message).toBe('Odd.');
  });

  it('are made of anything thrown', () => {
    expect(toFailure(new Error('boom'))).toEqual({ code: 'INTERNAL', message: 'boom' });
    expect(toFailure({ code: 'BUSY', message: 'x' })).toMatchObject({ code: 'BUSY' });
  });
});

describe('progress', () => {
  it('says what is left in a unit a person would use', () => {
    expect(leftIn(7)).toEqual({ unit: 'seconds', count: 5 });
    expect(leftIn(400)).toEqual({ unit: 'minutes', count: 7 });
    expect(leftIn(8000)).toEqual({ unit: 'hours', count: 2 });
    expect(tasks.map(secondsLeft).map((s) => s && Math.round(s))).toEqual([156, null, null]);
  });

  it('tells of failures once, and only of tasks that were seen running', () => {
    const [running, failed] = tasks;
    if (!running || !failed) throw new Error('samples');
    const now = [{ ...running, state: 'failed' as const }, failed];
    expect(newlyFailed([running, failed], now).map((t) => t.id)).toEqual([running.id]);
    expect(newlyFailed(now, now)).toEqual([]);
  });
});

describe('identity marks', () => {
  it('are the same for the same id and differ between ids', () => {
    expect(markOf('hy1abc')).toEqual(markOf('hy1abc'));
    expect(markOf('hy1abc')).not.toEqual(markOf('hy1abd'));
  });
});
