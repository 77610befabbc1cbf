import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runChild } from '#core/testing/run-child.ts';
import { meet, openDevice } from './testing/bench.ts';

const child = fileURLToPath(new URL('./testing/kill-child.ts', import.meta.url));
// HYPHA_SOAK=500 kills so often, for a longer check before a release.
const kills = Number(process.env.HYPHA_SOAK ?? 4);

const run = (args: readonly string[]) => runChild(child, args);

it(`two devices lose no edit when both are killed at ${kills} seeded points`, {
  timeout: 60_000 + kills * 20_000,
}, async () => {
  const deskHome = await mkdtemp(join(tmpdir(), 'hypha-kill-desk-'));
  const lapHome = await mkdtemp(join(tmpdir(), 'hypha-kill-lap-'));
  const must = new Set<string>();
  let state = 7;
  const random = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  let killed = 0;
  let done = 0;
  for (let round = 1; killed < kills && round < kills * 4; round++) {
    const result = await run([deskHome, lapHome, String(round), String(1 + random(50))]);
    expect(result.errors).toBe('');
    for (const line of result.lines) {
      const [what = '', content = ''] = line.split(' ');
      if (what === 'stored') must.add(content);
      if (what === 'let-go') must.delete(content);
      expect(what === 'diverged' ? line : '').toBe('');
    }
    if (result.killed) killed++;
    else done++;
  }
  const desk = await openDevice('desk', { home: deskHome });
  const lap = await openDevice('lap', { home: lapHome });
  try {
    await meet(desk, lap);
    const shape = await desk.shape();
    expect(await lap.shape()).toEqual(shape);
    const there = new Set(Object.values(shape));
    const lost = [...must].filter((content) => !there.has(content));
    console.log(`two devices: ${killed} kills, ${done} rounds to the end, ${must.size} edits, ${lost.length} lost`);
    expect(lost).toEqual([]);
    expect(killed).toBe(kills);
  } finally {
    await desk.close();
    await lap.close();
  }
});
