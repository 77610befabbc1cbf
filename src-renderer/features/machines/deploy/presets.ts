import type { Capability, Image } from '#shared/contract/machines.ts';

export interface Size {
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly diskMiB: number;
}
export const presetNames = ['tiny', 'small', 'medium', 'large'] as const;
export type PresetName = (typeof presetNames)[number];

export const presets: Readonly<Record<PresetName, Size>> = {
  tiny: { cpus: 1, memoryMiB: 128, diskMiB: 0 },
  small: { cpus: 1, memoryMiB: 512, diskMiB: 4 * 1024 },
  medium: { cpus: 2, memoryMiB: 2 * 1024, diskMiB: 16 * 1024 },
  large: { cpus: 4, memoryMiB: 8 * 1024, diskMiB: 64 * 1024 },
};

/** What an image needs at least and this computer has at most. */
export type Bounds = {
  image: Pick<Image, 'minMemoryMiB' | 'minDiskMiB'> | null;
  computer: Pick<Capability, 'cpus' | 'memoryMiB' | 'freeDisk'> | null;
};

const MiB = 1024 * 1024;

/** Why a size does not do; null when it does. */
export function misfit(size: Size, { image, computer }: Bounds): 'image' | 'computer' | null {
  if (image && (size.memoryMiB < image.minMemoryMiB || size.diskMiB < image.minDiskMiB)) return 'image';
  if (!computer) return null;
  const fits =
    size.cpus <= computer.cpus && size.memoryMiB <= computer.memoryMiB && size.diskMiB * MiB <= computer.freeDisk;
  return fits ? null : 'computer';
}

/** The smallest preset that does; none when only a custom size can. */
export function smallestFit(bounds: Bounds): PresetName | null {
  return presetNames.find((name) => misfit(presets[name], bounds) === null) ?? null;
}

/** The preset with just this size, for showing which one is chosen. */
export function presetOf(size: Size): PresetName | null {
  const same = (p: Size) => p.cpus === size.cpus && p.memoryMiB === size.memoryMiB && p.diskMiB === size.diskMiB;
  return presetNames.find((name) => same(presets[name])) ?? null;
}

/** A free name made from the image's: `micro-1`, `debian-12-2`. */
export function suggestName(image: string, taken: Iterable<string>): string {
  const used = new Set(taken);
  const stem =
    image
      .toLowerCase()
      .replace(/^hypha-/, '')
      .replace(/-(amd64|arm64)$/, '')
      .replace(/[^a-z0-9-]+/g, '-')
      .slice(0, 26)
      .replace(/^-+|-+$/g, '') || 'machine';
  for (let n = 1; ; n += 1) {
    const name = `${stem}-${n}`;
    if (!used.has(name)) return name;
  }
}
