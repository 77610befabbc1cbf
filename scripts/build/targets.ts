import { builtinModules } from 'node:module';
import path from 'node:path';
import type { InlineConfig } from 'vite';
import { noNative } from './no-native.ts';
import { workerEntries } from './worker-entries.ts';

/** One bundle that runs under Node or in Electron. All its files lie flat in `folder`. */
export interface Bundle {
  readonly folder: string;
  /** Output name -> source. */
  readonly entries: Readonly<Record<string, string>>;
  readonly format: 'es' | 'cjs';
}

export const bundles: readonly Bundle[] = [
  {
    folder: 'out/daemon',
    entries: { daemon: 'src-main/daemon/index.ts', hypha: 'src-main/cli/index.ts' },
    format: 'es',
  },
  {
    folder: 'out/electron',
    entries: { main: 'src-main/electron/main.ts', core: 'src-main/electron/core/index.ts' },
    format: 'es',
  },
  // A sandboxed preload is loaded as a classic script by Electron's own require; it must be CommonJS in one file.
  { folder: 'out/preload', entries: { preload: 'src-main/preload/index.ts' }, format: 'cjs' },
];

/** Vite's configuration for a bundle: everything is packed in, but Node's own modules and Electron. */
export function configOf(root: string, bundle: Bundle): InlineConfig {
  const extension = bundle.format === 'cjs' ? 'cjs' : 'js';
  return {
    root,
    configFile: false,
    logLevel: 'warn',
    // Node bundles have no public files of their own.
    publicDir: false,
    plugins: [workerEntries(), noNative()],
    ssr: { noExternal: true, target: 'node', external: ['electron', ...builtinModules] },
    build: {
      ssr: true,
      target: 'node24',
      outDir: path.join(root, bundle.folder),
      emptyOutDir: true,
      // Readable stack traces weigh more than the megabyte that minifying would save on a disk.
      minify: false,
      sourcemap: false,
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(bundle.entries).map(([name, file]) => [name, path.join(root, file)])),
        external: ['electron', /^node:/, ...builtinModules],
        output: {
          format: bundle.format,
          entryFileNames: `[name].${extension}`,
          chunkFileNames: `[name]-[hash].${extension}`,
        },
      },
    },
  };
}
