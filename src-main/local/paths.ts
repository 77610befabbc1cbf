import { join } from 'node:path';

/**
 * The root of what ships, from any entry point: `src-main/<folder>/` unbundled and `out/<folder>/` bundled both lie two
 * levels below it.
 */
export function shippedPaths(entryDirectory: string) {
  const root = join(entryDirectory, '..', '..');
  return {
    packageFile: join(root, 'package.json'),
    /** The built interface. */
    renderer: join(root, 'out', 'renderer'),
    resources: join(root, 'assets'),
  };
}
