import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Modules Hypha Micro loads itself, in this order after what they need. Names as `lsmod` prints them. */
export const wantedModules = [
  'virtio_pci',
  'virtio_mmio',
  'virtio_blk',
  'virtio_net',
  'virtio_rng',
  'virtio_balloon',
  'button',
  'evdev',
] as const;

export interface KernelModule {
  readonly name: string;
  /** Path in the kernel's module tree. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export const moduleName = (path: string): string =>
  basename(path)
    .replace(/\.ko(\.[a-z0-9]+)?$/, '')
    .replaceAll('-', '_');

/**
 * Read `depends=` from a module's .modinfo section: NUL-separated `key=value` strings (Linux include/linux/moduleinfo.h).
 * Debian's package carries no modules.dep (depmod writes it when a kernel is installed, and none is installed here).
 */
export function dependsOf(module: Uint8Array): string[] {
  const latin = Buffer.from(module.buffer, module.byteOffset, module.byteLength).toString('latin1');
  const found = /(?:^|\0)depends=([^\0]*)\0/.exec(latin);
  return (found?.[1] ?? '').split(',').filter(Boolean).map(moduleName);
}

/**
 * The wanted modules with all they need, each after what it needs: the order to load them in.
 * @param tree names to paths of every module the kernel has; @param builtin names compiled into the kernel.
 */
export async function resolveModules(
  wanted: readonly string[],
  tree: ReadonlyMap<string, string>,
  builtin: ReadonlySet<string>,
  read: (path: string) => Promise<Uint8Array>,
): Promise<KernelModule[]> {
  const order: KernelModule[] = [];
  const visiting = new Set<string>();
  const visit = async (name: string): Promise<void> => {
    if (builtin.has(name) || visiting.has(name)) return;
    visiting.add(name);
    const path = tree.get(name);
    if (path === undefined) throw new Error(`The kernel has no module named ${name}.`);
    const bytes = await read(path);
    for (const needed of dependsOf(bytes)) await visit(needed);
    order.push({ name, path, bytes });
  };
  for (const name of wanted) await visit(name);
  return order;
}

/** Resolve against a kernel's unpacked module tree (`lib/modules/VERSION`). */
export async function modulesFromTree(root: string): Promise<KernelModule[]> {
  const files = (await readdir(join(root, 'kernel'), { recursive: true })).filter((f) => /\.ko(\.xz)?$/.test(f));
  const tree = new Map(files.map((f) => [moduleName(f), join('kernel', f)]));
  const builtin = new Set((await readFile(join(root, 'modules.builtin'), 'utf8')).split('\n').map(moduleName));
  return resolveModules(wantedModules, tree, builtin, async (path) => {
    const whole = join(root, path);
    if (!path.endsWith('.xz')) return readFile(whole);
    const { stdout } = await run('xz', ['-dc', whole], { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  });
}
