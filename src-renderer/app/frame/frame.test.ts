import { describe, expect, it } from 'vitest';
import { goMessageKind } from '#shared/contract/hand-over.ts';
import { pathOf } from './shell-messages.ts';
import { isActive } from './use-active.ts';

describe('messages of the shell', () => {
  it('lead to pages of this app only', () => {
    expect(pathOf({ kind: goMessageKind, path: '/machines/m-1' })).toBe('/machines/m-1');
    for (const path of ['//evil.example', 'https://evil.example', 'javascript:alert(1)', '', '/a?b', 7, null]) {
      expect(pathOf({ kind: goMessageKind, path })).toBeNull();
    }
    for (const data of [null, 'x', {}, { kind: 'other', path: '/vault' }]) expect(pathOf(data)).toBeNull();
  });
});

describe('the rail', () => {
  it('marks the room that is shown, and Home only on Home', () => {
    expect(isActive('/', '/')).toBe(true);
    expect(isActive('/', '/vault')).toBe(false);
    expect(isActive('/vault', '/vault/places')).toBe(true);
    expect(isActive('/vault', '/vaults')).toBe(false);
  });
});
