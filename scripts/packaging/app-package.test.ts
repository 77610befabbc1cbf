import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const exec = promisify(execFile);
const { version } = createRequire(import.meta.url)('electron/package.json') as { version: string };

/**
 * A folder shaped like Electron's runtime on Linux, with a program that cannot run but carries the fuse wire (format:
 * Electron's "fuses" tutorial: sentinel, version, count, one byte a fuse). Packing, fuses and contents are real.
 */
async function standInRuntime(folder: string): Promise<void> {
  await mkdir(path.join(folder, 'resources'), { recursive: true });
  await mkdir(path.join(folder, 'locales'));
  const wire = Buffer.concat([
    Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
    Buffer.from([1, 9]),
    Buffer.from('101011011'),
  ]);
  await writeFile(path.join(folder, 'electron'), Buffer.concat([Buffer.alloc(4096, 7), wire, Buffer.alloc(4096)]));
  await chmod(path.join(folder, 'electron'), 0o755);
  await writeFile(path.join(folder, 'version'), version);
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'chrome-sandbox', 'locales/en-US.pak', 'locales/fr.pak']) {
    await writeFile(path.join(folder, name), '');
  }
}

/** Paths in an asar archive: a pickle of sizes, then a JSON tree ("asar format", electron/asar). */
async function asarPaths(file: string): Promise<string[]> {
  const bytes = await readFile(file);
  const tree = JSON.parse(bytes.toString('utf8', 16, 16 + bytes.readUInt32LE(12))) as {
    files: Record<string, unknown>;
  };
  const walk = (files: Record<string, unknown>, at: string): string[] =>
    Object.entries(files).flatMap(([name, entry]) => {
      const inner = (entry as { files?: Record<string, unknown> }).files;
      return inner === undefined ? [`${at}${name}`] : walk(inner, `${at}${name}/`);
    });
  return walk(tree.files, '');
}

describe.runIf(process.platform === 'linux')('the app’s package', () => {
  let work: string;
  beforeAll(async () => {
    work = await mkdtemp(path.join(os.tmpdir(), 'hypha-app-'));
    await standInRuntime(path.join(work, 'runtime'));
    const args = ['scripts/package.ts', '--dir', `-c.directories.output=${path.join(work, 'out')}`];
    await exec(process.execPath, args, { env: { ...process.env, ELECTRON_DIST: path.join(work, 'runtime') } });
  }, 180_000);
  afterAll(() => rm(work, { recursive: true, force: true }));

  it('holds what runs and nothing else', async () => {
    const resources = path.join(work, 'out', 'linux-unpacked', 'resources');
    const inside = await asarPaths(path.join(resources, 'app.asar'));
    expect(inside).toEqual(expect.arrayContaining(['package.json', 'out/electron/main.js', 'out/electron/core.js']));
    expect(inside).toEqual(expect.arrayContaining(['out/preload/preload.cjs', 'out/renderer/index.html']));
    expect(inside.filter((name) => /node_modules|\.test\.|\.map$|^src|daemon/.test(name))).toEqual([]);
    expect(await readdir(path.join(resources, 'assets'))).toEqual(expect.arrayContaining(['catalogue', 'icons']));
    const bill = JSON.parse(await readFile(path.join(resources, 'sbom.cdx.json'), 'utf8'));
    expect(bill.bomFormat).toBe('CycloneDX');
  });

  it('has every fuse as written down', async () => {
    const wire = await getCurrentFuseWire(path.join(work, 'out', 'linux-unpacked', 'hypha'));
    expect(wire[FuseV1Options.RunAsNode]).toBe(FuseState.DISABLE);
    expect(wire[FuseV1Options.EnableNodeCliInspectArguments]).toBe(FuseState.DISABLE);
    expect(wire[FuseV1Options.OnlyLoadAppFromAsar]).toBe(FuseState.ENABLE);
    expect(wire[FuseV1Options.EnableEmbeddedAsarIntegrityValidation]).toBe(FuseState.ENABLE);
  });
});
