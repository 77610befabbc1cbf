/** Names Windows keeps for devices, with any ending and in any case. */
const reserved = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/**
 * A file name that is safe to write in a directory of this computer: one segment, never `.` or `..`, no NUL or separator,
 * at most 255 bytes of UTF-8 (255 UTF-16 units is implied); on Windows also none of `<>:"/\|?*`, no control
 * characters, no trailing dot or space, no device name. The name stays as it is when it is safe already.
 */
export function safeFileName(name: string, platform: 'posix' | 'win32'): string {
  let safe = name.replaceAll('\0', '_').replaceAll('/', '_');
  // A lone surrogate has no UTF-8 form.
  safe = safe.toWellFormed();
  if (platform === 'win32') {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: Windows refuses exactly these
    safe = safe.replace(/[<>:"\\|?*\x01-\x1f]/g, '_');
    safe = safe.replace(/[. ]+$/, (end) => '_'.repeat(end.length));
    if (reserved.test(safe)) safe = `_${safe}`;
  }
  if (safe === '' || safe === '.' || safe === '..') safe = `_${safe}`;
  return shorten(safe, 255);
}

/** Cut in front of the ending, at a character boundary. */
function shorten(name: string, bytes: number): string {
  if (Buffer.byteLength(name) <= bytes) return name;
  const ending = /\.[^.]{1,16}$/.exec(name)?.[0] ?? '';
  const room = bytes - Buffer.byteLength(ending);
  let kept = '';
  let used = 0;
  for (const character of name.slice(0, name.length - ending.length)) {
    used += Buffer.byteLength(character);
    if (used > room) break;
    kept += character;
  }
  return kept.replace(/[. ]+$/, '_') + ending;
}

/** How a file system that ignores case and composition would see a name: what collides on one is equal here. */
export function foldName(name: string): string {
  return name.normalize('NFC').toLowerCase().toUpperCase().normalize('NFC');
}

/** `name`, or `name (2)`, `name (3)` before its ending: the first that is not taken. At most 255 bytes. */
export function freeName(name: string, taken: (name: string) => boolean): string {
  if (!taken(name)) return name;
  const ending = /.(\.[^.]{1,16})$/.exec(name)?.[1] ?? '';
  const stem = name.slice(0, name.length - ending.length);
  for (let n = 2; ; n++) {
    const tail = ` (${n})${ending}`;
    const candidate = shorten(stem, 255 - Buffer.byteLength(tail)) + tail;
    if (!taken(candidate)) return candidate;
  }
}
