import { dirname } from 'node:path';
import type { Disk } from '../store/disk.ts';

/** What a step of the disk is refused with once the computer stopped. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

interface Stored {
  bytes: Uint8Array;
  /** As it is on the disk itself. */
  durable: Uint8Array;
  /** Done since, in order, and lost with the power. */
  pending: ((before: Uint8Array) => Uint8Array)[];
  named: boolean;
}

/** A disk in memory that stops before a given step, and is then looked at as it would be after a kill or a power cut. */
export interface PowerDisk extends Disk {
  /** Steps so far that changed something or made something durable. */
  steps(): number;
  /** The disk after the program was killed: all it did is there. */
  afterKill(): PowerDisk;
  /** The same after a power cut: of each file some first part of what was not durable. @param random from 0 to below 1 */
  afterPowerCut(random: () => number): PowerDisk;
}

const write = (at: number, bytes: Uint8Array) => (before: Uint8Array) => {
  const after = new Uint8Array(Math.max(before.length, at + bytes.length));
  after.set(before);
  after.set(bytes, at);
  return after;
};
const resize = (size: number) => (before: Uint8Array) => {
  const after = new Uint8Array(size);
  after.set(before.subarray(0, size));
  return after;
};

/** @param stopBefore the step that is not made any more; none if left out */
export function createPowerDisk(
  stopBefore = Number.POSITIVE_INFINITY,
  begin: ReadonlyMap<string, Uint8Array> = new Map(),
): PowerDisk {
  const all = new Map<string, Stored>(
    [...begin].map(([path, bytes]) => [path, { bytes, durable: bytes, pending: [], named: true }]),
  );
  const open = new Map<number, Stored>();
  let nextFile = 3;
  let steps = 0;
  const step = (): void => {
    if (++steps >= stopBefore) throw new Stopped();
  };
  const of = (file: number): Stored => {
    const stored = open.get(file);
    if (stored === undefined) throw Object.assign(new Error('EBADF'), { code: 'EBADF' });
    return stored;
  };
  const change = (file: number, how: (before: Uint8Array) => Uint8Array): void => {
    step();
    const stored = of(file);
    stored.bytes = how(stored.bytes);
    stored.pending.push(how);
  };
  const syncNow = (file: number): void => {
    step();
    const stored = of(file);
    stored.durable = stored.bytes;
    stored.pending = [];
  };
  return {
    steps: () => steps,
    afterKill: () => createPowerDisk(undefined, new Map([...all].map(([path, { bytes }]) => [path, bytes]))),
    afterPowerCut(random) {
      const left = new Map<string, Uint8Array>();
      for (const [path, { durable, pending, named }] of all) {
        if (!named && random() < 0.5) continue;
        const kept = pending.slice(0, Math.floor(random() * (pending.length + 1)));
        left.set(
          path,
          kept.reduce((bytes, how) => how(bytes), durable),
        );
      }
      return createPowerDisk(undefined, left);
    },
    open(path, create) {
      let stored = all.get(path);
      if (stored === undefined) {
        if (!create) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
        step();
        const nothing = new Uint8Array(0);
        stored = { bytes: nothing, durable: nothing, pending: [], named: false };
        all.set(path, stored);
      }
      open.set(nextFile, stored);
      return nextFile++;
    },
    close: (file) => void open.delete(file),
    size: (file) => of(file).bytes.length,
    read(file, target, position) {
      const some = of(file).bytes.subarray(position, position + target.length);
      target.set(some);
      return some.length;
    },
    write: (file, parts, position) => change(file, write(position, Uint8Array.from(Buffer.concat(parts)))),
    truncate: (file, size) => change(file, resize(size)),
    sync: async (file) => syncNow(file),
    syncNow,
    syncDirectory(path) {
      step();
      for (const [name, stored] of all) if (dirname(name) === path) stored.named = true;
    },
    makeDirectory() {},
    names: (path) =>
      [...all.keys()].filter((name) => dirname(name) === path).map((name) => name.slice(path.length + 1)),
    free: () => 2 ** 40,
  };
}
