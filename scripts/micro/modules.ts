import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/**
 * Resolve kernel modules with what they need, in loading order, from `modules.dep` (one line a module:
 * `path.ko: needed.ko needed2.ko`, the needed ones nearest first; see depmod(8)).
 */
export function resolveModules(modulesDep: string, builtin: string, wanted: readonly string[]): string[] {
  const table = new Map<string, { path: string; needs: string[] }>();
  for (const line of modulesDep.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const path = line.slice(0, colon);
    table.set(moduleName(path), {
      path,
      needs: line
        .slice(colon + 1)
        .split(' ')
        .filter(Boolean),
    });
  }
  const inKernel = new Set(builtin.split('\n').filter(Boolean).map(moduleName));
  const order: string[] = [];
  const add = (path: string): void => {
    if (!order.includes(path)) order.push(path);
  };
  for (const name of wanted) {
    if (inKernel.has(name)) continue;
    const entry = table.get(name);
    if (entry === undefined) throw new Error(`The kernel has no module named ${name}.`);
    // modules.dep lists what must be loaded first last.
    for (const path of entry.needs.toReversed()) add(path);
    add(entry.path);
  }
  return order;
}

const moduleName = (path: string): string =>
  basename(path)
    .replace(/\.ko(\.[a-z0-9]+)?$/, '')
    .replaceAll('-', '_');

/** Read a kernel's module tree and resolve `wanted`; returns paths relative to the tree. */
export async function modulesOf(tree: string, wanted: readonly string[]): Promise<string[]> {
  const dep = await readFile(join(tree, 'modules.dep'), 'utf8').catch(() => null);
  if (dep === null) throw new Error(`No modules.dep in ${tree}: run depmod there first.`);
  return resolveModules(dep, await readFile(join(tree, 'modules.builtin'), 'utf8'), wanted);
}
