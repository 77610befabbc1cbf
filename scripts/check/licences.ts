/** SPDX names that may be in what we ship. Permissive only: the product is Apache-2.0. */
const shipped = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'Unlicense',
  'CC0-1.0',
  'BlueOak-1.0.0',
  'Zlib',
  // Fonts, which may be bundled under it.
  'OFL-1.1',
]);

/** Also allowed in tools that only run while developing and are not part of what we ship. */
const toolsOnly = new Set(['MPL-2.0', 'Python-2.0', 'WTFPL', 'CC-BY-4.0']);

/**
 * Packages whose package.json has the old list form, which a lock file leaves out: read by hand in the version named, so that a
 * later one is looked at again.
 */
const readByHand: Readonly<Record<string, string>> = {
  'buildcheck@0.0.7': 'MIT',
  'busboy@0.3.1': 'MIT',
  'cpu-features@0.0.10': 'MIT',
  'dicer@0.3.0': 'MIT',
  'humanize-number@0.0.2': 'MIT',
  'memorystream@0.3.1': 'MIT',
  'only@0.0.2': 'MIT',
  'ssh2@1.17.0': 'MIT',
  'streamsearch@0.1.2': 'MIT',
};

/**
 * Of what we ship, packages under a licence that asks for nothing but their own files to stay under it, unchanged as they are: the
 * machine of the ledger (MPL-2.0, section 3.3 lets a larger work have its own terms).
 */
const unchanged = /^@ethereumjs\/[a-z]+$/;

interface LockedPackage {
  readonly license?: string;
  readonly dev?: boolean;
  readonly version?: string;
}

/** Packages of a lock file whose licence is not on the list, one line each. */
export function licenceProblems(lock: { readonly packages: Readonly<Record<string, LockedPackage>> }): string[] {
  return Object.entries(lock.packages).flatMap(([place, one]) => {
    if (place === '') return [];
    const name = place.replace(/^.*node_modules\//, '');
    const exact = `${name}@${one.version ?? '?'}`;
    const licence = one.license ?? readByHand[exact];
    if (licence === undefined) return [`${exact} states no licence`];
    return allowed(licence, one.dev === true || unchanged.test(name))
      ? []
      : [`${exact} is ${licence}, which is not on the list`];
  });
}

/** Whether an SPDX expression can be met: any side of OR, every side of AND. */
export function allowed(expression: string, tool: boolean): boolean {
  const plain = expression.replace(/^\((.*)\)$/, '$1').trim();
  if (/\sOR\s/.test(plain)) return plain.split(/\s+OR\s+/).some((side) => allowed(side, tool));
  if (/\sAND\s/.test(plain)) return plain.split(/\s+AND\s+/).every((side) => allowed(side, tool));
  return shipped.has(plain) || (tool && toolsOnly.has(plain));
}
