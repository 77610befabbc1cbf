/** What a name of a file cannot have somewhere. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are among them
const awkward = /[<>:"/\\|?*\x00-\x1f]/g;

/**
 * The name of a conflict copy: `name (conflict, DEVICE, 2026-11-23 12.30).ext`, in the time of the place where the computer is. At
 * most 255 bytes, cut in the stem.
 */
export function conflictName(name: string, device: string, at: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const here = [...device.replace(awkward, ' ').trim()].slice(0, 40).join('') || 'this computer';
  const ending = /.(\.[^.]{1,16})$/.exec(name)?.[1] ?? '';
  const tail = ` (conflict, ${here}, ${day} ${two(at.getHours())}.${two(at.getMinutes())})${ending}`;
  let stem = name.slice(0, name.length - ending.length);
  while (Buffer.byteLength(stem + tail) > 255) stem = [...stem].slice(0, -1).join('');
  return stem + tail;
}
