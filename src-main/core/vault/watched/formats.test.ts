import { encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { brake } from './plan/brake.ts';
import { conflictName } from './plan/conflict-name.ts';
import { isJunk, isOwn, matches } from './plan/ignore.ts';
import { unfit } from './plan/names.ts';
import { decodeAgreed, decodeWatched, encodeAgreed, encodeWatched } from './record.ts';

const hex = fc.stringMatching(/^[0-9a-f]{16}$/);

it('reads back what it wrote, and takes any bytes without a fault', () => {
  const watched = fc.record({
    directory: fc.string({ minLength: 1, maxLength: 200 }),
    folder: fc.option(fc.string({ maxLength: 64 })),
    inode: fc.string({ maxLength: 20 }),
    tag: hex,
    paused: fc.boolean(),
    ignore: fc.array(fc.string({ minLength: 1, maxLength: 100 }), { maxLength: 10 }),
    added: fc.nat(),
  });
  fc.assert(
    fc.property(watched, (record) => {
      expect(decodeWatched(encodeWatched(record))).toEqual(record);
    }),
  );
  const agreed = fc.record({
    path: fc.string({ minLength: 1, maxLength: 500 }),
    kind: fc.constantFrom('file' as const, 'folder' as const),
    print: fc.string({ maxLength: 100 }),
    mark: fc.string({ maxLength: 100 }),
  });
  fc.assert(
    fc.property(agreed, (record) => {
      expect(decodeAgreed(encodeAgreed(record))).toEqual(record);
    }),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.anything().map((x) => encodeSafely(x)),
      ),
      (bytes) => {
        decodeWatched(bytes);
        decodeAgreed(bytes);
      },
    ),
  );
});

function encodeSafely(value: unknown): Uint8Array {
  try {
    return encode(value);
  } catch {
    return new Uint8Array();
  }
}

it('matches names as a shell does, in bounded time', () => {
  expect(['a~', '.a.swp', '#a#', 'x.tmp'].map((name) => matches('*~', name))).toEqual([true, false, false, false]);
  expect(matches('.*.sw?', '.notes.txt.swp')).toBe(true);
  expect(matches('?', '')).toBe(false);
  expect(matches('a*b*c', 'aXbYbZc')).toBe(true);
  expect(matches('*a'.repeat(40), 'a'.repeat(2000))).toBe(true);
  expect(matches(`${'*a'.repeat(40)}b`, 'a'.repeat(2000))).toBe(false);
  fc.assert(
    fc.property(fc.stringMatching(/^[ab?*]{0,6}$/), fc.stringMatching(/^[ab]{0,6}$/), (pattern, name) => {
      const asRegExp = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
      expect(matches(pattern, name)).toBe(asRegExp.test(name));
    }),
  );
  expect(isJunk('.DS_Store') && isJunk('THUMBS.DB')).toBe(true);
  expect(isOwn('.hypha-00-1.part') && !isOwn('hypha.part') && !isOwn('.hypha-notes.txt')).toBe(true);
});

it('names a conflict copy by who and when, in front of the ending and within 255 bytes', () => {
  const at = new Date(2026, 10, 23, 12, 30);
  expect(conflictName('report.final.odt', 'lap/top', at)).toBe(
    'report.final (conflict, lap top, 2026-11-23 12.30).odt',
  );
  expect(conflictName('.bashrc', '', at)).toBe('.bashrc (conflict, this computer, 2026-11-23 12.30)');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 255 }), fc.string(), (name, device) => {
      expect(Buffer.byteLength(conflictName(name, device, at))).toBeLessThanOrEqual(Math.max(255, 0));
    }),
  );
});

it('asks where more than half and more than 20 would go, or all, unless that was allowed', () => {
  const files = (n: number): string[] => Array.from({ length: n }, (_, i) => `${i}`);
  const none = { vault: new Set<string>(), here: new Set<string>() };
  const ask = (vault: number, of: number) => brake({ gone: { vault: files(vault), local: [] } }, of, none);
  expect([ask(21, 41), ask(2, 2), ask(20, 21), ask(30, 100), ask(1, 1), ask(0, 0)].map((q) => q !== null)).toEqual([
    ...[true, true, false, false, false, false],
  ]);
  expect(brake({ gone: { vault: [], local: files(30) } }, 40, none)).toMatchObject({ side: 'here' });
  const allowed = { vault: new Set(files(30)), here: new Set<string>() };
  expect(brake({ gone: { vault: files(30), local: [] } }, 40, allowed)).toBeNull();
  expect(brake({ gone: { vault: files(31), local: [] } }, 40, allowed)).not.toBeNull();
});

it('leaves out what Windows, or a disk that ignores case, cannot hold, and no name that was only respelled', () => {
  const file = (id: string) => ({ kind: 'file' as const, id });
  const local = (mark: string) => ({ kind: 'file' as const, print: mark, mark });
  const alike = (text: string): string => text.toLowerCase();
  const vault = new Map([
    ['con.txt', file('1')],
    ['a:b', file('2')],
    ['A', file('3')],
    ['a', file('4')],
    ['Here', file('5')],
    ['Respelled', file('6')],
  ]);
  const agreed = new Map([['respelled', { kind: 'file' as const, id: '6', print: 'p', mark: 'p' }]]);
  const here = new Map([
    ['here', local('x')],
    ['respelled', local('p')],
  ]);
  const left = unfit({ local: here, vault, agreed }, { platform: 'win32', alike });
  expect(left.map(({ path, code }) => `${code} ${path}`).sort()).toEqual([
    ...['ALIKE Here', 'ALIKE a', 'NAME_HERE a:b', 'NAME_HERE con.txt'],
  ]);
  expect(unfit({ local: here, vault, agreed }, { platform: 'posix', alike: null })).toEqual([]);
});
