import path from 'node:path';

export interface Shipped {
  readonly renderer: string;
  readonly preload: string;
  readonly coreEntry: string;
  /** Folder of built children and of the core. */
  readonly code: string;
  /** Catalogue, images and icons: beside the archive when packed, in assets/ otherwise. */
  readonly resources: string;
  readonly icons: string;
}

/** Where what ships lies. `entry` is the folder of main.js, which is `<root>/out/electron` packed or not. */
export function shippedWith(
  entry: string,
  packed: boolean,
  resourcesPath: string,
  rules: path.PlatformPath = path,
): Shipped {
  const root = rules.join(entry, '..', '..');
  const resources = packed ? rules.join(resourcesPath, 'assets') : rules.join(root, 'assets');
  return {
    renderer: rules.join(root, 'out', 'renderer'),
    preload: rules.join(root, 'out', 'preload', 'preload.cjs'),
    coreEntry: rules.join(entry, 'core.js'),
    code: entry,
    resources,
    icons: rules.join(resources, 'icons'),
  };
}
