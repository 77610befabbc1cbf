import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallContext } from '#core/broker/handlers.ts';
import { identityFile, type PlaceIdentity } from '../../format/place-identity.ts';
import { type Bench, noise, openBench, readAll, testContext } from '../../testing/harness.ts';
import { clash, whereabouts } from './apart.ts';
import { claim } from './inspect.ts';

let bench: Bench;
let source: string;
beforeEach(async () => {
  bench = await openBench();
  source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
});
afterEach(async () => {
  await bench.close();
  await rm(source, { recursive: true, force: true });
});

const h = () => bench.vault.handlers;
const at = (name: string): string => join(source, name);
const setUp = async (...paths: string[]) => h()['vault.setup']({ profile: { k: 1, m: 1 }, paths }, testContext());
const add = async (path: string, context: CallContext = testContext()) => h()['vault.addPlace']({ path }, context);
const paths = async () => (await h()['vault.places']({}, testContext())).places.map((p) => p.path);
const codes = (all: PromiseSettledResult<unknown>[]): string[] =>
  all.map((r) => (r.status === 'fulfilled' ? 'ok' : (r.reason as { code: string }).code));

describe('places at the same time', () => {
  it('of two set-ups one wins, and what it made works', async () => {
    const all = await Promise.allSettled([setUp(at('a'), at('b')), setUp(at('b'), at('c'))]);
    expect(codes(all)).toEqual(['ok', 'ALREADY_EXISTS']);
    expect((await paths()).sort()).toEqual([at('a'), at('b')]);
    await writeFile(at('f'), noise(90_000, 1));
    await h()['vault.put']({ paths: [at('f')], into: 'root', clash: 'both' }, testContext());
    const { id } = await h()['vault.get']({ item: 'f' }, testContext());
    const read = await readAll(h()['vault.read']({ item: id, offset: 0 }, testContext()));
    expect(read.equals(noise(90_000, 1))).toBe(true);
  });

  it('set-up and adding on one path: the set-up wins, the other is told', async () => {
    const all = await Promise.allSettled([setUp(at('a'), at('b')), add(at('a')), add(at('c'))]);
    expect(codes(all)).toEqual(['ok', 'ALREADY_EXISTS', 'ok']);
    const early = await Promise.allSettled([add(at('a')), setUp(at('x'), at('y'))]);
    expect(codes(early)).toEqual(['ALREADY_EXISTS', 'ALREADY_EXISTS']);
    expect((await paths()).sort()).toEqual([at('a'), at('b'), at('c')]);
  });

  it('of many who add one directory by different names one wins', async () => {
    await setUp(at('a'), at('b'));
    await mkdir(at('new'));
    await symlink(at('new'), at('link'), 'junction');
    const ways = [at('new'), at('link'), join(source, 'a', '..', 'new'), at('new')];
    const all = await Promise.allSettled(ways.map((path) => add(path)));
    expect(codes(all).sort()).toEqual(['ALREADY_EXISTS', 'ALREADY_EXISTS', 'ALREADY_EXISTS', 'ok']);
    expect(await paths()).toHaveLength(3);
    const mark = JSON.parse(await readFile(join(at('new'), identityFile), 'utf8')) as PlaceIdentity;
    const { places } = await h()['vault.places']({}, testContext());
    expect(places.map((p) => p.id)).toContain(mark.place);
    expect(places.every((p) => p.health === 'ok')).toBe(true);
  });

  it('adding and removing one place at once never leaves it half', async () => {
    await setUp(at('a'), at('b'));
    const { place } = await add(at('c'));
    const remove = async () => h()['vault.removePlace']({ place: place.id }, testContext());
    const all = await Promise.allSettled([remove(), add(at('c')), remove()]);
    expect(codes(all).sort()).toEqual(['ALREADY_EXISTS', 'NOT_FOUND', 'ok']);
    expect(await paths()).toHaveLength(2);
    await add(at('c'));
    expect(await h()['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0 });
  });
});

describe('directories that are one', () => {
  it('are found through links, also where one lies in the other', async () => {
    await mkdir(at('real/deep'), { recursive: true });
    await symlink(at('real'), at('link'), 'junction');
    const all = await Promise.all(
      [at('real'), at('link'), at('link/deep'), at('real/deep/new'), at('link/deep/new')].map(whereabouts),
    );
    const [real, link, deep, fresh, freshByLink] = all;
    if (!real || !link || !deep || !fresh || !freshByLink) throw new Error('too few');
    expect(clash(link, [real])?.how).toBe('same');
    expect(clash(deep, [real])?.how).toBe('inside');
    expect(clash(real, [deep])?.how).toBe('around');
    expect(clash(fresh, [link])?.how).toBe('inside');
    expect(clash(fresh, [freshByLink])?.how).toBe('same');
    expect(clash(await whereabouts(at('other')), all)).toBeNull();
    await expect(setUp(at('real'), at('link'))).rejects.toMatchObject({ code: 'BAD_PLACE' });
    await expect(setUp(at('real'), at('link/deep'))).rejects.toMatchObject({ code: 'BAD_PLACE' });
    expect((await h()['vault.status']({}, testContext())).state).toBe('none');
  });

  it('are found through a bind mount', async (context) => {
    await mkdir(at('real/deep'), { recursive: true });
    await mkdir(at('bind'));
    try {
      execFileSync('mount', ['--bind', at('real'), at('bind')], { stdio: 'ignore' });
    } catch {
      console.log('skipped: directories can only be bound as root on Linux');
      context.skip();
    }
    try {
      const [real, bind, deep] = await Promise.all([at('real'), at('bind'), at('bind/deep')].map(whereabouts));
      if (!real || !bind || !deep) throw new Error('too few');
      expect(clash(bind, [real])?.how).toBe('same');
      expect(clash(deep, [real])?.how).toBe('inside');
    } finally {
      execFileSync('umount', ['-l', at('bind')]);
    }
  });

  it('are claimed by one: a mark that is there is never replaced', async () => {
    const mark = (place: string): PlaceIdentity => ({
      format: 'hypha-vault-place',
      version: 1,
      vault: 'ab'.repeat(16),
      place,
      check: 'cd'.repeat(16),
      k: 1,
      m: 1,
      createdAt: 0,
    });
    const names = ['one', 'two', 'three', 'four'];
    const won = await Promise.all(names.map((name) => claim(at('d'), mark(name))));
    expect(won.filter(Boolean)).toHaveLength(1);
    const winner = names[won.indexOf(true)] ?? '';
    expect(await claim(at('d'), mark(winner))).toBe(true);
    expect(JSON.parse(await readFile(join(at('d'), identityFile), 'utf8'))).toEqual(mark(winner));
  });
});
