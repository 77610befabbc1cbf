import { describe, expect, it } from 'vitest';
import { gatherDropped, gatherInput } from './sources.ts';

const file = (name: string): File => new File(['x'], name, { lastModified: 7 });
const fileEntry = (name: string, found: File | null = file(name)) =>
  ({
    isFile: true,
    isDirectory: false,
    name,
    file: (ok: (f: File) => void, no: (e: unknown) => void) =>
      found ? ok(found) : no(new DOMException('gone', 'NotFoundError')),
  }) as unknown as FileSystemEntry;

/** A folder that, as Chromium does, hands its children out a few at a time and then none. */
const folder = (name: string, children: FileSystemEntry[], atOnce = 2) =>
  ({
    isFile: false,
    isDirectory: true,
    name,
    createReader: () => {
      let at = 0;
      return {
        readEntries: (ok: (some: FileSystemEntry[]) => void) => {
          ok(children.slice(at, at + atOnce));
          at += atOnce;
        },
      };
    },
  }) as unknown as FileSystemEntry;

describe('what is dropped or chosen', () => {
  it('walks folders to the bottom, keeps paths, and tells of empty folders and what cannot be read', async () => {
    const many = Array.from({ length: 5 }, (_, i) => fileEntry(`f${i}`));
    const root = folder('docs', [
      fileEntry('a.txt'),
      folder('deep', [folder('deeper', many), folder('empty', [])]),
      fileEntry('gone', null),
    ]);
    const found = await gatherDropped({ entries: [root, fileEntry('top.txt')], files: [file('pasted.png')] });
    expect(found.files.map((f) => f.path.join('/'))).toEqual([
      'pasted.png',
      'docs/a.txt',
      ...many.map((_, i) => `docs/deep/deeper/f${i}`),
      'top.txt',
    ]);
    expect(found.emptyFolders).toEqual([['docs', 'deep', 'empty']]);
    expect(found.unreadable.map((one) => one.path)).toEqual(['docs/gone']);
    expect(found.files[1]?.modified).toBe(7);
  });

  it('takes the paths below a chosen folder', () => {
    const below = file('b.txt');
    Object.defineProperty(below, 'webkitRelativePath', { value: 'docs/x/b.txt' });
    expect(gatherInput([file('a.txt'), below]).files.map((f) => f.path)).toEqual([['a.txt'], ['docs', 'x', 'b.txt']]);
  });
});
