import { chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { fetchNode, nodeVersion } from './bootstrap/node-runtime.mjs';
import { buildAll } from './build/build-all.ts';
import { stageResources } from './packaging/stage.ts';
import { writeTarball } from './packaging/tarball.ts';

/**
 * `npm run package:daemon [-- --to DIR]`: dist/hypha-daemon-<version>-<platform>-<arch>.tar.gz, the headless agent with the pinned
 * Node inside. It starts on a bare Debian: unpack anywhere, run `./hypha-daemon/start`.
 */
const root = process.cwd();
const { values } = parseArgs({ options: { to: { type: 'string', default: path.join(root, 'dist') } } });
const to = path.resolve(values.to);
const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
const target = `${process.platform}-${process.arch}`;
const folder = path.join(to, 'daemon', 'hypha-daemon');
const windows = process.platform === 'win32';

await buildAll({ root, onlyIfStale: true });
const stage = await stageResources(root, path.join(to, 'stage'));
const node = await fetchNode({ env: process.env, platform: process.platform, arch: process.arch });

await rm(folder, { recursive: true, force: true });
await mkdir(path.join(folder, 'bin'), { recursive: true });
for (const name of ['daemon', 'renderer']) {
  await cp(path.join(root, 'out', name), path.join(folder, 'out', name), { recursive: true });
}
await cp(path.join(stage, 'assets'), path.join(folder, 'assets'), { recursive: true });
await cp(path.join(stage, 'sbom.cdx.json'), path.join(folder, 'sbom.cdx.json'));
await cp(path.join(root, 'LICENSE'), path.join(folder, 'LICENSE'));
await cp(node, path.join(folder, 'bin', path.basename(node)));
await cp(path.join(path.dirname(node), 'LICENSE'), path.join(folder, 'bin', 'NODE-LICENSE'));
// Only what the agent reads of it: its name, its version, and that its files are ES modules.
await writeFile(
  path.join(folder, 'package.json'),
  `${JSON.stringify({ name: 'hypha', version, type: 'module', license: 'Apache-2.0' }, null, 2)}\n`,
);
for (const [name, entry, words] of [
  ['start', 'daemon.js', 'the headless agent; it prints the address of its interface'],
  ['hypha', 'hypha.js', 'the command line'],
] as const) {
  const file = path.join(folder, windows ? `${name}.cmd` : name);
  const more = name === 'start' ? ' --headless' : '';
  const text = windows
    ? `@"%~dp0bin\\node.exe" "%~dp0out\\daemon\\${entry}"${more} %*\r\n`
    : [
        '#!/bin/sh',
        `# Hypha ${version}, Node ${nodeVersion}: ${words}.`,
        '# Needs nothing from PATH; a link to this file works too.',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's, not ours
        'self=$0; while [ -h "$self" ]; do to=$(readlink "$self"); case $to in /*) self=$to;; *) self=${self%/*}/$to;; esac; done',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's, not ours
        'case $self in */*) here=${self%/*};; *) here=.;; esac',
        `exec "$here/bin/node" "$here/out/daemon/${entry}"${more} "$@"`,
        '',
      ].join('\n');
  await writeFile(file, text);
  await chmod(file, 0o755);
}

const tarball = path.join(to, `hypha-daemon-${version}-${target}.tar.gz`);
await writeTarball(folder, 'hypha-daemon', tarball);
console.log(
  `${path.relative(root, tarball)} (${os.EOL === '\n' ? './hypha-daemon/start' : 'hypha-daemon\\start.cmd'} starts it)`,
);
