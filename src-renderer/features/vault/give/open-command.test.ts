import { describe, expect, it } from 'vitest';
import { openCommand } from './open-command.ts';

describe('the command that opens an age file', () => {
  it('names the file as it lies in its folder, on any system', () => {
    expect(openCommand('/home/ada/tax 2026.pdf.age')).toBe('age --decrypt --output "tax 2026.pdf" "tax 2026.pdf.age"');
    expect(openCommand('C:\\Users\\ada\\a.txt.age')).toBe('age --decrypt --output "a.txt" "a.txt.age"');
  });

  it.each([
    ['$(touch x).age', "'$(touch x).age'"],
    ['a`b`.age', "'a`b`.age'"],
    [`it's "so".age`, `'it'\\''s "so".age'`],
    ['!!.age', "'!!.age'"],
    ['%PATH%.age', "'%PATH%.age'"],
  ])('keeps a shell from reading anything into %s', (name, quoted) => {
    expect(openCommand(`/tmp/${name}`).endsWith(` ${quoted}`)).toBe(true);
  });
});
