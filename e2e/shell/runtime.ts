import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { programIn } from '../../scripts/start/electron-runtime.ts';

const root = path.join(import.meta.dirname, '..', '..');

/** The Electron to drive: a packaged test build (HYPHA_EXECUTABLE), one given by path, or the installed runtime. */
export function electronProgram(): { readonly program: string; readonly args: readonly string[] } | null {
  const packaged = process.env.HYPHA_EXECUTABLE;
  if (packaged) return { program: packaged, args: [] };
  const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? path.join(root, 'node_modules', 'electron', 'dist');
  const program = programIn(dist, process.platform);
  return existsSync(program) ? { program, args: [root] } : null;
}

/** Why the Electron shell cannot be tested here; null when it can. Printed as the reason of the skip. */
export function shellMissing(): string | null {
  if (electronProgram() === null) return 'no Electron runtime';
  const needsDisplay = process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY;
  return needsDisplay ? 'no display for Electron (run under xvfb-run)' : null;
}

/** As root Chromium's sandbox does not start; only then it is switched off, and only for the test. */
export function rootArguments(): string[] {
  return process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
}
