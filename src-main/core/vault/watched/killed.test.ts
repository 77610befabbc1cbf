import { mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runChild } from '#core/testing/run-child.ts';
import { openBench, readAll, testContext } from '../testing/harness.ts';

const child = fileURLToPath(new URL('./testing/kill-child.ts', import.meta.url));
// HYPHA_SOAK=500 kills so often, for a longer check before a release.
const kills = Number(process.env.HYPHA_SOAK ?? 8);

const run = (args: readonly string[]) => runChild(child, args);

it(`loses no edit of either side when killed at ${kills} seeded points`, {
  timeout: 60_000 + kills * 6_000,
}, async () => {
  const home = await mkdtemp(join(tmpdir(), 'hypha-watch-kill-'));
  const root = await mkdtemp(join(tmpdir(), 'hypha-watch-root-'));
  const must = new Set<string>();
  let state = 99;
  const random = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const names = async (): Promise<string[]> => (await readdir(root)).filter((name) => !name.startsWith('.'));
  let clock = 1_600_000_000;
  const write = async (name: string, content: string): Promise<void> => {
    const before = await readFile(join(root, name), 'utf8').catch(() => null);
    if (before !== null) must.delete(before);
    await writeFile(join(root, name), content);
    await utimes(join(root, name), clock, clock++);
    must.add(content);
  };
  let done = 0;
  let killed = 0;
  try {
    for (let round = 1; killed < kills && round < kills * 4; round++) {
      for (let n = 0; n < 3; n++) await write(`f${random(12)}`, `here-${round}-${n}`);
      const there = await names();
      const [gone, moved] = [there[random(there.length)], there[random(there.length)]];
      if (gone && round % 3 === 0) {
        must.delete(await readFile(join(root, gone), 'utf8'));
        await rm(join(root, gone));
      } else if (moved) await rename(join(root, moved), join(root, `r${round}`));
      const result = await run([home, root, String(round), String(1 + random(14))]);
      for (const line of result.lines) {
        const [what = '', content = ''] = line.split(' ');
        if (what === 'stored') must.add(content);
        if (what === 'let-go') must.delete(content);
        expect(what === 'left' ? line : '').toBe('');
      }
      expect(result.errors).toBe('');
      if (result.killed) killed++;
      else done++;
    }
    const bench = await openBench({ home });
    const h = bench.vault.handlers;
    const { watched } = await h['vault.syncWatched']({ watched: root }, testContext());
    expect(watched).toMatchObject({ state: 'current', problems: [] });
    const page = { offset: 0, limit: 5000, sort: 'name', descending: false } as const;
    const inVault: Record<string, string> = {};
    for (const { id, name } of (await h['vault.list']({ folder: '/sync', ...page }, testContext())).items) {
      inVault[name] = (await readAll(h['vault.read']({ item: id, offset: 0 }, testContext()))).toString();
    }
    const here: Record<string, string> = {};
    for (const name of await readdir(root)) here[name] = await readFile(join(root, name), 'utf8');
    await bench.close();
    expect(here).toEqual(inVault);
    const lost = [...must].filter((content) => !Object.values(here).includes(content));
    console.log(`watched folder: ${killed} kills, ${done} rounds to the end, ${must.size} edits, ${lost.length} lost`);
    expect(lost).toEqual([]);
    expect(killed).toBe(kills);
  } finally {
    await rm(home, { recursive: true, force: true });
    await rm(root, { recursive: true, force: true });
  }
});
