import { posix, win32 } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldName, freeName, safeFileName } from './names.ts';

const hostile = [
  '..',
  '.',
  '',
  '...',
  'a/b',
  'a\\b',
  '../../etc/passwd',
  'C:\\Windows',
  'C:',
  'nul',
  'NUL.txt',
  'com1',
  'COM¹.log',
  'aux.',
  'trailing.',
  'trailing ',
  'a\0b',
  'tab\tname',
  'name:stream',
  '👩‍👩‍👧.png',
  'x'.repeat(300),
  `${'é'.repeat(200)}.txt`,
  '\ud800',
  'con.tar.gz',
  '<>|?*"',
  '  ',
  ' . ',
  `${'👍'.repeat(80)}.tar`,
  '\\\\?\\C:\\x',
  '~',
  '-rf',
];
const names = fc.oneof(
  fc.constantFrom(...hostile),
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
);

describe('safeFileName', () => {
  for (const platform of ['posix', 'win32'] as const) {
    const path = platform === 'posix' ? posix : win32;
    const base = platform === 'posix' ? '/target/dir' : 'C:\\target\\dir';

    it(`never leaves the directory and is one segment (${platform})`, () => {
      fc.assert(
        fc.property(names, (name) => {
          const safe = safeFileName(name, platform);
          const full = path.resolve(base, safe);
          expect(path.dirname(full)).toBe(base);
          expect(path.basename(full)).toBe(safe);
          expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(255);
          expect(safe.length).toBeGreaterThan(0);
          expect(safe).not.toContain('\0');
          expect(safeFileName(safe, platform)).toBe(safe);
          if (platform === 'win32') {
            expect(safe).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i);
            expect(safe).not.toMatch(/[. ]$/);
            expect(safe).not.toMatch(/[<>:"|?*]/);
          }
        }),
        { numRuns: 500 },
      );
    });
  }

  it('leaves plain names alone', () => {
    for (const name of ['a.txt', 'Ünï côdé 👍.md', '.hidden', 'a b']) {
      expect(safeFileName(name, 'posix')).toBe(name);
      expect(safeFileName(name, 'win32')).toBe(name);
    }
  });

  it('sees collisions of case and composition, and finds a free name', () => {
    expect(foldName('STRASSE.txt')).toBe(foldName('straße.txt'));
    expect(foldName('é')).toBe(foldName('é'));
    expect(freeName('a.txt', (n) => n === 'a.txt' || n === 'a (2).txt')).toBe('a (3).txt');
    expect(Buffer.byteLength(freeName('é'.repeat(127), (n) => !n.includes('(2)')))).toBeLessThanOrEqual(255);
  });
});
