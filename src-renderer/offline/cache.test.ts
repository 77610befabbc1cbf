import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { OfflineCache } from './cache.ts';
import { importKey, seal, unseal } from './seal.ts';

const keyOf = (byte: number) => new Uint8Array(32).fill(byte);
const open: OfflineCache[] = [];
let count = 0;
function cacheNamed(name = `test-${count++}`): OfflineCache {
  const cache = new OfflineCache(name, () => 42);
  open.push(cache);
  return cache;
}
afterEach(async () => {
  for (const cache of open.splice(0)) await cache.close();
});

describe('sealing', () => {
  it('opens with the same key and id, and with nothing else', async () => {
    const key = await importKey(keyOf(1));
    const row = await seal(key, 'a', { name: 'Letters' });
    expect(await unseal(key, 'a', row)).toEqual({ name: 'Letters' });
    expect(await unseal(key, 'b', row)).toBeUndefined();
    expect(await unseal(await importKey(keyOf(2)), 'a', row)).toBeUndefined();
    expect(new TextDecoder().decode(row)).not.toContain('Letters');
  });

  it('gives any JSON back, and nothing for any other bytes', async () => {
    const key = await importKey(keyOf(1));
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        expect(await unseal(key, 'a', await seal(key, 'a', value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 30 },
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), async (bytes) => {
        expect(await unseal(key, 'a', bytes)).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });
});

describe('the cache', () => {
  const list = { path: [], items: [], total: 0 };

  it('gives nothing and takes nothing while locked', async () => {
    const cache = cacheNamed();
    await cache.put('vault.list', {}, list);
    expect(await cache.get('vault.list', {})).toBeNull();
    await cache.unlock(keyOf(3));
    expect(await cache.get('vault.list', {})).toBeNull();
    await cache.put('vault.list', { folder: 'root', sort: 'name' }, list);
    expect(await cache.get('vault.list', { sort: 'name', folder: 'root' })).toEqual({ value: list, at: 42 });
    cache.lock();
    expect(await cache.get('vault.list', { folder: 'root', sort: 'name' })).toBeNull();
  });

  it('outlives a reload with the same key, and is closed to another', async () => {
    const name = `reload-${count++}`;
    const first = cacheNamed(name);
    await first.unlock(keyOf(4));
    await first.put('vault.status', {}, { files: 3 });
    first.close();
    const second = cacheNamed(name);
    await second.unlock(keyOf(5));
    expect(await second.get('vault.status', {})).toBeNull();
    await second.unlock(keyOf(4));
    expect(await second.get('vault.status', {})).toEqual({ value: { files: 3 }, at: 42 });
  });

  it('keeps listings only', () => {
    const cache = cacheNamed();
    expect(cache.keeps('vault.list')).toBe(true);
    expect(cache.keeps('identity.card')).toBe(false);
    expect(cache.keeps('activity.list')).toBe(false);
  });

  it('lets no key in that comes after the lock', async () => {
    const cache = cacheNamed();
    const late = cache.unlock(keyOf(6));
    cache.lock();
    await late;
    expect(cache.open).toBe(false);
  });
});
