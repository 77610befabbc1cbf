import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tallied } from '../scrub/testing/ground.ts';
import {
  addressOf,
  freshImage,
  type Image,
  openImage,
  type Step,
  whereOf,
  withoutCatalogue,
} from '../testing/collect-model/world.ts';
import { noise, openBench, readAll, testContext } from '../testing/harness.ts';
import { memoryServers } from '../testing/memory-places.ts';

/* Recovery on an empty computer that is switched off in the middle, or whose disk is full. */

const files = new Map([
  ['letter', noise(300, 1)],
  ['picture', noise(700_000, 3)],
]);
let scratch: string;
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'hypha-cut-short-'));
  for (const [name, bytes] of files) writeFileSync(join(scratch, name), bytes);
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

type Handlers = Awaited<ReturnType<typeof openImage>>['vault']['handlers'];
const put = (h: Handlers) =>
  h['vault.put'](
    { paths: [...files.keys()].map((name) => join(scratch, name)), into: 'root', clash: 'both' },
    testContext(),
  );

/** What is lost and what is wrong of the files. */
async function look(h: Handlers): Promise<{ lost: number; wrong: number }> {
  const found = { lost: 0, wrong: 0 };
  for (const [name, bytes] of files) {
    const read = readAll(h['vault.read']({ item: `/${name}`, offset: 0 }, testContext()));
    const [now] = await Promise.allSettled([read]);
    if (now.status === 'rejected') found.lost++;
    else if (!now.value.equals(bytes)) found.wrong++;
  }
  return found;
}

it('switched off after any durable step of it, recovery is begun again or has been done, and nothing is lost', async () => {
  const before = await openImage(await freshImage({ k: 2, m: 1 }, 4));
  await put(before.vault.handlers);
  const { text: kit } = await before.vault.handlers['vault.kit']({}, testContext());
  const burnt: Image = { files: new Map(), servers: before.image().servers };
  await before.close();
  // As many as may go are gone.
  burnt.servers.at(whereOf(2)).away = true;

  const cuts: Image[] = [];
  const steps = new Map<Step, number>();
  let watched = false;
  const world = await openImage(burnt, {
    step(step) {
      if (!watched) return;
      steps.set(step, (steps.get(step) ?? 0) + 1);
      cuts.push(world.image());
    },
  });
  watched = true;
  await world.vault.handlers['vault.recover']({ kit }, testContext());
  watched = false;
  await world.close();
  expect(steps.get('commit')).toBeGreaterThan(5);
  expect(steps.get('put')).toBeGreaterThan(0);

  const tally = { stored: files.size, faults: 0, lost: 0, wrong: 0 };
  for (const cut of cuts) {
    tally.faults++;
    // The other place comes back, or stays away; the person begins again where nothing is there, with or without what was left behind.
    cut.servers.at(whereOf(2)).away = tally.faults % 2 === 0;
    const again = await openImage(tally.faults % 5 === 0 ? withoutCatalogue(cut) : cut);
    try {
      const h = again.vault.handlers;
      await look(h);
      if ((await h['vault.status']({}, testContext())).state === 'none')
        await h['vault.recover']({ kit }, testContext());
      const { lost, wrong } = await look(h);
      tally.lost += lost;
      tally.wrong += wrong;
      cut.servers.at(whereOf(2)).away = false;
      again.servers.at(whereOf(2)).away = false;
      await h['vault.repair']({}, testContext());
      expect(await h['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0, damagedFiles: 0 });
    } finally {
      await again.close();
    }
  }
  console.log(`recovery, switched off: ${tallied(tally)}`);
  expect(tally).toMatchObject({ lost: 0, wrong: 0 });
});

it('on a full disk says so, sets nothing up, and works when there is room', async (context) => {
  const home = join(scratch, 'home');
  mkdirSync(home);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', home], { stdio: 'ignore' });
  } catch {
    console.log('skipped: a small disk can only be mounted as root on Linux');
    context.skip();
  }
  const servers = memoryServers();
  const before = await openBench({ openRemote: servers.openRemote });
  const list = [1, 2, 3].map(addressOf);
  const credentials = list.map(() => ({ secretKey: 'right' }));
  await before.vault.handlers['vault.setup']({ profile: { k: 2, m: 1 }, places: list, credentials }, testContext());
  await put(before.vault.handlers);
  const { text: kit } = await before.vault.handlers['vault.kit']({}, testContext());
  await before.close();

  const bench = await openBench({ openRemote: servers.openRemote, home });
  try {
    const filler = join(home, 'filler');
    const file = openSync(filler, 'a');
    for (const size of [1 << 20, 1 << 12, 1]) {
      try {
        while (writeSync(file, Buffer.alloc(size, 1)) === size);
      } catch {
        // Full, down to blocks of this size.
      }
    }
    closeSync(file);
    const h = () => bench.vault.handlers;
    const recover = () => h()['vault.recover']({ kit }, testContext());
    for (let tries = 0; tries < 2; tries++) {
      await expect(recover()).rejects.toMatchObject({
        code: 'DISK_FULL',
        meaning: expect.any(String),
        next: expect.any(String),
      });
      expect((await h()['vault.status']({}, testContext())).state).toBe('none');
    }
    await rm(filler);
    await recover();
    expect(await look(h())).toEqual({ lost: 0, wrong: 0 });
    await bench.restart();
    expect(await look(h())).toEqual({ lost: 0, wrong: 0 });
  } finally {
    await bench.vault.stop();
    execFileSync('umount', ['-l', home]);
  }
});
