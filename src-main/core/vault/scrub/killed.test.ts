import { expect, it } from 'vitest';
import { tallied } from './testing/ground.ts';
import { killRun } from './testing/kill.ts';

// HYPHA_SOAK=500 kills so often, for hours of checking before a release.
const kills = Number(process.env.HYPHA_SOAK ?? 8);

it(`loses nothing when killed ${kills} times at seeded points of reading and mending (seed 5)`, {
  timeout: 60_000 + kills * 20_000,
}, async () => {
  const report = await killRun(5, Math.ceil(kills / 4), 4);
  console.log(`upkeep, killed ${report.kills} times, ${report.remade} pieces made again: ${tallied(report)}`);
  expect(report).toMatchObject({ lost: 0, wrong: 0, problems: [] });
  expect(report.kills).toBeGreaterThan(kills / 2);
  expect(report.remade).toBeGreaterThan(0);
});
