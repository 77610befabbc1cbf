import { expect, it } from 'vitest';
import { crashKills, crashRun, crashWords } from './crash.ts';

it(`loses nothing acknowledged and shows nothing half when killed at ${crashKills} seeded points (seed 23)`, {
  timeout: 300_000 + crashKills * 20_000,
}, async () => {
  const report = await crashRun(23, crashKills);
  console.log(crashWords(report));
  expect(report).toMatchObject({ kills: crashKills, lost: [], wrong: [], leftovers: [], errors: [] });
});
