import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '#core/host.ts';
import { syncDirectory, writeFileAtomic } from '#core/store/atomic-file.ts';
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
  save(record: MachineRecord): Promise<void>;
  /** Every readable record. A directory without one is half made and is removed. */
  load(): Promise<MachineRecord[]>;
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

  const save = (record: MachineRecord): Promise<void> =>
    writeFileAtomic(paths(record.id).record, encodeRecord(record), { mode: 0o600 });

  return {
    paths,
    save,
    async create(record) {
      await mkdir(root, { recursive: true, mode: 0o700 });
      await mkdir(paths(record.id).dir, { mode: 0o700 });
      await save(record);
      await syncDirectory(root);
    },
    async load() {
      const records: MachineRecord[] = [];
      for (const name of await readdir(root).catch(() => [])) {
        const dir = join(root, name);
        if (!(await stat(dir)).isDirectory()) continue;
        if (name.startsWith(removedMark)) {
          await rm(dir, { recursive: true, force: true });
          continue;
        }
        const text = await readFile(join(dir, 'vm.json'), 'utf8').catch(() => null);
        if (text === null) {
          // The process ended between making the directory and its record: nothing of value is in it. Anything more is left alone.
          const rest = (await readdir(dir)).filter((f) => !f.endsWith('.tmp'));
          if (rest.length === 0) await rm(dir, { recursive: true, force: true });
          else log.warn({ machine: name }, 'a machine directory has no record and is left alone');
          continue;
        }
        try {
          const record = decodeRecord(text);
          if (record.id === name) records.push(record);
        } catch {
          log.error({ machine: name }, 'the record of a machine is damaged; its directory is left alone');
        }
      }
      return records.sort((a, b) => a.createdAt - b.createdAt);
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
