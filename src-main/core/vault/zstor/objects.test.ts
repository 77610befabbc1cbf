import { afterEach, describe, expect, it } from 'vitest';
import { concatBytes } from '#core/crypto/bytes.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import { noise } from '../testing/harness.ts';
import type { Objects } from './objects.ts';
import { objectKey } from './paths.ts';
import { pieceBytes } from './sealing.ts';
import { type Deployment, startDeployment } from './testing/deployment.ts';

let running: Deployment[] = [];
afterEach(async () => {
  for (const one of running) await one.close();
  running = [];
});
async function deploy(...args: Parameters<typeof startDeployment>): Promise<Deployment> {
  const made = await startDeployment(...args);
  running.push(made);
  return made;
}
const signal = new AbortController().signal;
const key = await objectKey('someprefix', '/data/f');
async function* pieces(bytes: Uint8Array, step = 1 << 20): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
}
const store = (objects: Objects, plain: Uint8Array) => objects.store(key, '/data/f', pieces(plain), signal, () => {});
async function load(objects: Objects): Promise<Uint8Array | null> {
  const record = await objects.record(key, '/data/f');
  if (!record) return null;
  const out: Uint8Array[] = [];
  await objects.load(record, '/data/f', async (plain) => void out.push(plain.slice()), signal);
  return concatBytes(...out);
}
const holds = (d: Deployment): number[] => d.data.map(({ values }) => values.size);

describe('an object of zstor', () => {
  it.each([false, true])('is read back from what is left of its backends (a thread of its own: %s)', async (thread) => {
    const d = await deploy(3, 2, [5], thread);
    const plain = noise(3 * pieceBytes + 4321, 5);
    plain.fill(7, 100_000, 3_000_000);
    expect(await store(d.objects, plain)).toMatchObject({ length: plain.length, how: 'stored' });
    const record = await d.objects.record(key, '/data/f');
    expect(record?.shards.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
    expect(new Set(record?.shards.map(({ at }) => at.address.port)).size).toBe(5);
    const byIndex = (i: number) => d.data.find(({ port }) => port === record?.shards[i]?.at.address.port);
    await byIndex(0)?.close();
    await byIndex(2)?.close();
    await d.metadata[1]?.close();
    await d.metadata[3]?.close();
    const back = await load(d.objects);
    expect(back && equalBytes(back, plain)).toBe(true);
    expect(await d.objects.meta.list(signal)).toEqual([key]);
    // One more, and it is told which shards are wanting.
    await byIndex(4)?.close();
    await expect(load(d.objects)).rejects.toMatchObject({
      code: 'DAMAGED',
      message: expect.stringContaining('0 is unreachable'),
    });
    await d.metadata[0]?.close();
    await expect(load(d.objects)).rejects.toMatchObject({ code: 'NOT_ENOUGH_PLACES' });
    expect(await d.left()).toEqual([]);
  });

  it('leaves the bytes of its source alone, also those of a Buffer that shares its memory', async () => {
    const d = await deploy(2, 1, [3], true);
    const plain = Buffer.from(noise(300_000, 2));
    await store(d.objects, plain);
    expect(plain.equals(noise(300_000, 2))).toBe(true);
    expect((await load(d.objects)) ?? new Uint8Array(0)).toEqual(new Uint8Array(plain));
  });

  it('of nothing, and one that is not there', async () => {
    const d = await deploy(2, 1, [3]);
    expect(await load(d.objects)).toBeNull();
    expect(await d.objects.meta.list(signal)).toEqual([]);
    await store(d.objects, new Uint8Array(0));
    expect(await load(d.objects)).toEqual(new Uint8Array(0));
  });

  it('is not sent again when it is there, and is made whole when it is not', async () => {
    const d = await deploy(2, 2, [6]);
    const plain = noise(100_000, 3);
    await store(d.objects, plain);
    expect(await store(d.objects, plain)).toMatchObject({ how: 'same' });
    expect(holds(d).reduce((a, b) => a + b, 0)).toBe(4);
    const used = d.data.filter(({ values }) => values.size > 0);
    used[0]?.values.clear();
    const rotten = [...(used[1]?.values.values() ?? [])][0];
    if (rotten) rotten[9] = (rotten[9] ?? 0) ^ 1;
    const record = await d.objects.record(key, '/data/f');
    if (!record) throw new Error('no record');
    // Asked for, rot is not seen; read, it is.
    expect((await d.objects.check(record, false, signal)).filter((state) => state === 'good')).toHaveLength(3);
    expect((await d.objects.check(record, true, signal)).sort()).toEqual(['good', 'good', 'missing', 'rotten']);
    expect(await store(d.objects, plain)).toMatchObject({ how: 'repaired' });
    const after = await d.objects.record(key, '/data/f');
    if (!after) throw new Error('no record');
    expect(await d.objects.check(after, true, signal)).toEqual(['good', 'good', 'good', 'good']);
    expect(after.checksum).toEqual(record.checksum);
    const back = await load(d.objects);
    expect(back && equalBytes(back, plain)).toBe(true);
    expect(await d.objects.rebuild(key, '/data/f', after, signal)).toBe(0);
    // Other bytes under the same name.
    expect(await store(d.objects, plain.subarray(1))).toMatchObject({ how: 'stored' });
    expect((await load(d.objects))?.length).toBe(plain.length - 1);
  });

  it('goes to other backends when some are full, away, of another mode, or fail on the way', async () => {
    const d = await deploy(2, 1, [7]);
    const [away, full, broken, alsoBroken] = d.data;
    await away?.close();
    if (full) full.limit = 200_000;
    if (broken) broken.failing = 'writes';
    if (alsoBroken) alsoBroken.failing = 'writes';
    const plain = noise(2 * pieceBytes * 2, 3);
    expect(await store(d.objects, plain)).toMatchObject({ how: 'stored' });
    expect(holds(d).slice(0, 4)).toEqual([0, 0, 0, 0]);
    const back = await load(d.objects);
    expect(back && equalBytes(back, plain)).toBe(true);
  });

  it('is not there in part when too few backends take it', async () => {
    const d = await deploy(2, 2, [4]);
    const [broken] = d.data;
    if (broken) broken.failing = 'writes';
    await expect(store(d.objects, noise(50_000, 1))).rejects.toMatchObject({
      code: 'NOT_ENOUGH_PLACES',
      message: expect.stringContaining(`127.0.0.1:${broken?.port}`),
    });
    expect(await load(d.objects)).toBeNull();
    // What the others had taken is gone again.
    expect(holds(d)).toEqual([0, 0, 0, 0]);
    if (broken) broken.failing = 'no';
    const [meta] = d.metadata;
    if (meta) meta.failing = 'all';
    await expect(store(d.objects, noise(50_000, 1))).rejects.toMatchObject({ code: 'NOT_ENOUGH_PLACES' });
    expect(holds(d)).toEqual([0, 0, 0, 0]);
    expect(await d.left()).toEqual([]);
  });

  it('is given up when that is asked', async () => {
    const d = await deploy(2, 1, [3]);
    const stop = new AbortController();
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (let i = 0; ; i++) {
        if (i === 3) stop.abort(new Error('enough'));
        yield noise(100_000, i);
      }
    }
    await expect(d.objects.store(key, '/data/f', endless(), stop.signal, () => {})).rejects.toThrow('enough');
    expect(holds(d)).toEqual([0, 0, 0]);
    expect(await d.left()).toEqual([]);
  });

  it('is told to lack room when the disk for what is under way is full', async () => {
    const d = await deploy(2, 1, [3]);
    const full = async (): Promise<never> => {
      throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
    };
    const objects = d.objectsWith((engine) => ({
      ...engine,
      sealing: async (options) => ({ ...(await engine.sealing(options)), push: full }),
      opening: async (options) => ({ ...(await engine.opening(options)), append: full }),
    }));
    await expect(store(objects, noise(9000, 1))).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(holds(d)).toEqual([0, 0, 0]);
    await store(d.objects, noise(9000, 1));
    await expect(load(objects)).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(await d.left()).toEqual([]);
  });

  it('is not believed when its record makes no sense, or opens with another key', async () => {
    const d = await deploy(2, 1, [3]);
    await d.objects.meta.write(key, new Uint8Array(50));
    await expect(load(d.objects)).rejects.toMatchObject({ code: 'DAMAGED' });
    const other = await deploy(2, 1, [3]);
    await store(other.objects, noise(1000, 1));
    const record = await other.objects.record(key, '/data/f');
    if (!record) throw new Error('no record');
    const into = async (): Promise<void> => {};
    await expect(other.objects.load({ ...record, key: new Uint8Array(32) }, '/f', into, signal)).rejects.toMatchObject({
      code: 'DAMAGED',
    });
    await expect(other.objects.load({ ...record, k: 1 }, '/f', into, signal)).rejects.toMatchObject({
      code: 'DAMAGED',
    });
  });
});
