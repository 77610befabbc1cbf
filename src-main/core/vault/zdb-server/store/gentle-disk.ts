import { type Disk, nodeDisk } from './disk.ts';

/** Waits for the disk under way at once. All threads of the process share four threads for such waits, and others need them too. */
const most = 2;

/** The file system, without taking all of what the rest of the process waits for the disk with. */
export function gentleDisk(disk: Disk = nodeDisk): Disk {
  let under = 0;
  const waiting: (() => void)[] = [];
  return {
    ...disk,
    async sync(file) {
      if (under >= most) await new Promise<void>((resolve) => waiting.push(resolve));
      else under++;
      try {
        await disk.sync(file);
      } finally {
        const next = waiting.shift();
        if (next === undefined) under--;
        else next();
      }
    },
  };
}
