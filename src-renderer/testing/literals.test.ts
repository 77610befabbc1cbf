import { describe, expect, it } from 'vitest';
import { literalsIn } from './literals.ts';

const sources = import.meta.glob<string>(['../**/*.tsx', '!../**/*.test.tsx', '!../testing/**'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

describe('words in components', () => {
  it('finds text and spoken attributes, and nothing in code', () => {
    expect(literalsIn('<p>Hello you</p>').map((l) => l.text)).toEqual(['Hello you']);
    expect(literalsIn('<p>\n  Hello you\n</p>').map((l) => l.text)).toEqual(['Hello you']);
    expect(literalsIn('<button aria-label="Close it" />').map((l) => l.text)).toEqual(['Close it']);
    expect(literalsIn('<p>{t("a.b")}</p>')).toEqual([]);
    expect(literalsIn('const f = (a: number): Map<string, Set<number>> => a > 3 && b < 4;')).toEqual([]);
    expect(literalsIn('// <p>Hello you</p>')).toEqual([]);
  });

  it('come from the messages', () => {
    expect(Object.keys(sources).length).toBeGreaterThan(40);
    const all = Object.entries(sources).flatMap(([file, source]) =>
      literalsIn(source).map(({ line, text }) => `${file}:${line} ${text}`),
    );
    expect(all).toEqual([]);
  });
});
