import path from 'node:path';

/** Path rules of the target system, whatever system this runs on (tests ask for both). */
const rules = (platform) => (platform === 'win32' ? path.win32 : path.posix);

/**
 * Where things are kept that may be fetched again: the Node runtime, images, the memory of a failed download.
 * Outside node_modules, because `npm ci` empties that.
 */
export function cacheDirectory(env, platform, home) {
  const { join } = rules(platform);
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'hypha-cache');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'hypha');
  const base = env.XDG_CACHE_HOME?.startsWith('/') ? env.XDG_CACHE_HOME : join(home, '.cache');
  return join(base, 'hypha');
}

/** A copy of the environment in which `node`'s folder comes first in PATH (on Windows the name may be `Path`). */
export function withNodeFirst(env, node, platform = process.platform) {
  const { dirname, delimiter } = rules(platform);
  const name = Object.keys(env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  return { ...env, [name]: [dirname(node), env[name]].filter(Boolean).join(delimiter) };
}

/**
 * Places where npm's own program may lie, best first. Its command is a shell or batch file, which cannot be run under
 * another Node; its cli.js can.
 */
export function npmCandidates(env, platform, execPath, onPath) {
  const { dirname, join, basename } = rules(platform);
  const found = [];
  if (env.npm_execpath && basename(env.npm_execpath) === 'npm-cli.js') found.push(env.npm_execpath);
  const tail = ['node_modules', 'npm', 'bin', 'npm-cli.js'];
  for (const bin of [dirname(execPath), ...onPath]) {
    found.push(
      join(bin, ...tail),
      join(dirname(bin), 'lib', ...tail),
      join(dirname(bin), 'share', 'nodejs', 'npm', 'bin', 'npm-cli.js'),
    );
  }
  return found;
}
