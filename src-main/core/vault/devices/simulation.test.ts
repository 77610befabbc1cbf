import { expect, it } from 'vitest';
import { World } from './testing/world.ts';

/** More by flag. */
const worlds = process.env.HYPHA_SOAK ? 5000 : 100;

it('devices converge and lose no edit, through partitions, lost messages, kills and wrong clocks', async () => {
  const sum = new Map<string, number>();
  for (let seed = 1; seed <= worlds; seed++) {
    const world = new World(seed, 2 + (seed % 3));
    if (seed % 2 === 0) await world.begin();
    const joins = seed % 5 === 0 ? 80 : -1;
    for (let step = 0; step < 200; step++) {
      if (step === joins) world.add(seed, world.devices.length);
      const what = world.roll(10);
      const device = world.devices[world.roll(world.devices.length)];
      if (device && what < 3) world.act(device);
      else if (what < 4) world.misfortune();
      else await world.work();
    }
    await world.calm();
    const problem = world.problem();
    if (problem) throw new Error(`seed ${seed}: ${problem}`);
    for (const [key, n] of Object.entries(world.counts)) sum.set(key, (sum.get(key) ?? 0) + n);
  }
  const of = (key: string): number => sum.get(key) ?? 0;
  console.log(
    `devices: ${worlds} worlds, ${of('operations')} operations (${of('edits')} edits); faults: ${of('kills')} kills, ${of('partitions')} partitions, ` +
      `${of('lost')} messages lost, ${of('doubled')} doubled, ${of('late')} late, ${of('clocks')} clocks wrong by a year; ` +
      `${of('conflicts')} conflict copies; edits lost 0, diverged 0`,
  );
  expect(of('kills')).toBeGreaterThan(worlds);
});

it('devices converge when a vault is put back from a copy, and writes on under another name', async () => {
  let putBack = 0;
  for (let seed = 1; seed <= worlds / 2; seed++) {
    const world = new World(seed, 2 + (seed % 3));
    for (const device of world.devices) device.deletionsMs = Number.POSITIVE_INFINITY;
    for (let step = 0; step < 200; step++) {
      const what = world.roll(20);
      const device = world.devices[world.roll(world.devices.length)];
      if (device && what < 6) world.act(device);
      else if (what < 8) world.misfortune();
      else if (what < 9) world.putBack();
      else await world.work();
    }
    await world.calm();
    const problem = world.problem();
    if (problem) throw new Error(`seed ${seed}: ${problem}`);
    putBack += world.counts.putBack;
  }
  console.log(`devices: ${putBack} vaults put back from copies; edits that anybody still had lost 0, diverged 0`);
  expect(putBack).toBeGreaterThan(worlds / 4);
});
