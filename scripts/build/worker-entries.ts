import path from 'node:path';
import type { Plugin } from 'vite';

/** `new Worker(new URL('./seal-worker.ts', import.meta.url)`: how the core names a worker's code. */
const reference = /new URL\(\s*(['"])(\.{1,2}\/[^'"]+\.ts)\1\s*,\s*import\.meta\.url\s*,?\s*\)/g;

/** Every such reference in a source text. */
export function findReferences(code: string): string[] {
  return [...code.matchAll(reference)].flatMap((match) => (match[2] === undefined ? [] : [match[2]]));
}

/** Name of the file that a worker becomes. All output is flat, so the folder is part of the name. */
export function workerName(root: string, file: string): string {
  const inside = path.relative(path.join(root, 'src-main'), file).replace(/\.ts$/, '');
  return `worker-${inside.split(path.sep).join('-').replaceAll('/', '-')}`;
}

/**
 * Makes worker code its own entry and points the reference at the built file. Vite does this for browsers only; under
 * Node the address would go on naming a .ts file that is not shipped. Output is flat, so `./name.js` is always right.
 */
export function workerEntries(): Plugin {
  let root = '';
  return {
    name: 'hypha:worker-entries',
    configResolved(config) {
      root = config.root;
    },
    transform(code, id) {
      if (!/src-main[\\/].*\.ts$/.test(id) || findReferences(code).length === 0) return null;
      const replaced = code.replace(reference, (_all, _quote, target: string) => {
        const file = path.resolve(path.dirname(id), target);
        const name = workerName(root, file);
        this.emitFile({ type: 'chunk', id: file, fileName: `${name}.js` });
        return `new URL(${JSON.stringify(`./${name}.js`)}, import.meta.url)`;
      });
      return { code: replaced, map: null };
    },
  };
}
