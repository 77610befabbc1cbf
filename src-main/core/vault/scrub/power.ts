import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Whether the computer runs on its battery; null where that is not known. Linux tells it in /sys/class/power_supply (kernel
 * documentation, ABI/testing/sysfs-class-power): a `Mains` or `USB` supply that is `online`, a `Battery` of the `System` that is `Discharging`.
 */
export async function onBattery(root = '/sys/class/power_supply'): Promise<boolean | null> {
  try {
    let known: boolean | null = null;
    for (const name of await readdir(root)) {
      const read = (file: string): Promise<string> =>
        readFile(join(root, name, file), 'utf8').then(
          (text) => text.trim(),
          () => '',
        );
      const type = await read('type');
      if (type !== 'Battery' && (await read('online')) === '1') return false;
      // The battery of a mouse says nothing of the computer.
      if (type === 'Battery' && (await read('scope')) !== 'Device') known = (await read('status')) === 'Discharging';
    }
    return known;
  } catch {
    return null;
  }
}
