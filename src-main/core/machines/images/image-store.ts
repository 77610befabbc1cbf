import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Host, Logger } from '#core/host.ts';
import { writeFileAtomic } from '#core/store/atomic-file.ts';
import type { Image } from '#shared/contract/machines.ts';
import { type ImageId, imageIdSchema } from '#shared/model/ids.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import type { ImagesConfig } from '../ports.ts';
import type { Arch } from '../qemu/locate.ts';
import { readJson } from '../read-json.ts';
import { type CatalogueEntry, readCatalogue } from './catalogue.ts';
import { findChecksum } from './checksums.ts';
import { download, fetchText } from './download.ts';
import { changedImage, createImageFiles, imageFileSchema } from './image-files.ts';
import { fetchMicro, findMicro, type MicroArtefact } from './micro.ts';
import { microPlaces } from './micro-places.ts';
import { diskInfo, refuseForeignFiles } from './qemu-img.ts';
import { createSharedWork, type Progress } from './shared-work.ts';

/** An image ready to make a machine from. */
export type ReadyImage =
  | { readonly kind: 'micro'; readonly user: string; readonly arch: Arch; readonly micro: MicroArtefact }
  | {
      readonly kind: 'cloud';
      readonly user: string;
      readonly arch: Arch;
      readonly entry: CatalogueEntry;
      readonly disk: string;
      readonly virtualMiB: number;
      readonly boot: { readonly kernel: string; readonly initrd: string; readonly append: string } | null;
    };

/** What is here of a catalogue entry: files by content, so that a new version of an image never changes the disk under a machine. */
const haveSchema = z.object({
  disk: imageFileSchema,
  bytes: z.number().nonnegative(),
  virtualMiB: z.number().int().nonnegative(),
  kernel: imageFileSchema.nullable(),
  initrd: imageFileSchema.nullable(),
});
type Have = z.infer<typeof haveSchema>;
const filesOf = (have: Have): string[] => [have.disk, have.kernel, have.initrd].filter((f) => f !== null);

export const microId = imageIdSchema.parse('micro');

export interface ImageStore {
  list(): Promise<Image[]>;
  find(id: string): Promise<Image>;
  /** The image if it is here already; CHECKSUM_WRONG when its files were changed since they were checked. */
  ready(id: string): Promise<ReadyImage | null>;
  /** Bring it here; one download an image at a time, shared by all who ask. */
  fetch(id: string, signal: AbortSignal, progress: Progress, qemuImg: string): Promise<ReadyImage>;
  /** Remove what was downloaded of it; returns the bytes freed. @param inUse images that machines need. */
  remove(id: string, inUse: () => ReadonlySet<string>): Promise<number>;
  micro(): Promise<MicroArtefact | null>;
}

export interface ImageStoreOptions {
  readonly host: Host;
  readonly log: Logger;
  readonly home: string;
  readonly arch: Arch;
  readonly config: ImagesConfig;
  readonly changed: (id: string) => void;
}

export function createImageStore(options: ImageStoreOptions): ImageStore {
  const { host, log, home, arch, config } = options;
  const root = join(home, 'images');
  const catalogueDir = config.catalogue ?? join(host.resources, 'catalogue');
  const places = config.microPlaces ?? microPlaces(host.resources, home, arch);
  const running = createSharedWork<ReadyImage>();
  const imageFiles = createImageFiles(root);
  const microDir = join(root, 'micro', arch);
  let entriesKnown: Promise<CatalogueEntry[]> | undefined;

  const entries = (): Promise<CatalogueEntry[]> => {
    entriesKnown ??= readCatalogue(catalogueDir).catch((error) => {
      log.error({ error: String(error) }, 'the image catalogue is not readable');
      return [];
    });
    return entriesKnown;
  };
  const micro = (): Promise<MicroArtefact | null> => findMicro(places, arch);
  const haveFile = (id: string): string => join(root, 'have', `${id}.json`);

  async function have(entry: CatalogueEntry): Promise<Have | null> {
    const parsed = haveSchema.safeParse(await readJson(haveFile(entry.id)));
    if (!parsed.success) return null;
    for (const file of filesOf(parsed.data)) if ((await stat(join(root, file)).catch(() => null)) === null) return null;
    return parsed.data;
  }

  function readyFrom(entry: CatalogueEntry, files: Have): ReadyImage {
    const { boot } = entry;
    const at = (file: string): string => join(root, file);
    return {
      kind: 'cloud',
      user: entry.defaultUser,
      arch: entry.arch,
      entry,
      disk: at(files.disk),
      virtualMiB: files.virtualMiB,
      boot:
        boot.kind === 'direct' && files.kernel !== null && files.initrd !== null
          ? { kernel: at(files.kernel), initrd: at(files.initrd), append: boot.append }
          : null,
    };
  }

  const readyMicro = (artefact: MicroArtefact): ReadyImage => ({ kind: 'micro', user: 'root', arch, micro: artefact });

  async function ready(id: string): Promise<ReadyImage | null> {
    if (id === microId) {
      const artefact = await micro();
      return artefact === null ? null : readyMicro(artefact);
    }
    const entry = (await entries()).find((e) => e.id === id);
    if (entry === undefined) return null;
    const files = await have(entry);
    if (files === null) return null;
    for (const file of filesOf(files)) if ((await imageFiles.state(file)) !== 'here') throw changedImage(id);
    return readyFrom(entry, files);
  }

  async function describe(entry: CatalogueEntry): Promise<Image> {
    const files = await have(entry);
    const foreign = entry.arch !== arch;
    const untried =
      entry.tried ?? 'Nobody has tried this entry yet; the address and form are the vendor’s published ones.';
    return {
      id: entry.id,
      name: entry.name,
      about: entry.about,
      arch: entry.arch,
      kind: 'cloud',
      state: foreign ? 'unavailable' : running.has(entry.id) ? 'downloading' : files === null ? 'available' : 'ready',
      detail: foreign ? `This computer runs ${arch} machines.` : untried,
      size: files?.bytes ?? null,
      minMemoryMiB: entry.minMemoryMiB,
      minDiskMiB: entry.minDiskMiB,
      defaultUser: entry.defaultUser,
      source: new URL(entry.file, entry.base).href,
    };
  }

  async function describeMicro(): Promise<Image> {
    const artefact = await micro();
    const downloading = running.has(microId);
    const state =
      artefact !== null ? 'ready' : downloading ? 'downloading' : config.micro ? 'available' : 'unavailable';
    const parts = artefact === null ? null : [artefact.manifest.kernel, artefact.manifest.initrd];
    return {
      id: microId,
      name: 'Hypha Micro',
      about:
        'A tiny Linux that starts in seconds: a shell and an SSH server. It can live in memory, or keep files on a disk at /data.',
      arch,
      kind: 'micro',
      state,
      detail:
        artefact !== null
          ? `Linux ${artefact.manifest.release}, made from ${artefact.manifest.sources.length} Debian packages.`
          : config.micro
            ? 'Can be downloaded.'
            : 'It is not on this computer. On Debian, "npm run build:micro" makes it.',
      size: parts === null ? null : parts.reduce((sum, p) => sum + p.bytes, 0),
      minMemoryMiB: 96,
      minDiskMiB: 0,
      defaultUser: 'root',
      source: artefact?.dir ?? config.micro?.url ?? '',
    };
  }

  async function fetchCloud(
    entry: CatalogueEntry,
    signal: AbortSignal,
    progress: Progress,
    qemuImg: string,
  ): Promise<ReadyImage> {
    const { algorithm, file: sums } = entry.checksums;
    const store = join(root, algorithm);
    await mkdir(store, { recursive: true, mode: 0o700 });
    await mkdir(join(root, 'have'), { recursive: true, mode: 0o700 });
    const checksums = await fetchText(new URL(sums, entry.base).href, signal);
    const bring = async (name: string, report: Progress): Promise<string> => {
      const hex = findChecksum(checksums, name, algorithm);
      const relative = join(algorithm, hex);
      const state = await imageFiles.state(relative);
      // Not what its name says: as good as not there, and what is named so can only be one content.
      if (state === 'changed') await imageFiles.remove(relative);
      if (state !== 'here') {
        await download({
          url: new URL(name, entry.base).href,
          target: join(root, relative),
          expected: { algorithm, hex },
          host,
          signal,
          progress: report,
        });
        await imageFiles.noteChecked(relative);
      }
      return relative;
    };
    const quiet: Progress = () => {};
    const kernel = entry.boot.kind === 'direct' ? await bring(entry.boot.kernel, quiet) : null;
    const initrd = entry.boot.kind === 'direct' ? await bring(entry.boot.initrd, quiet) : null;
    const disk = await bring(entry.file, progress);
    const path = join(root, disk);
    const virtualMiB = await inspect(qemuImg, path, entry.format);
    const files: Have = { disk, bytes: (await stat(path)).size, virtualMiB, kernel, initrd };
    await writeFileAtomic(haveFile(entry.id), JSON.stringify(files));
    return readyFrom(entry, files);
  }

  return {
    micro,
    ready,
    async list() {
      return [await describeMicro(), ...(await Promise.all((await entries()).map(describe)))];
    },
    async find(id) {
      if (id === microId) return describeMicro();
      const entry = (await entries()).find((e) => e.id === id);
      if (entry === undefined) {
        throw fail('NOT_FOUND', `There is no image named ${id}.`, { next: 'Look at the list of images.' });
      }
      return describe(entry);
    },
    async fetch(id, signal, progress, qemuImg) {
      const here = await ready(id).catch((error: unknown) => {
        if (!isFail(error, 'CHECKSUM_WRONG')) throw error;
        log.warn({ image: id }, 'an image was changed on disk and is fetched again');
        return null;
      });
      if (here !== null) return here;
      const work = async (signal: AbortSignal, progress: Progress): Promise<ReadyImage> => {
        options.changed(id);
        if (id !== microId) {
          const entry = (await entries()).find((e) => e.id === id);
          if (entry === undefined) throw fail('NOT_FOUND', `There is no image named ${id}.`);
          return fetchCloud(entry, signal, progress, qemuImg);
        }
        if (config.micro === undefined) throw notReady(id);
        await fetchMicro(config.micro, microDir, host, signal, progress);
        const artefact = await micro();
        if (artefact === null) throw notReady(id);
        return readyMicro(artefact);
      };
      try {
        return await running.run(id, signal, progress, work);
      } finally {
        options.changed(id);
      }
    },
    async remove(id, inUse) {
      const refuseUsed = (): void => {
        if (running.has(id)) throw used(id, 'is being downloaded', 'Cancel the download first.');
        if (inUse().has(id)) throw used(id, 'is used by a machine', 'Delete the machines made from it first.');
      };
      const nothing = (next: string) => fail('NOT_FOUND', `Nothing of the image ${id} was downloaded.`, { next });
      if (id === microId) {
        if ((await stat(microDir).catch(() => null)) === null)
          throw nothing('Hypha Micro came with the app or was built here; there is nothing to remove.');
        refuseUsed();
        const freed = await sizeOfDirectory(microDir);
        await rm(microDir, { recursive: true, force: true });
        options.changed(id);
        return freed;
      }
      const all = await entries();
      const entry = all.find((e) => e.id === id);
      const files = entry === undefined ? null : haveSchema.safeParse(await readJson(haveFile(entry.id))).data;
      if (files === null || files === undefined) throw nothing('Look at the list of images.');
      // Two entries of the catalogue may name the same file.
      const shared = new Set<string>();
      for (const other of all) {
        const kept = other.id === id ? null : haveSchema.safeParse(await readJson(haveFile(other.id))).data;
        for (const file of kept ? filesOf(kept) : []) shared.add(file);
      }
      refuseUsed();
      // The note first: without it nothing counts as here, whatever is left of the files.
      await rm(haveFile(id), { force: true });
      let freed = 0;
      for (const file of filesOf(files)) if (!shared.has(file)) freed += await imageFiles.remove(file);
      options.changed(id);
      return freed;
    },
  };
}

const used = (id: string, why: string, next: string) =>
  fail('IN_USE', `The image ${id} ${why}.`, { meaning: 'Nothing was removed.', next });

async function sizeOfDirectory(dir: string): Promise<number> {
  let sum = 0;
  for (const name of await readdir(dir).catch(() => []))
    sum += (await stat(join(dir, name)).catch(() => null))?.size ?? 0;
  return sum;
}

/** Look into an image before it is used; one that may not be used is removed. */
async function inspect(qemuImg: string, path: string, format: 'qcow2' | 'raw'): Promise<number> {
  try {
    const info = await diskInfo(qemuImg, path, format);
    refuseForeignFiles(info, format);
    return Math.ceil(info['virtual-size'] / (1024 * 1024));
  } catch (error) {
    await rm(path, { force: true });
    if (error instanceof Error && 'code' in error && error.code === 'BACKING_FILE') throw error;
    throw fail('BACKING_FILE', 'This image is not of the kind it claims to be.', {
      meaning: 'It was removed and nothing was started from it.',
      next: 'Use another image.',
    });
  }
}

export const notReady = (id: ImageId | string) =>
  fail('IMAGE_NOT_READY', `The image ${id} is not on this computer and nothing says where to get it.`, {
    next:
      id === microId ? 'On Debian, run "npm run build:micro"; elsewhere choose a cloud image.' : 'Download it first.',
  });
