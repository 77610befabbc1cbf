import type { Place } from '#shared/contract/vault.ts';

export type MapPlace = Pick<Place, 'id' | 'device' | 'deviceName' | 'used'> & Partial<Pick<Place, 'site' | 'owner'>>;

export interface Disc {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly r: number;
}
/** The places of one device, at one site and of one person: what fails together stands together, sites next to each other. */
export interface DeviceGroup {
  readonly device: string;
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly discs: readonly Disc[];
}
export interface DurabilityMap {
  readonly width: number;
  readonly height: number;
  readonly groups: readonly DeviceGroup[];
}

const cell = 104;
const pad = 16;
const header = 32;
const gap = 20;
const smallest = 20;
const largest = 40;

const domainOf = ({ device, site = '', owner = '' }: MapPlace): string => [device, site, owner].join('\n');

const nameOf = (place: MapPlace | undefined, device: string): string =>
  place ? [place.site, place.owner, place.deviceName].filter(Boolean).join(' · ') : device;

/**
 * Lay the places out in `width` pixels: one group a device, discs in rows, groups wrapped like words. The area of a
 * disc follows the bytes it holds; even an empty place has a disc that can be hit (WCAG 2.5.8).
 */
export function layoutMap(places: readonly MapPlace[], width: number): DurabilityMap {
  const most = Math.max(1, ...places.map((place) => place.used));
  const byDevice = Map.groupBy(places, domainOf);
  // A device is at least two discs wide: its name wants room.
  const inner = Math.max(2 * cell + 2 * pad, width);
  const groups: DeviceGroup[] = [];
  let x = 0;
  let y = 0;
  let rowHeight = 0;
  const sorted = [...byDevice].sort(([, [a]], [, [b]]) => (a?.site ?? '').localeCompare(b?.site ?? ''));
  for (const [device, members] of sorted) {
    const fit = Math.max(1, Math.floor((inner - 2 * pad) / cell));
    // One row while it is short; two rows look calmer than one long one.
    const columns = Math.min(fit, members.length <= 6 ? members.length : Math.ceil(members.length / 2));
    const rows = Math.ceil(members.length / columns);
    const w = Math.max(2, columns) * cell + 2 * pad;
    const start = (w - columns * cell) / 2;
    const h = header + rows * cell + pad;
    if (x > 0 && x + w > inner) {
      x = 0;
      y += rowHeight + gap;
      rowHeight = 0;
    }
    const left = x;
    const top = y;
    groups.push({
      device,
      name: nameOf(members[0], device),
      x: left,
      y: top,
      width: w,
      height: h,
      discs: members.map((place, i) => ({
        id: place.id,
        x: left + start + (i % columns) * cell + cell / 2,
        y: top + header + Math.floor(i / columns) * cell + cell / 2 - 10,
        r: Math.sqrt(smallest ** 2 + (largest ** 2 - smallest ** 2) * (place.used / most)),
      })),
    });
    x += w + gap;
    rowHeight = Math.max(rowHeight, h);
  }
  return { width: inner, height: y + rowHeight, groups };
}
