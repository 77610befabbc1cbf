import { lstat, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '#core/host.ts';
import { syncDirectory, writeFileAtomic } from '#core/store/atomic-file.ts';
import { damagedRecord, machineDirectory } from './damaged.ts';
import { notWritten } from './disk-full.ts';
import { decodeRecord, encodeRecord, type MachineRecord } from './record.ts';

/** Paths of one machine's directory; see docs/formats/machine-dir.md. */
export interface MachinePaths {
  readonly dir: string;
  readonly record: string;
  readonly disk: string;
  readonly seed: string;
  readonly initrd: string;
  readonly console: string;
  readonly qemuLog: string;
  readonly hostKey: string;
  readonly knownHosts: string;
}

export interface MachineStore {
  paths(id: string): MachinePaths;
  /** Make the directory and its first record, durable before it returns. */
  create(record: MachineRecord): Promise<void>;
  /** Throws DISK_FULL when there is no room; the old record stays. */
  save(record: MachineRecord): Promise<void>;
  /**
   * Every record, oldest first, and a stand-in for each that cannot be read. An empty directory is half made and is removed.
   */
  load(): Promise<{ records: MachineRecord[]; damaged: MachineRecord[] }>;
  /** Remove a machine's directory; returns the bytes freed. Half removed is found and ended at the next start. */
  remove(id: string): Promise<number>;
  /** Bytes on disk. */
  used(id: string): Promise<number>;
}

const removedMark = '.removed-';

export function createMachineStore(root: string, log: Logger): MachineStore {
  const paths = (id: string): MachinePaths => {
    const dir = join(root, id);
    return {
      dir,
      record: join(dir, 'vm.json'),
      disk: join(dir, 'disk.qcow2'),
      seed: join(dir, 'seed.iso'),
      initrd: join(dir, 'initrd.img'),
      console: join(dir, 'console.log'),
      qemuLog: join(dir, 'qemu.log'),
      hostKey: join(dir, 'host_key'),
      knownHosts: join(dir, 'known_hosts'),
    };
  };

  async function used(dir: string): Promise<number> {
    let sum = 0;
    for (const name of await readdir(dir).catch(() => [])) {
      const info = await stat(join(dir, name)).catch(() => null);
      // Allocated blocks, not the apparent size: a qcow2 disk is sparse. Windows reports none.
      if (info !== null) sum += info.blocks ? info.blocks * 512 : info.size;
    }
    return sum;
  }

  async function save(record: MachineRecord): Promise<void> {
    try {
      await writeFileAtomic(paths(record.id).record, encodeRecord(record), { mode: 0o600 });
    } catch (error) {
      throw notWritten(error);
    }
  }

  return {
    paths,
    save,
    async create(record) {
      const { dir } = paths(record.id);
      try {
        await mkdir(root, { recursive: true, mode: 0o700 });
        await mkdir(dir, { mode: 0o700 });
        await save(record);
        await syncDirectory(root);
      } catch (error) {
        await rm(dir, { recursive: true, force: true });
        throw notWritten(error);
      }
    },
    async load() {
      const records: MachineRecord[] = [];
      const damaged: MachineRecord[] = [];
      for (const name of await readdir(root).catch(() => [])) {
        const dir = join(root, name);
        if (!(await lstat(dir).catch(() => null))?.isDirectory()) continue;
        if (name.startsWith(removedMark)) {
          await rm(dir, { recursive: true, force: true });
          continue;
        }
        if (!machineDirectory.test(name)) continue;
        const text = await readFile(join(dir, 'vm.json'), 'utf8').catch(() => null);
        if (text === null) {
          // The process ended between making the directory and its record: nothing of value is in it.
          const rest = (await readdir(dir)).filter((f) => !f.endsWith('.tmp'));
          if (rest.length === 0) {
            await rm(dir, { recursive: true, force: true });
            continue;
          }
        }
        const record = text === null ? null : readable(text);
        if (record?.id === name) records.push(record);
        else {
          log.error({ machine: name }, 'the record of a machine cannot be read; its directory is left alone');
          damaged.push(damagedRecord(name, text, dir));
        }
      }
      return { records: records.sort((a, b) => a.createdAt - b.createdAt), damaged };
    },
    async remove(id) {
      const { dir } = paths(id);
      const bytes = await used(dir);
      const doomed = join(root, removedMark + id);
      await rename(dir, doomed).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
      await syncDirectory(root);
      await rm(doomed, { recursive: true, force: true });
      return bytes;
    },
    used: (id) => used(paths(id).dir),
  };
}

function readable(text: string): MachineRecord | null {
  try {
    return decodeRecord(text);
  } catch {
    return null;
  }
}
