import { describe, expect, it } from 'vitest';
import { english, german, type MessageTree, messageKeys, pickLanguage } from './index.ts';
import { pseudoText, pseudoTree } from './pseudo.ts';

function textOf(tree: MessageTree, key: string): string {
  const value = key
    .split('.')
    .reduce<string | MessageTree | undefined>((at, part) => (typeof at === 'object' ? at[part] : undefined), tree);
  return typeof value === 'string' ? value : '';
}
const placeholders = (text: string) => [...text.matchAll(/\{\{\s*(\w+)/g)].map((m) => m[1]).sort();

describe('messages', () => {
  const keys = messageKeys(english);

  it('has the same keys in every language', () => {
    expect(messageKeys(german)).toEqual(keys);
  });

  it('leaves nothing empty', () => {
    for (const tree of [english, german]) {
      for (const key of keys) expect(textOf(tree, key).trim(), key).not.toBe('');
    }
  });

  it('uses the same placeholders in every language', () => {
    for (const key of keys) {
      // The singular may spell its number out or leave it away.
      if (/_(zero|one)$/.test(key)) continue;
      expect(placeholders(textOf(german, key)), key).toEqual(placeholders(textOf(english, key)));
    }
  });

  it('has the other form wherever it has one', () => {
    for (const key of keys.filter((k) => k.endsWith('_one'))) expect(keys).toContain(key.replace(/_one$/, '_other'));
  });
});

describe('German', () => {
  it('calls one thing by one word', () => {
    // A passphrase is a Passwortsatz, the log is the Verlauf, shards are Teile, and a machine is aufgesetzt, not eingerichtet.
    const others =
      /Passphrase|Kennwort|unter Aktivität|Stücke? (deiner|des Tresors|sind)|Maschinen? einrichten|\bVerweis\b/;
    const found = messageKeys(german).filter((key) => others.test(textOf(german, key)));
    expect(found).toEqual([]);
  });
});

describe('pseudo-language', () => {
  it('keeps placeholders and tags, and leaves no plain Latin letter', () => {
    expect(pseudoText('Hi {{name}}, <b>now</b>')).toMatch(/^\[Ħí \{\{name\}\}, <b>ñóŵ<\/b>·+\]$/);
    const tree = pseudoTree(english);
    for (const key of messageKeys(english)) {
      expect(textOf(tree, key).replace(/\{\{[^}]*\}\}|<[^>]*>/g, ''), key).not.toMatch(/[A-Za-z]/);
    }
  });
});

describe('choice of language', () => {
  it('takes what was chosen, else the first the system knows, else English', () => {
    expect(pickLanguage('de', ['en'])).toBe('de');
    expect(pickLanguage('system', ['fr-FR', 'de-AT', 'en'])).toBe('de');
    expect(pickLanguage('system', ['fr'])).toBe('en');
    expect(pickLanguage('system', ['pseudo'])).toBe('en');
    expect(pickLanguage('xx', [])).toBe('en');
  });
});
