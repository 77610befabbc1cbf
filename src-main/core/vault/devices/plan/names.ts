import { freeName } from '../../names.ts';

/** What a name of a file cannot have somewhere. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are among them
const awkward = /[<>:"/\\|?*\x00-\x1f]/g;

/**
 * `name (from DEVICE).ext`, the same on every device. At most 255 bytes, cut in the stem; a number is put behind where that name is
 * taken.
 */
export function nameFrom(name: string, device: string, taken: (name: string) => boolean): string {
  const from = [...device.replace(awkward, ' ').trim()].slice(0, 40).join('') || 'another device';
  const ending = /.(\.[^.]{1,16})$/.exec(name)?.[1] ?? '';
  const tail = ` (from ${from})${ending}`;
  let stem = name.slice(0, name.length - ending.length);
  while (stem !== '' && Buffer.byteLength(stem + tail) > 255) stem = [...stem].slice(0, -1).join('');
  return freeName(stem + tail, taken);
}
