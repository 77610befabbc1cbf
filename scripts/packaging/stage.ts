import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { microCache } from '#core/machines/images/micro-places.ts';
import { runNpm } from '../bootstrap/npm.mjs';

/** Folders of assets/ that run; the rest (drawings' sources, build inputs) stays out. */
const shipped = ['catalogue', 'icons'];

/**
 * Gather what is packed besides out/ in `stage`: assets with the Hypha Micro image for this architecture if it was
 * built, and the bill of materials.
 */
export async function stageResources(root: string, stage: string): Promise<string> {
  await rm(stage, { recursive: true, force: true });
  await mkdir(path.join(stage, 'assets'), { recursive: true });
  for (const name of shipped) {
    await cp(path.join(root, 'assets', name), path.join(stage, 'assets', name), {
      recursive: true,
      filter: (file) => !file.endsWith('.svg') && !/\.(ico|icns)$/.test(file),
    });
  }
  const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const micro = path.join(microCache(), arch);
  const found = await readFile(path.join(micro, 'manifest.json'), 'utf8').catch(() => null);
  if (found === null) {
    process.stderr.write('hypha: packing without the Hypha Micro image; `npm run build:micro` makes it\n');
  } else {
    await cp(micro, path.join(stage, 'assets', 'micro', arch), { recursive: true });
  }
  await writeFile(path.join(stage, 'sbom.cdx.json'), await billOfMaterials(root));
  return stage;
}

/** The app as it goes into the archive: what Electron runs, and only the fields of package.json that it reads. */
export async function stageApp(root: string, stage: string, env: Environment): Promise<void> {
  for (const name of ['electron', 'preload', 'renderer']) {
    await cp(path.join(root, 'out', name), path.join(stage, 'app', 'out', name), { recursive: true });
  }
  const all = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  const kept = ['name', 'productName', 'version', 'license', 'type', 'description', 'author', 'main'];
  const fields = { ...Object.fromEntries(kept.map((name) => [name, all[name]])), ...publisher(all.author, env) };
  await writeFile(path.join(stage, 'app', 'package.json'), `${JSON.stringify(fields, null, 2)}\n`);
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Who answers for a package, which a deb must name: only who publishes one knows, so it is no part of the sources
 * (`HYPHA_PUBLISHER_EMAIL`, `HYPHA_PUBLISHER_HOMEPAGE`). What is not given is left out.
 */
export function publisher(name: unknown, env: Environment): { author?: object; homepage?: string } {
  const { HYPHA_PUBLISHER_EMAIL: email, HYPHA_PUBLISHER_HOMEPAGE: homepage } = env;
  return { ...(email ? { author: { name, email } } : {}), ...(homepage ? { homepage } : {}) };
}

/** CycloneDX, of what ships: the libraries that are bundled into out/, without the tools that made it. */
async function billOfMaterials(root: string): Promise<string> {
  const args = ['sbom', '--sbom-format=cyclonedx', '--omit=dev', '--package-lock-only', '--loglevel=error'];
  const { code, stdout, stderr } = await runNpm(process.execPath, args, { cwd: root, env: process.env });
  if (code !== 0) throw new Error(`npm sbom failed: ${stderr.trim()}`);
  const bill = JSON.parse(stdout) as { components?: unknown[] };
  if ((bill.components?.length ?? 0) === 0) throw new Error('the bill of materials is empty');
  return stdout;
}
