import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentType, resolveAppAddress } from './app-address.ts';

const root = '/app/out/renderer';

describe('addresses of the interface', () => {
  it('serves files, and the page for addresses inside the interface', () => {
    expect(resolveAppAddress('app://hypha/', root)).toEqual({ kind: 'file', path: `${root}/index.html` });
    expect(resolveAppAddress('app://hypha/machines/m1', root)).toEqual({ kind: 'file', path: `${root}/index.html` });
    expect(resolveAppAddress('app://hypha/assets/a-1.js?x#y', root)).toEqual({
      kind: 'file',
      path: `${root}/assets/a-1.js`,
    });
    expect(resolveAppAddress('app://hypha/media/abcdefghijklmnop/My%20File.pdf', root)).toEqual({
      kind: 'media',
      ticket: 'abcdefghijklmnop',
    });
  });

  it.each([
    'app://hypha/..%2f..%2fetc/passwd.txt',
    'app://hypha/a%5c..%5cb.js',
    'app://hypha/C:%5cWindows%5cwin.ini',
    'app://hypha/a.js%00.png',
    'app://hypha/%zz',
    'app://other/index.html',
    'file:///etc/passwd',
    'https://hypha/index.html',
    'app://hypha/media/short',
    'app://hypha/assets/index.js.',
    'not an address',
  ])('refuses %s', (address) => {
    for (const rules of [path.posix, path.win32]) {
      expect(resolveAppAddress(address, rules === path.win32 ? 'C:\\app\\out' : root, rules).kind).toBe('refused');
    }
  });

  it('never leaves its folder, whatever is asked', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('..', '%2e%2e', '/', '%2f', '\\', '%5c', 'C:', '%00', 'a.js', '.'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.constantFrom(path.posix, path.win32), (pieces, rules) => {
        const base = rules === path.win32 ? 'C:\\app\\out' : root;
        const target = resolveAppAddress(`app://hypha/${pieces.join('')}`, base, rules);
        if (target.kind === 'file') expect(target.path.startsWith(base + rules.sep)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('names types and never guesses', () => {
    expect(contentType('/a/b.JS')).toMatch(/javascript/);
    expect(contentType('/a/b.exe')).toBe('application/octet-stream');
  });
});
