import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemRandom } from '#core/crypto/random.ts';
import { runChild } from '#core/testing/run-child.ts';
import type { ItemId } from '#shared/model/ids.ts';
import { createVault, type VaultService } from '../index.ts';
import { wrongReferences } from '../versions/testing/references.ts';
import { noise, quietLog, readAll, testContext, testKeys } from './harness.ts';

const child = fileURLToPath(new URL('./crash-child.ts', import.meta.url));

/** Content follows from the name: `<length>-<seed>`. */
const contentOf = (name: string): Buffer => {
  const [length = 0, seed = 0] = name.split('-').map(Number);
  return noise(length, seed);
};

export interface CrashReport {
  kills: number;
  acknowledged: number;
  lost: string[];
  wrong: string[];
  leftovers: string[];
  errors: string[];
}

/** HYPHA_SOAK=500 kills so often, for a longer check before a release. */
export const crashKills = Number(process.env.HYPHA_SOAK ?? 25);

/** For people: what was tried, and what came of it. */
export const crashWords = ({ kills, acknowledged, lost, wrong }: CrashReport): string =>
  `vault crash: objects stored ${acknowledged}, faults injected ${kills}, objects lost ${lost.length}, wrong bytes served ${wrong.length}`;

/**
 * Kill the agent at `kills` seeded points of put, rotation, repair, bin and purge, one after the other on the same vault, and look
 * after each: is everything acknowledged there, is everything shown whole, is nothing left over?
 */
export async function crashRun(seed: number, kills: number): Promise<CrashReport> {
  const home = await mkdtemp(join(tmpdir(), 'hypha-crash-'));
  const source = await mkdtemp(join(tmpdir(), 'hypha-crash-source-'));
  const report: CrashReport = { kills: 0, acknowledged: 0, lost: [], wrong: [], leftovers: [], errors: [] };
  const expected = new Set<string>();
  /** By number, the round whose files it is to hold. */
  const snapshots = new Map<number, string>();
  let state = seed >>> 0;
  const random = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  try {
    for (let round = 1; report.kills < kills && round < kills * 3; round++) {
      await mkdir(join(source, `${round}`));
      const lengths = [0, 10 + random(3000), 70_000 + random(100_000), ...(round % 4 === 0 ? [2_600_000] : [])];
      for (const length of lengths) {
        const name = `${length}-${seed * 1000 + round * 10 + lengths.indexOf(length)}`;
        await writeFile(join(source, `${round}`, name), contentOf(name));
      }
      // Points grow slowly with the vault; most choices fall inside the run.
      const at = 1 + random(round % 5 === 0 ? 50 : round % 3 === 0 ? 40 : 24);
      const result = await runChild(child, [home, source, String(round), String(at)]);
      if (result.killed) report.kills++;
      else if (result.errors) report.errors.push(result.errors);
      for (const line of result.lines) {
        const [what, name = '', folder = ''] = line.split(' ');
        if (what === 'snapshot') snapshots.set(Number(name), folder);
        // It may be gone from here on, or not yet.
        if (what === 'forgetting') snapshots.delete(Number(name));
        if (what === 'stored') expected.add(name);
        if (what === 'binned') expected.delete(name);
        if (what === 'stored') report.acknowledged++;
      }
      const names = (folder: string): Promise<string[]> => readdir(join(source, folder));
      const where = `seed ${seed} round ${round} point ${at}`;
      await look(home, expected, report, where, (vault, keys) =>
        lookBack(vault, { home, keys }, snapshots, names, report, where),
      );
    }
  } finally {
    await rm(home, { recursive: true, force: true });
    await rm(source, { recursive: true, force: true });
  }
  return report;
}

type More = (vault: VaultService, keys: ReturnType<typeof testKeys>) => Promise<void>;

async function look(
  home: string,
  expected: Set<string>,
  report: CrashReport,
  where: string,
  more: More,
): Promise<void> {
  const host = {
    shell: 'test' as const,
    now: Date.now,
    random: systemRandom,
    setTimer: () => () => {},
    keyring: null,
    keyringDetail: '',
    resources: '',
  };
  const keys = testKeys();
  const vault = createVault({ host, log: quietLog, emit: () => {}, home, keys, workers: 0 });
  const h = vault.handlers;
  await vault.start();
  try {
    if ((await h['vault.status']({}, testContext())).state === 'none') {
      for (const name of expected) report.lost.push(`${where}: ${name}`);
      return;
    }
    const seen = new Set<string>();
    const visit = async (folder: 'root' | ItemId): Promise<void> => {
      const page = await h['vault.list'](
        { folder, sort: 'name', descending: false, offset: 0, limit: 5000 },
        testContext(),
      );
      for (const item of page.items) {
        if (item.kind === 'folder') {
          await visit(item.id);
          continue;
        }
        const bytes = await readAll(h['vault.read']({ item: item.id, offset: 0 }, testContext()));
        if (Buffer.compare(bytes, contentOf(item.name)) !== 0) report.wrong.push(`${where}: ${item.name}`);
        seen.add(item.name);
      }
    };
    await visit('root');
    for (const name of expected) if (!seen.has(name)) report.lost.push(`${where}: ${name}`);
    // Every file on the places is a shard of a pack that verify has seen: nothing is left over. A rotation that was killed goes on after the
    // unlock, and takes copies of the catalogue away meanwhile.
    let left = '';
    for (let tries = 0; tries < 20; tries++) {
      const check = await h['vault.verify']({}, testContext());
      const bad = check.missing + check.corrupt + check.damagedFiles;
      let files = 0;
      const parts: string[] = [];
      for (const place of await readdir(join(home, 'places'))) {
        for (const entry of await readdir(join(home, 'places', place), { recursive: true, withFileTypes: true })) {
          if (entry.name.endsWith('.part')) parts.push(entry.name);
          if (/\.\d\d$/.test(entry.name)) files++;
        }
      }
      const unknown = files === check.checked ? [] : [`${files} shard files, ${check.checked} known`];
      left = [...parts, ...unknown, ...(bad > 0 ? [JSON.stringify(check)] : [])].join(', ');
      if (left === '') break;
    }
    if (left !== '') report.leftovers.push(`${where}: ${left}`);
    await more(vault, keys);
  } finally {
    await vault.stop();
  }
}

/** Every snapshot that was acknowledged shows the files of its round and is what was signed; and all that is kept is kept for a reason. */
async function lookBack(
  vault: VaultService,
  bench: Parameters<typeof wrongReferences>[0],
  snapshots: ReadonlyMap<number, string>,
  names: (folder: string) => Promise<string[]>,
  report: CrashReport,
  where: string,
): Promise<void> {
  const h = vault.handlers;
  const known = (await h['vault.snapshots']({}, testContext())).snapshots;
  for (const [snapshot, folder] of snapshots) {
    if (!known.some(({ number }) => number === snapshot)) {
      report.lost.push(`${where}: snapshot ${snapshot}`);
      continue;
    }
    const input = { snapshot, folder: `/${folder}`, offset: 0, limit: 5000 };
    const seen = (await h['vault.listSnapshot'](input, testContext())).items.map(({ name }) => name);
    if (seen.sort().join() !== (await names(folder)).sort().join())
      report.wrong.push(`${where}: snapshot ${snapshot} shows ${seen}`);
  }
  for (const { number } of known) {
    const { ok, problem } = await h['vault.checkSnapshot']({ snapshot: number }, testContext());
    if (!ok) report.wrong.push(`${where}: snapshot ${number}: ${problem}`);
  }
  for (const one of await wrongReferences(bench)) report.leftovers.push(`${where}: references of ${one}`);
}
