import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shownName } from './shown-name.ts';

describe('a name as it is shown', () => {
  it('cannot be turned around to hide its ending', () => {
    expect(shownName('evil\u202egpj.exe')).toBe('evil\ufffdgpj.exe');
    expect(shownName('a\u2067b\nc')).toBe('a\ufffdb\ufffdc');
  });

  it('leaves ordinary names alone, emoji and other scripts among them', () => {
    for (const name of ['notes.txt', ' leading', '👩‍💻.md', 'שלום.txt', 'مرحبا', '<img onerror=1>']) {
      expect(shownName(name)).toBe(name);
    }
  });

  it('keeps length and can be applied twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(shownName(name)).toHaveLength(name.length);
        expect(shownName(shownName(name))).toBe(shownName(name));
      }),
    );
  });
});
