import { describe, expect, it } from 'vitest';
import { downloadsOf, wholePath } from './save-target.ts';

describe('where saved files go', () => {
  it('is the downloads beside the data directory, where that tells', () => {
    expect(downloadsOf('/home/ada/.local/share/hypha')).toBe('/home/ada/Downloads');
    expect(downloadsOf('/Users/ada/Library/Application Support/Hypha')).toBe('/Users/ada/Downloads');
    expect(downloadsOf('C:\\Users\\ada\\AppData\\Local\\Hypha')).toBe('C:\\Users\\ada\\Downloads');
    expect(downloadsOf('/srv/hypha')).toBe('');
  });

  it('must be a whole path; a tilde is written out where it can be', () => {
    const home = '/home/ada/.local/share/hypha';
    expect(wholePath(' /tmp/x ', home)).toBe('/tmp/x');
    expect(wholePath('~/Downloads', home)).toBe('/home/ada/Downloads');
    expect(wholePath('~', home)).toBe('/home/ada');
    expect(wholePath('D:\\out', home)).toBe('D:\\out');
    expect(wholePath('\\\\server\\share', home)).toBe('\\\\server\\share');
    for (const typed of ['', 'out', './out', '../out', '~bob/out']) expect(wholePath(typed, home)).toBeNull();
    expect(wholePath('~/out', '/srv/hypha')).toBeNull();
  });
});
