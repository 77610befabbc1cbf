import path from 'node:path';
import process from 'node:process';
import { buildAll } from './build/build-all.ts';
import { publisher, stageApp, stageResources } from './packaging/stage.ts';
import { run } from './test-run/run.ts';

/**
 * `npm run package [-- electron-builder's own arguments]`: pack the app for this system into dist/packages.
 *
 * `-- --dir` makes the unpacked folder only, which needs nothing from the internet when ELECTRON_DIST (or
 * `-c.electronDist=DIR`) names a folder with the Electron runtime. `-- --test-build` flips the inspector's fuse, so
 * that Playwright can drive it, and adds to the name.
 */
const root = process.cwd();
const given = process.argv.slice(2).filter((one) => one !== '--test-build');
const test = given.length !== process.argv.length - 2;

const { author, homepage } = publisher('', process.env);
if (process.platform === 'linux' && !given.includes('--dir') && !(author && homepage)) {
  process.stderr.write(
    'hypha: a deb names who answers for it: set HYPHA_PUBLISHER_EMAIL and HYPHA_PUBLISHER_HOMEPAGE (docs/packaging.md)\n',
  );
  process.exit(2);
}

await buildAll({ root, onlyIfStale: true });
const stage = path.join(root, 'dist', 'stage');
await stageResources(root, stage);
await stageApp(root, stage, process.env);
const args = [...given, '--publish=never'];
const dist = process.env.ELECTRON_DIST ?? process.env.ELECTRON_OVERRIDE_DIST_PATH;
if (dist && !given.some((one) => one.startsWith('-c.electronDist'))) args.push(`-c.electronDist=${path.resolve(dist)}`);
if (test) args.push('-c.productName=Hypha Test', '-c.appId=app.hypha.desktop.test');
process.exitCode = await run([path.join('node_modules', 'electron-builder', 'cli.js'), ...args], {
  HYPHA_TEST_BUILD: test ? '1' : '0',
});
