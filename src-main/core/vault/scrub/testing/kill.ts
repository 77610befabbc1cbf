import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { runChild } from '#core/testing/run-child.ts';
import { createVault } from '../../index.ts';
import { noise, quietLog, readAll, testContext, testKeys } from '../../testing/harness.ts';
import type { Tally } from './ground.ts';

const child = fileURLToPath(new URL('./kill-child.ts', import.meta.url));
/** As many as pieces of a pack: each holds one of every pack. */
const placeCount = 4;

export interface KillReport extends Tally {
  kills: number;
  remade: number;
  /** What should not be: errors, pieces still lost after a whole run, files left half written. */
  problems: string[];
}

/**
 * A vault of 2+2 over four directories. Round by round one place rots (bits flipped, shards swapped, cut, deleted), and the upkeep that
 * finds and mends it is killed at seeded points, then run to its end; after each everything is read.
 */
export async function killRun(seed: number, rounds: number, killsEach: number): Promise<KillReport> {
  const home = await mkdtemp(join(tmpdir(), 'hypha-kill-'));
  const source = await mkdtemp(join(tmpdir(), 'hypha-kill-source-'));
  const report: KillReport = { stored: 0, faults: 0, lost: 0, wrong: 0, kills: 0, remade: 0, problems: [] };
  const files = new Map<string, Buffer>();
  let state = seed >>> 0;
  const random = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const run = async (round: number, at: number) => {
    const result = await runChild(child, [home, source, String(placeCount), String(round), String(at)]);
    if (!result.killed && result.errors) report.problems.push(`round ${round} point ${at}: ${result.errors}`);
    return result;
  };
  try {
    await mkdir(join(source, 'files'));
    for (const [i, size] of [200, 30_000, 30_001, 900_000, 2_500_000, 2_500_000, 2_500_000, 2_500_000].entries()) {
      const bytes = noise(size, 1000 + 2 * i + 1);
      await writeFile(join(source, 'files', `f${i}`), bytes);
      files.set(`f${i}`, bytes);
      report.stored++;
    }
    await run(0, 0);
    if (report.problems.length > 0) return report;
    for (let round = 1; round <= rounds; round++) {
      report.faults += await rotPlace(join(source, `place${1 + random(placeCount)}`), random);
      for (let kill = 0; kill < killsEach; kill++) {
        const { killed } = await run(round, 1 + random(kill % 2 === 0 ? 12 : 60));
        if (killed) report.kills++;
        report.faults += killed ? 1 : 0;
        await look(home, files, report, `seed ${seed} round ${round} kill ${kill}`, false);
      }
      const out = (await run(round, 0)).lines.join('\n');
      const { repairing, counts } = JSON.parse(out || '{}') as { repairing?: number; counts?: { remade: number } };
      if (repairing !== 0) report.problems.push(`seed ${seed} round ${round}: ${out || 'nothing'} after a whole run`);
      report.remade = counts?.remade ?? 0;
      await look(home, files, report, `seed ${seed} round ${round}`, true);
    }
  } finally {
    await rm(home, { recursive: true, force: true });
    await rm(source, { recursive: true, force: true });
  }
  return report;
}

/** Spoil about half of the shards on a place, each in a way of its own. @returns how many */
async function rotPlace(place: string, random: (n: number) => number): Promise<number> {
  const names = (await readdir(place, { recursive: true })).map(String).filter((name) => /\.\d\d$/.test(name));
  const whole = new Map<string, Buffer>();
  for (const name of names.sort()) whole.set(name, await readFile(join(place, name)));
  let spoilt = 0;
  for (const [name, bytes] of whole) {
    const file = join(place, name);
    const way = random(8);
    const other = names[random(names.length)] ?? name;
    if (way > 3 || (way === 2 && other === name)) continue;
    spoilt++;
    if (way === 0) await rm(file);
    else if (way === 1) await truncate(file, random(bytes.length));
    else if (way === 2) await writeFile(file, whole.get(other) ?? '');
    else {
      const flipped = Buffer.from(bytes);
      const at = random(bytes.length);
      flipped[at] = (flipped[at] ?? 0) ^ (1 + random(255));
      await writeFile(file, flipped);
    }
  }
  return spoilt;
}

async function look(
  home: string,
  files: ReadonlyMap<string, Buffer>,
  report: KillReport,
  where: string,
  mended: boolean,
): Promise<void> {
  const vault = createVault({
    host: createFakeHost(),
    log: quietLog,
    emit: () => {},
    home,
    keys: testKeys(),
    workers: 0,
  });
  const h = vault.handlers;
  await vault.start();
  try {
    for (const [name, bytes] of files) {
      try {
        const read = await readAll(h['vault.read']({ item: `/${name}`, offset: 0 }, testContext()));
        if (!read.equals(bytes)) report.wrong++;
      } catch (error) {
        report.lost++;
        report.problems.push(`${where}: ${name}: ${String(error)}`);
      }
    }
    if (!mended) return;
    const check = await h['vault.verify']({}, testContext());
    if (check.missing + check.corrupt > 0) report.problems.push(`${where}: ${JSON.stringify(check)}`);
    const { places } = await h['vault.places']({}, testContext());
    for (const { path } of places) {
      const names = (await readdir(path, { recursive: true })).map(String);
      for (const name of names) if (name.endsWith('.part')) report.problems.push(`${where}: ${name} left`);
    }
  } finally {
    await vault.stop();
  }
}
