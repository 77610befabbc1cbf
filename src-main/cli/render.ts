import { isThing, table } from './table.ts';
import { clean, oneLine } from './text.ts';

/** Results for people: tables for lists, lines for things. Programs use `--json`. */
export function render(value: unknown, width = 100): string {
  // What has a text of several lines is that text, to be read and kept as it is; the rest of it is for programs.
  if (isThing(value) && typeof value.text === 'string' && value.text.includes('\n')) return clean(value.text);
  const lines = renderValue(unwrap(value), 0, width);
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** An item of a stream: one line where it is a flat thing, so that what comes can be followed; what is empty is left out. */
export function renderItem(value: unknown, width = 100): string {
  if (!isThing(value) || Object.values(value).some((member) => isThing(member) || Array.isArray(member))) {
    return render(value, width);
  }
  const words = Object.entries(value)
    .filter(([, member]) => member !== null && member !== undefined && member !== '')
    .map(([key, member]) => `${oneLine(key)} ${scalar(key, member)}`);
  return `${words.join('  ')}\n`;
}

/** JSON of a result; bytes become base64. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value ?? null, (_key, item: unknown) => {
    if (item instanceof Uint8Array) return Buffer.from(item).toString('base64');
    return typeof item === 'bigint' ? item.toString() : item;
  });
  // JSON leaves these as they are, and a terminal would obey them.
  return text.replaceAll(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** `{ machines: [...] }` is the list itself; so is the one member that is a thing. */
function unwrap(value: unknown): unknown {
  if (!isThing(value)) return value;
  const members = Object.values(value).filter((m) => m !== undefined);
  const [only] = members;
  return members.length === 1 && typeof only === 'object' && only !== null && !isBytes(only) ? only : value;
}

function renderValue(value: unknown, depth: number, width: number): string[] {
  const indent = '  '.repeat(depth);
  if (Array.isArray(value)) {
    if (value.length === 0) return [`${indent}(none)`];
    if (value.every(isText))
      return value.flatMap(({ name, text }) => [`== ${oneLine(name)}`, clean(text.trimEnd()), '']);
    if (value.every(isThing)) return table(value, scalar, width - indent.length).map((line) => indent + line);
    return value.map((item) => `${indent}${scalar('', item)}`);
  }
  if (!isThing(value)) return value === null || value === undefined ? [] : [indent + scalar('', value)];
  const lines: string[] = [];
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const nested = (isThing(member) && Object.keys(member).length > 0) || (Array.isArray(member) && member.length > 0);
    if (nested) lines.push(`${indent}${oneLine(key)}:`, ...renderValue(member, depth + 1, width));
    else lines.push(`${indent}${oneLine(key)}: ${scalar(key, member)}`);
  }
  return lines;
}

/** Files of a report: each is shown as it is, one after the other. */
function isText(value: unknown): value is { name: string; text: string } {
  return isThing(value) && Object.keys(value).join() === 'name,text' && typeof value.text === 'string';
}

const timeKeys = /(^|[a-z.])(at|At|modified|added|expires|since|until)$/;
/** Milliseconds, as measured. */
const timingKeys = /^(ms|rtt)$/;
const byteKeys = /^(size|used|free|room|stored|freed|bytes|deduplicated|memory|diskUsed|freeDisk)$/;

/** One value on one line. What came from outside may hold escape sequences, which a terminal would obey: they go. */
function scalar(key: string, value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (isBytes(value)) return `${value.length} bytes`;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') {
    if (timeKeys.test(key) && value > 1e11) return new Date(value).toISOString().replace(/\.\d+Z$/, 'Z');
    if (byteKeys.test(key)) return formatBytes(value);
    if (timingKeys.test(key)) return value.toFixed(value < 100 ? 1 : 0);
    return String(value);
  }
  // Nobody is who is let in, where nobody is named; not a thing that is unknown.
  if (key === 'allow' && Array.isArray(value) && value.length === 0) return 'nobody';
  if (Array.isArray(value)) return value.map((item) => scalar('', item)).join(', ') || '-';
  if (typeof value === 'object') return oneLine(toJson(value));
  return oneLine(String(value));
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let n = bytes;
  let unit = 0;
  while (n >= 1024 && unit < units.length - 1) {
    n /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? n : n.toFixed(n < 10 ? 1 : 0)} ${units[unit]}`;
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}
