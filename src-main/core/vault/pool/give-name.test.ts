import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeWhole } from './deliver.ts';

/** `links`: the code that linking fails with. `after`: what another program does once a file of that path was made. */
const faults = vi.hoisted(() => ({
  links: null as string | null,
  after: new Map<string, () => void>(),
  rename: null as string | null,
}));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const refuse = (code: string | null): void => {
    if (code) throw Object.assign(new Error('refused'), { code });
  };
  const linkSync: typeof fs.linkSync = (...args) => {
    refuse(faults.links);
    fs.linkSync(...args);
  };
  const renameSync: typeof fs.renameSync = (...args) => {
    refuse(faults.rename);
    fs.renameSync(...args);
  };
  const openSync: typeof fs.openSync = (path, ...rest) => {
    const fd = fs.openSync(path, ...rest);
    faults.after.get(String(path))?.();
    return fd;
  };
  return { ...fs, default: fs, linkSync, renameSync, openSync };
});

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hypha-name-'));
  faults.links = null;
  faults.rename = null;
  faults.after.clear();
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const path = (): string => join(directory, 'report.doc');
const ours = new TextEncoder().encode('ours');
const write = (): void =>
  writeWhole({ path: path(), temporary: join(directory, '.part'), modified: 1_600_000_000 }, ours);

// What Linux answers on FAT, what others do, and what Windows' "invalid function" becomes.
describe.each([null, 'EPERM', 'ENOTSUP', 'EISDIR'])('a file written whole, where linking fails with %s', (code) => {
  beforeEach(() => {
    faults.links = code;
  });

  it('bears its name, and no other', () => {
    write();
    expect(readFileSync(path(), 'utf8')).toBe('ours');
    expect(readdirSync(directory)).toEqual(['report.doc']);
  });

  it('is never put in the place of another', () => {
    writeFileSync(path(), 'theirs');
    expect(write).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    expect(readFileSync(path(), 'utf8')).toBe('theirs');
    expect(readdirSync(directory)).toEqual(['report.doc']);
  });

  it('is never put in the place of a link, not even of one that leads nowhere', () => {
    symlinkSync(join(directory, 'elsewhere'), path());
    expect(write).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    expect(existsSync(join(directory, 'elsewhere'))).toBe(false);
    expect(readdirSync(directory)).toEqual(['report.doc']);
  });
});

describe('without links', () => {
  beforeEach(() => {
    faults.links = 'EPERM';
  });

  it('keeps what somebody wrote into the file that held the name', () => {
    faults.after.set(path(), () => writeFileSync(path(), 'theirs'));
    expect(write).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    expect(readFileSync(path(), 'utf8')).toBe('theirs');
  });

  it('leaves no empty file when the name cannot be given', () => {
    faults.rename = 'EIO';
    expect(write).toThrow(expect.objectContaining({ code: 'EIO' }));
    expect(readdirSync(directory)).toEqual([]);
  });
});
