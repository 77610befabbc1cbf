import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { onBattery } from './power.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'hypha-power-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const supply = async (name: string, files: Record<string, string>): Promise<void> => {
  await mkdir(join(root, name), { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFile(join(root, name, file), `${text}\n`);
};

it('tells mains from battery, and says when it does not know', async () => {
  expect(await onBattery(join(root, 'nothing'))).toBeNull();
  expect(await onBattery(root)).toBeNull();
  await supply('hidpp_battery_0', { type: 'Battery', scope: 'Device', status: 'Discharging' });
  expect(await onBattery(root)).toBeNull();
  await supply('BAT0', { type: 'Battery', status: 'Discharging' });
  expect(await onBattery(root)).toBe(true);
  await supply('BAT0', { type: 'Battery', status: 'Full' });
  expect(await onBattery(root)).toBe(false);
  await supply('BAT0', { type: 'Battery', status: 'Discharging' });
  await supply('AC', { type: 'Mains', online: '1' });
  expect(await onBattery(root)).toBe(false);
});
