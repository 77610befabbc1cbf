import { sep } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOwnHost, isOwnOrigin } from './origin.ts';
import { fileOfPath } from './static-files.ts';

const root = `${sep}srv${sep}renderer`;

describe('the files of the interface', () => {
  it('are found by their path; pages are one file', () => {
    expect(fileOfPath(root, '/')).toBe(`${root}${sep}index.html`);
    expect(fileOfPath(root, '/vault')).toBe(`${root}${sep}index.html`);
    expect(fileOfPath(root, '/assets/index-D3_a.js')).toBe(`${root}${sep}assets${sep}index-D3_a.js`);
  });

  it('are all below their folder, whatever the path', () => {
    const hostile = [
      '/../x.js',
      '/%2e%2e/x.js',
      '/..%5cx.js',
      '/a/..%2f..%2fx.js',
      '/.env.js',
      '/C:/x.js',
      '/a%00.js',
      '/%zz.js',
    ];
    for (const path of hostile) expect(fileOfPath(root, path), path).toBeNull();
    const pieces = fc.constantFrom('/', '..', '.', '%2e', '%2f', '%5c', '\\', 'a', '.js', '%00', ':', '~', 'ü');
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string())), (parts) => {
        const file = fileOfPath(root, `/${parts.join('')}`);
        // By segment, since a name may hold two dots (`0..`) without meaning the directory above.
        expect(file === null || (file.startsWith(root + sep) && !file.split(sep).includes('..'))).toBe(true);
      }),
    );
  });
});

describe('who asks', () => {
  it('must name this host', () => {
    for (const host of ['127.0.0.1:80', 'localhost:80', 'LOCALHOST:80', '[::1]:80'])
      expect(isOwnHost(host, 80)).toBe(true);
    for (const host of [
      undefined,
      '',
      '127.0.0.1',
      '127.0.0.1:81',
      'evil.example:80',
      'localhost:80.evil.example',
      '127.0.0.2:80',
    ]) {
      expect(isOwnHost(host, 80), host).toBe(false);
    }
  });

  it('must come from the very origin that is served', () => {
    expect(isOwnOrigin('http://127.0.0.1:80', '127.0.0.1:80', 80)).toBe(true);
    for (const origin of [
      undefined,
      'null',
      'http://localhost:80',
      'https://127.0.0.1:80',
      'http://127.0.0.1:81',
      'http://evil.example',
    ]) {
      expect(isOwnOrigin(origin, '127.0.0.1:80', 80), origin).toBe(false);
    }
    expect(isOwnOrigin('http://evil.example', 'evil.example', 80)).toBe(false);
  });
});
