import path from 'node:path';
import { chromium } from '@playwright/test';
import { chromiumArguments, chromiumPath } from './harness/chromium.ts';
import { around } from './screens/around.ts';
import { openCamera } from './screens/camera.ts';
import { type Chapter, play } from './screens/chapter.ts';
import { contacts, devices } from './screens/contacts.ts';
import { disk } from './screens/disk.ts';
import { machines, noQemu } from './screens/machines.ts';
import { mesh } from './screens/mesh.ts';
import { newcomer, refused } from './screens/newcomer.ts';
import { others } from './screens/others.ts';
import { ownDevices } from './screens/own-devices.ts';
import { places } from './screens/places.ts';
import { search } from './screens/search.ts';
import { shares } from './screens/shares.ts';
import { snapshots } from './screens/snapshots.ts';
import { many, vault } from './screens/vault.ts';

/**
 * `npm run screens [-- CHAPTER …]`: every page and state of the app in light and dark and at three widths, as pictures
 * in screens/, for leafing through. Uses the built app (`npm run build`).
 */
const chapters: readonly Chapter[] = [
  newcomer,
  refused,
  around,
  vault,
  many,
  search,
  disk,
  places,
  snapshots,
  others,
  shares,
  machines,
  noQemu,
  mesh,
  contacts,
  devices,
  ownDevices,
];

process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

const folder = path.join(import.meta.dirname, '..', 'screens');
const wanted = process.argv.slice(2);
const executablePath = chromiumPath();
const browser = await chromium.launch({
  args: chromiumArguments(),
  ...(executablePath === null ? {} : { executablePath }),
});
try {
  const camera = await openCamera(folder);
  for (const chapter of chapters) {
    if (wanted.length > 0 && !wanted.includes(chapter.name)) continue;
    const missing = (await chapter.missing?.()) ?? null;
    if (missing !== null) {
      console.log(`${chapter.name}: left out, ${missing}`);
      continue;
    }
    const before = camera.taken;
    try {
      await play(chapter, browser, camera);
      console.log(`${chapter.name}: ${camera.taken - before} pictures`);
    } catch (error) {
      // The other chapters are worth having all the same.
      console.error(`${chapter.name}: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = 1;
    }
  }
  console.log(`${camera.taken} pictures in ${folder}`);
} finally {
  await browser.close();
}
