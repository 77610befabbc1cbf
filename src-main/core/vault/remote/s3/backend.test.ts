import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PlaceIdentity } from '../../format/place-identity.ts';
import type { RemoteBackend } from '../remote-backend.ts';
import { realClock } from '../testing/real-clock.ts';
import { createS3Backend } from './backend.ts';
import { type FakeS3, fakeBucket, fakeKeys, startFakeS3 } from './testing/fake-s3.ts';
import { rverKeys, startS3rver } from './testing/s3rver.ts';

const identity = (place: string, vault = 'ab'.repeat(16)): PlaceIdentity => ({
  format: 'hypha-vault-place',
  version: 1,
  vault,
  place,
  check: 'cd'.repeat(16),
  k: 2,
  m: 1,
  createdAt: 1,
});
const vault = 'ab'.repeat(16);
const bytes = (length: number, seed = 7) => Uint8Array.from({ length }, (_, i) => (i * seed + (i >> 8)) & 255);

const kinds = {
  'a strict server': async () => {
    const fake = await startFakeS3();
    return { fake, rver: null, endpoint: fake.endpoint, keys: fakeKeys, close: () => fake.close() };
  },
  s3rver: async () => {
    const rver = await startS3rver(fakeBucket);
    return { fake: null, rver, endpoint: rver.endpoint, keys: rverKeys, close: () => rver.close() };
  },
};

describe.each(Object.entries(kinds))('a place in a bucket of %s', (_, start) => {
  let server: { fake: FakeS3 | null; endpoint: string; keys: typeof fakeKeys; close(): Promise<void> };
  const open: RemoteBackend[] = [];
  beforeEach(async () => {
    server = await start();
  });
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
    await server.close();
  });
  const backend = (more: { prefix?: string; bucket?: string } = {}): RemoteBackend => {
    const one = createS3Backend(
      { endpoint: server.endpoint, bucket: fakeBucket, prefix: 'home/hypha', ...server.keys, ...more },
      realClock,
    );
    open.push(one);
    return one;
  };

  it('stores, reads by range, lists by level and removes', async () => {
    const { store } = backend();
    const parts = [bytes(70_000), bytes(3), bytes(200_000, 11)];
    const all = Buffer.concat(parts);
    let taken = false;
    await store.put('p/00000/aa.00', parts, () => {
      taken = true;
    });
    await store.put('p/00000/bb.01', [new Uint8Array()]);
    await store.put('c/cc.02', [bytes(10)]);
    await store.settle();
    expect(taken).toBe(true);
    expect(await store.size('p/00000/aa.00')).toBe(all.length);
    expect(await store.size('p/00000/bb.01')).toBe(0);
    expect(await store.size('p/00000/none')).toBeNull();
    const target = new Uint8Array(100_000);
    expect(await store.read('p/00000/aa.00', 12_345, target)).toBe(true);
    expect(Buffer.from(target).equals(all.subarray(12_345, 112_345))).toBe(true);
    expect(await store.read('p/00000/aa.00', all.length - 5, new Uint8Array(6))).toBe(false);
    expect(await store.read('p/00000/aa.00', all.length, new Uint8Array(1))).toBe(false);
    expect(await store.read('p/00000/none', 0, new Uint8Array(1))).toBe(false);
    expect(await store.read('p/00000/bb.01', 0, new Uint8Array(0))).toBe(true);
    expect(await store.list('p')).toEqual(['p/00000']);
    expect((await store.list('p/00000')).sort()).toEqual(['p/00000/aa.00', 'p/00000/bb.01']);
    expect(await store.list('c')).toEqual(['c/cc.02']);
    expect(await store.list('x')).toEqual([]);
    await store.put('c/cc.02', [bytes(4, 3)]);
    expect(await store.size('c/cc.02')).toBe(4);
    await store.remove('c/cc.02');
    await store.remove('c/cc.02');
    expect(await store.list('c')).toEqual([]);
  });

  it('is claimed once, told apart, and left again', async () => {
    const one = backend();
    const two = backend();
    expect(await one.inspect()).toEqual({
      kind: 'empty',
      identity: null,
      writable: true,
      device: 'host:127.0.0.1',
      free: null,
    });
    expect(await one.claim(identity('one'))).toBe(true);
    expect(await one.claim(identity('one'))).toBe(true);
    expect(await two.claim(identity('two'))).toBe(false);
    expect(await two.inspect()).toMatchObject({ kind: 'place', identity: identity('one') });
    expect(await one.isMarked(vault, 'one')).toBe(true);
    expect(await one.isMarked(vault, 'two')).toBe(false);
    await two.unclaim(vault, 'two');
    expect(await one.isMarked(vault, 'one')).toBe(true);
    await one.unclaim(vault, 'one');
    expect(await one.isMarked(vault, 'one')).toBe(false);
    expect((await one.inspect()).kind).toBe('empty');
    await one.store.put('c/x.00', [bytes(1)]);
    expect((await one.inspect()).kind).toBe('unmarked');
  });

  it('is got by one of many who claim at once, also where no conditional writes are, and nothing of the tries is left', async () => {
    if (server.fake) server.fake.conditional = false;
    const many = Array.from({ length: 4 }, (_, i) => ({ place: `p${i}`, one: backend() }));
    const got = await Promise.all(many.map(({ place, one }) => one.claim(identity(place))));
    expect(got.filter(Boolean).length).toBe(1);
    expect((await backend().inspect()).identity?.place).toBe(`p${got.indexOf(true)}`);
    if (server.fake) expect([...server.fake.objects.keys()]).toEqual(['home/hypha/hypha-place.json']);
  });

  it('lists more names than a page has, below a prefix in any script', async () => {
    const one = backend({ prefix: '/Sicherung – ü/数据 & <x> + 100%/' });
    // s3rver makes its tokens for further pages with DES, which Node no longer has.
    const names = Array.from(
      { length: server.fake ? 1203 : 300 },
      (_, i) => `p/00001/${String(i).padStart(32, '0')}.00`,
    );
    for (let at = 0; at < names.length; at += 200) {
      await Promise.all(names.slice(at, at + 200).map((name) => one.store.put(name, [bytes(1)])));
    }
    expect((await one.store.list('p/00001')).sort()).toEqual(names);
    // It also finds nothing between two such names.
    if (server.fake) expect((await backend({ prefix: '' }).store.list('Sicherung – ü')).length).toBe(1);
  });

  it('tells a bucket that is not there', async () => {
    const one = backend({ bucket: 'nowhere' });
    expect((await one.inspect()).kind).toBe('absent');
    expect(one.reason()?.text).toContain('There is no bucket nowhere');
    await expect(one.store.put('c/x', [bytes(1)])).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(one.store.size('c/x')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

it('does not believe s3rver when the disk below changed the bytes that it says it stored', async () => {
  const rver = await startS3rver(fakeBucket);
  const one = createS3Backend({ endpoint: rver.endpoint, bucket: fakeBucket, prefix: '', ...rverKeys }, realClock);
  await one.store.put('c/x', [bytes(50)]);
  await writeFile(join(rver.directory, 'c', 'x._S3rver_object'), bytes(20));
  // Shorter than what is asked for is the same as not there; the bytes themselves are judged by their seals.
  expect(await one.store.read('c/x', 0, new Uint8Array(50))).toBe(false);
  await rm(join(rver.directory, 'c'), { recursive: true });
  expect(await one.store.size('c/x')).toBeNull();
  await one.close();
  await rver.close();
});
