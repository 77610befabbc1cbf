/** Results for people: tables for lists, lines for things. Programs use `--json`. */
export function render(value: unknown): string {
  const lines = renderValue(unwrap(value), 0);
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** JSON of a result; bytes become base64. */
export function toJson(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, item: unknown) => {
    if (item instanceof Uint8Array) return Buffer.from(item).toString('base64');
    return typeof item === 'bigint' ? item.toString() : item;
  });
}

/** `{ machines: [...] }` is the list itself; so is the one member that is a thing. */
function unwrap(value: unknown): unknown {
  if (!isThing(value)) return value;
  const members = Object.values(value).filter((m) => m !== undefined);
  const [only] = members;
  return members.length === 1 && typeof only === 'object' && only !== null && !isBytes(only) ? only : value;
}

function renderValue(value: unknown, depth: number): string[] {
  const indent = '  '.repeat(depth);
  if (Array.isArray(value)) {
    if (value.length === 0) return [`${indent}(none)`];
    if (value.every(isThing)) return table(value).map((line) => indent + line);
    return value.map((item) => `${indent}${scalar('', item)}`);
  }
  if (!isThing(value)) return value === null || value === undefined ? [] : [indent + scalar('', value)];
  const lines: string[] = [];
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const nested = (isThing(member) && Object.keys(member).length > 0) || (Array.isArray(member) && member.length > 0);
    if (nested) lines.push(`${indent}${key}:`, ...renderValue(member, depth + 1));
    else lines.push(`${indent}${key}: ${scalar(key, member)}`);
  }
  return lines;
}

const maxCell = 48;

function table(rows: readonly Record<string, unknown>[]): string[] {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((key) =>
    rows.some((row) => row[key] !== undefined && !isThing(row[key]) && !Array.isArray(row[key])),
  );
  const cells = rows.map((row) => keys.map((key) => cut(scalar(key, row[key]))));
  const widths = keys.map((key, i) => Math.max(key.length, ...cells.map((line) => (line[i] ?? '').length)));
  const line = (parts: readonly string[]) =>
    parts
      .map((part, i) => part.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(keys.map((key) => key.toUpperCase())), ...cells.map(line)];
}

function cut(text: string): string {
  return text.length > maxCell ? `${text.slice(0, maxCell - 1)}…` : text;
}

const timeKeys = /(^|[a-z])(at|At|modified|added)$/;
const byteKeys = /^(size|used|free|stored|freed|bytes|deduplicated|memory|diskUsed|freeDisk)$/;

/** One value on one line. What came from outside may hold escape sequences, which a terminal would obey: they go. */
function scalar(key: string, value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (isBytes(value)) return `${value.length} bytes`;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') {
    if (timeKeys.test(key) && value > 1e11) return new Date(value).toISOString().replace(/\.\d+Z$/, 'Z');
    if (byteKeys.test(key)) return formatBytes(value);
    return String(value);
  }
  if (Array.isArray(value)) return value.map((item) => scalar('', item)).join(', ') || '-';
  if (typeof value === 'object') return clean(toJson(value));
  return clean(String(value));
}

export function clean(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
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

function isThing(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isBytes(value);
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}
