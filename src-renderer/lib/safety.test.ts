import { describe, expect, it } from 'vitest';
import type { Safety } from '#shared/contract/vault.ts';
import { english, german } from '#shared/i18n/index.ts';
import { vaultReady } from '../testing/samples.ts';
import { safetyWords, vaultWord } from './safety.ts';

const said = (devices: number) => {
  const { word, meaning } = safetyWords(devices)['only-here'];
  const of = (tree: typeof english | typeof german, key: string) =>
    (tree.frame.safety as Record<string, string>)[key.replace('frame.safety.', '')] ?? '';
  return [english, german].map((tree) => `${of(tree, word)}. ${of(tree, meaning)}`);
};

describe('words for what no device may be lost of', () => {
  it('says that all of it is here only when one device holds all there is', () => {
    const [en, de] = said(1);
    expect(en).toMatch(/only on this computer.* all of it on one device/);
    expect(de).toMatch(/nur auf diesem Computer.* alles auf einem Gerät/);
  });

  it('says neither when other devices hold pieces, for one of them alone may hold too much', () => {
    for (const devices of [2, 3]) {
      const [en, de] = said(devices);
      expect(en).not.toMatch(/only on this computer|all of it/);
      expect(de).not.toMatch(/nur auf diesem Computer|alles auf/);
    }
  });

  it('calls the vault as a whole the same', () => {
    expect(vaultWord(vaultReady).word).toBe('frame.safety.onlyHere');
    expect(vaultWord({ ...vaultReady, devices: 2 }).word).toBe('frame.safety.oneTooMany');
  });

  it('has the same words for everything else, however many devices there are', () => {
    for (const safety of ['safe', 'storing', 'at-risk', 'damaged'] satisfies Safety[]) {
      expect(safetyWords(2)[safety]).toEqual(safetyWords(1)[safety]);
    }
  });
});
