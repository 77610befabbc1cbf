import { describe, expect, it } from 'vitest';
import { isActive } from './use-active.ts';

describe('the rail', () => {
  it('marks the room that is shown, and Home only on Home', () => {
    expect(isActive('/', '/')).toBe(true);
    expect(isActive('/', '/vault')).toBe(false);
    expect(isActive('/vault', '/vault/places')).toBe(true);
    expect(isActive('/vault', '/vaults')).toBe(false);
  });
});
