import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VaultDeps } from '../../index.ts';
import { type Bench, noise, openBench, readAll, testContext } from '../../testing/harness.ts';
import { memoryServers } from '../../testing/memory-places.ts';

const MiB = 1024 * 1024;

/** What was stored, and what it came to: printed at the end of each run of faults. */
export interface Tally {
  stored: number;
  faults: number;
  lost: number;
  wrong: number;
}

export const tallied = ({ stored, faults, lost, wrong }: Tally): string =>
  `objects stored ${stored}, faults injected ${faults}, objects lost ${lost}, wrong bytes served ${wrong}`;

/** A vault over directories and servers in memory whose upkeep is driven by hand, with the clock. */
export async function openGround(extra: Partial<VaultDeps> = {}) {
  const servers = memoryServers();
  const bench: Bench = await openBench({ openRemote: servers.openRemote, ...extra });
  const source = await mkdtemp(join(tmpdir(), 'hypha-upkeep-'));
  const h = () => bench.vault.handlers;
  const stored = new Map<string, Buffer>();
  const tally: Tally = { stored: 0, faults: 0, lost: 0, wrong: 0 };
  const dir = (n: number): string => join(source, `place${n}`);
  const s3 = (n: number) =>
    ({ kind: 's3', endpoint: `https://s${n}.example.org`, bucket: 'box', accessKeyId: 'AK' }) as const;
  const server = (n: number) => servers.at(`s${n}.example.org/box`);

  const ground = {
    bench,
    source,
    servers,
    tally,
    h,
    dir,
    server,
    /** A vault over so many directories and servers. */
    async setUp(k: number, m: number, directories: number, remote = 0): Promise<void> {
      const paths = Array.from({ length: directories }, (_, i) => ({ kind: 'directory' as const, path: dir(i + 1) }));
      const places = [...paths, ...Array.from({ length: remote }, (_, i) => s3(i + 1))];
      const credentials = places.map((one) => (one.kind === 's3' ? { secretKey: 'right' } : {}));
      await h()['vault.setup']({ profile: { k, m }, places, credentials }, testContext());
    },
    addServer: (n: number) => h()['vault.addPlace']({ ...s3(n), secretKey: 'right' }, testContext()),
    addDirectory: (n: number) => h()['vault.addPlace']({ path: dir(n) }, testContext()),
    async put(name: string, bytes: Buffer): Promise<void> {
      await writeFile(join(source, name), bytes);
      await h()['vault.put']({ paths: [join(source, name)], into: 'root', clash: 'both' }, testContext());
      stored.set(name, bytes);
      tally.stored++;
    },
    /** Some of several sizes, so that there are small packs and large ones. */
    async fill(seed: number): Promise<void> {
      for (const [i, size] of [300, 40_000, 700_000, 3 * MiB].entries())
        await ground.put(`f${seed}-${i}`, noise(size, seed * 100 + 2 * i + 1));
    },
    /** Read everything back and count what is lost or wrong. */
    async readAll(): Promise<void> {
      for (const [name, bytes] of stored) {
        try {
          const read = await readAll(h()['vault.read']({ item: `/${name}`, offset: 0 }, testContext()));
          if (!read.equals(bytes)) tally.wrong++;
        } catch {
          tally.lost++;
        }
      }
    },
    /** Let `ms` pass and the upkeep work, as often. */
    async tend(times = 1, ms = 5 * 60_000): Promise<void> {
      for (let i = 0; i < times; i++) {
        bench.host.setNow(bench.host.now() + ms);
        await bench.vault.tend();
      }
    },
    upkeep: () => h()['vault.upkeep']({}, testContext()),
    status: () => h()['vault.status']({}, testContext()),
    verify: () => h()['vault.verify']({}, testContext()),
    places: async () => (await h()['vault.places']({}, testContext())).places,
    /** Shard files of data in a directory place. */
    async shards(n: number): Promise<string[]> {
      const names = (await readdir(dir(n), { recursive: true })).map(String);
      return names
        .filter((name) => /^p\/.*\.\d\d$/.test(name))
        .sort()
        .map((name) => join(dir(n), name));
    },
    /** The same of a server: names. */
    keys: (n: number): string[] => [...server(n).files.keys()].filter((name) => /^p\/.*\.\d\d$/.test(name)).sort(),
    async flip(file: string, at: number): Promise<void> {
      const bytes = await readFile(file);
      bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ 1;
      await writeFile(file, bytes);
      tally.faults++;
    },
    async close(): Promise<void> {
      await bench.close();
      await rm(source, { recursive: true, force: true });
    },
  };
  return ground;
}
export type Ground = Awaited<ReturnType<typeof openGround>>;
