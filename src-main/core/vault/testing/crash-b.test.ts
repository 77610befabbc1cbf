import { expect, it } from 'vitest';
import { crashRun } from './crash.ts';

it('loses nothing acknowledged and shows nothing half when killed at 25 seeded points (seed 23)', async () => {
  const report = await crashRun(23, 25);
  console.log(
    `vault crash: ${report.kills} kills, ${report.acknowledged} files acknowledged, ${report.lost.length} lost, ${report.wrong.length} wrong`,
  );
  expect(report).toMatchObject({ kills: 25, lost: [], wrong: [], leftovers: [], errors: [] });
});
