/**
 * Canonical JSON (RFC 8785, JCS): one value has exactly one text, so it can be hashed and signed.
 *
 * Object keys are sorted by UTF-16 code units, no white space, numbers as ECMAScript prints them, strings with the
 * shortest escapes. Members that are `undefined` are left out, as `JSON.stringify` does; everything JSON cannot hold
 * (NaN, infinities, bigint, functions, lone surrogates, undefined in an array) is refused rather than bent.
 *
 * @param options.bytes how a `Uint8Array` is written; without it bytes are refused.
 * @throws TypeError for a value that has no canonical text, a cycle, or nesting deeper than 256.
 */
export function canonicalJson(value: unknown, options: { bytes?: (bytes: Uint8Array) => string } = {}): string {
  return write(value, 0, options.bytes);
}

const maxDepth = 256;

function write(value: unknown, depth: number, bytes: ((bytes: Uint8Array) => string) | undefined): string {
  if (depth > maxDepth) throw new TypeError('canonical JSON: nested too deeply, or a cycle');
  switch (typeof value) {
    case 'string':
      return writeString(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`canonical JSON: ${value} is not a JSON number`);
      return JSON.stringify(value); // ECMAScript number printing is what RFC 8785 section 3.2.2.3 asks for; -0 becomes 0
    case 'object':
      break;
    default:
      throw new TypeError(`canonical JSON: a ${typeof value} cannot be written`);
  }
  if (value === null) return 'null';
  if (value instanceof Uint8Array) {
    if (!bytes) throw new TypeError('canonical JSON: bytes cannot be written');
    return writeString(bytes(value));
  }
  if (Array.isArray(value)) return `[${Array.from(value, (item) => write(item, depth + 1, bytes)).join(',')}]`;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError('canonical JSON: only plain objects can be written');
  }
  const members: string[] = [];
  for (const [key, member] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) {
    if (member === undefined) continue;
    members.push(`${writeString(key)}:${write(member, depth + 1, bytes)}`);
  }
  return `{${members.join(',')}}`;
}

function writeString(text: string): string {
  if (!text.isWellFormed()) throw new TypeError('canonical JSON: a string holds half a character');
  return JSON.stringify(text);
}
