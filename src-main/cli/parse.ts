import { type Field, findField, type SizeUnit, takesMany } from './fields.ts';
import { UsageError } from './usage.ts';

/** Options of every command; they may stand anywhere before `--`. */
export interface GlobalOptions {
  home: string | undefined;
  json: boolean;
  help: boolean;
  version: boolean;
  /** Do not wait for a task's end. */
  detach: boolean;
}

/** Split global options off; what is left is the command with its own words. */
export function splitGlobals(argv: readonly string[]): { globals: GlobalOptions; rest: string[] } {
  const globals: GlobalOptions = { home: undefined, json: false, help: false, version: false, detach: false };
  const rest: string[] = [];
  for (let i = 0; i < argv.length; i += 1) {
    const word = argv[i] ?? '';
    if (word === '--') {
      rest.push(...argv.slice(i));
      break;
    }
    if (word === '--json') globals.json = true;
    else if (word === '--help' || word === '-h') globals.help = true;
    else if (word === '--version' || word === '-V') globals.version = true;
    else if (word === '--detach') globals.detach = true;
    else if (word === '--home') {
      i += 1;
      globals.home = argv[i] ?? '';
    } else if (word.startsWith('--home=')) globals.home = word.slice('--home='.length);
    else rest.push(word);
  }
  if (globals.home === '') throw new UsageError('--home takes a directory.');
  return { globals, rest };
}

/** A value to be read from a file (`-` is standard input) before the input is complete. */
export interface FromFile {
  readonly field: Field;
  readonly path: string;
}

export interface ParsedWords {
  readonly input: Record<string, unknown>;
  readonly files: readonly FromFile[];
}

/**
 * The words after a command as its input: positionals in the contract's order (the last may take many), then flags by
 * name or unambiguous beginning; `--NAME-file FILE` reads the value of any text input from a file.
 *
 * @throws UsageError
 */
export function parseWords(
  fields: readonly Field[],
  positional: readonly string[],
  words: readonly string[],
  /** Flags beyond the contract that this command understands, each taking a value. */
  extra: readonly string[] = [],
): ParsedWords & { extra: Record<string, string> } {
  const input: Record<string, unknown> = {};
  const files: FromFile[] = [];
  const extras: Record<string, string> = {};
  const plain: string[] = [];
  let onlyPlain = false;
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? '';
    if (onlyPlain || !word.startsWith('--') || word === '-') {
      plain.push(word);
      continue;
    }
    if (word === '--') {
      onlyPlain = true;
      continue;
    }
    const equals = word.indexOf('=');
    const flag = equals < 0 ? word.slice(2) : word.slice(2, equals);
    const inline = equals < 0 ? undefined : word.slice(equals + 1);
    const value = (): string => {
      if (inline !== undefined) return inline;
      i += 1;
      const next = words[i];
      if (next === undefined) throw new UsageError(`--${flag} takes a value.`);
      return next;
    };
    if (extra.includes(flag)) {
      extras[flag] = value();
      continue;
    }
    const { field, how } = resolveFlag(fields, flag);
    if (how === 'file') files.push({ field, path: value() });
    else if (field.kind === 'boolean') {
      if (how === 'no') input[field.key] = false;
      else input[field.key] = inline === undefined ? true : parseBoolean(flag, inline);
    } else if (field.secret) {
      throw new UsageError(
        `--${flag} is a secret, and other programs can see the words of a command. Leave it out to be asked, or use --${field.flag}-file FILE (- for standard input).`,
      );
    } else add(input, field, value());
  }
  place(input, fields, positional, plain);
  return { input, files, extra: extras };
}

function resolveFlag(fields: readonly Field[], flag: string): { field: Field; how: 'value' | 'file' | 'no' } {
  const tries: [string, 'value' | 'file' | 'no'][] = [[flag, 'value']];
  if (flag.endsWith('-file')) tries.push([flag.slice(0, -'-file'.length), 'file']);
  if (flag.startsWith('no-')) tries.push([flag.slice(3), 'no']);
  for (const [name, how] of tries) {
    const found = findField(fields, name);
    if (!found) continue;
    if ('ambiguous' in found) {
      throw new UsageError(`--${flag} could be ${found.ambiguous.map((f) => `--${f}`).join(' or ')}.`);
    }
    if (how === 'no' && found.kind !== 'boolean') continue;
    return { field: found, how };
  }
  const known = fields.map(
    (field) => `--${field.secret || field.kind === 'bytes' ? `${field.flag}-file` : field.flag}`,
  );
  throw new UsageError(`There is no option --${flag} here.${known.length > 0 ? ` Known: ${known.join(', ')}.` : ''}`);
}

function place(
  input: Record<string, unknown>,
  fields: readonly Field[],
  positional: readonly string[],
  plain: readonly string[],
): void {
  // What was given by flag is not asked for again by position.
  const open = positional.filter((key) => !(key in input));
  for (const [i, word] of plain.entries()) {
    const many = lists(fields, open);
    const key = placeOf(i, plain.length, open, many);
    const field = fields.find((f) => f.key === key);
    if (!field) throw new UsageError(`"${word}" is one word too many.`);
    if (field.secret) throw new UsageError(`${field.key} is a secret and is not taken from the command's words.`);
    add(input, field, word);
  }
}

/** Index of the positional that takes a list; -1 when none does. */
function lists(fields: readonly Field[], open: readonly string[]): number {
  return open.findIndex((key) => fields.some((field) => field.key === key && takesMany(field)));
}

/** `export ITEM… TO`: the list takes what the others leave, whether it stands last or not. */
function placeOf(i: number, count: number, open: readonly string[], many: number): string | undefined {
  if (many < 0 || count <= open.length || i < many) return open[i];
  const surplus = count - open.length;
  return i <= many + surplus ? open[many] : open[i - surplus];
}

function add(input: Record<string, unknown>, field: Field, word: string): void {
  const value = parseValue(field, word);
  if (!takesMany(field)) {
    if (field.key in input) throw new UsageError(`${field.key} was given twice.`);
    input[field.key] = value;
    return;
  }
  const list = (input[field.key] ?? []) as unknown[];
  input[field.key] = [...list, value];
}

/** One value from one word. Ranges and formats are the schema's to check. */
export function parseValue(field: Field, word: string): unknown {
  switch (field.kind) {
    case 'boolean':
      return parseBoolean(field.flag, word);
    case 'integer':
    case 'numbers':
    case 'number': {
      if (field.size !== null) return parseSize(field.flag, word, field.size);
      if (field.never && word === 'never') return null;
      if (field.time) return parseTime(field.flag, word, Date.now());
      const number = Number(word);
      if (word.trim() === '' || !Number.isFinite(number))
        throw new UsageError(`--${field.flag} takes a number, not "${word}".`);
      return number;
    }
    case 'json':
      try {
        return JSON.parse(word);
      } catch {
        throw new UsageError(`--${field.flag} takes JSON, for example '{"name":"value"}'.`);
      }
    case 'bytes':
      throw new UsageError(`--${field.flag} takes bytes; use --${field.flag}-file FILE (- for standard input).`);
    default:
      return word;
  }
}

/** The content of a file as the value of a field. One closing line break belongs to the file, not to the value. */
export function parseFile(field: Field, bytes: Uint8Array): unknown {
  if (field.kind === 'bytes') return Uint8Array.from(bytes);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`The file for ${field.key} is not text.`);
  }
  text = text.replace(/\r?\n$/, '');
  // Secret words are separated by any white space, other lists by lines: shares too, which are many words each.
  const byWords = field.secret && field.key !== 'shares';
  if (field.kind === 'strings') return text.split(byWords ? /\s+/ : /\r?\n/).filter((part) => part.trim() !== '');
  return parseValue(field, text);
}

function parseBoolean(flag: string, word: string): boolean {
  if (/^(true|yes|on|1)$/i.test(word)) return true;
  if (/^(false|no|off|0)$/i.test(word)) return false;
  throw new UsageError(`--${flag} takes true or false, not "${word}".`);
}

const powers: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4 };
const powerOf: Readonly<Record<SizeUnit, number>> = { B: 0, MiB: 2, GiB: 3 };

/** A number by itself counts the field's own unit; `64K`, `512M`, `2G`, `1T` (also `2GiB`) say theirs. */
export function parseSize(flag: string, word: string, unit: SizeUnit): number {
  const match = /^(\d+(?:\.\d+)?)\s*(?:([KMGT])(?:i?B)?)?$/i.exec(word);
  if (!match) throw new UsageError(`--${flag} takes a size such as 256, 512M or 2G, not "${word}".`);
  const power = match[2] === undefined ? powerOf[unit] : (powers[match[2].toLowerCase()] ?? 0);
  return Number(match[1]) * 1024 ** (power - powerOf[unit]);
}

const spans: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A time in milliseconds since 1970: itself, a span from `now` (`30d`), or a date, in this computer's zone unless it says its own. */
export function parseTime(flag: string, word: string, now: number): number {
  const span = /^(\d{1,6})([mhdw])$/.exec(word);
  if (span) return now + Number(span[1]) * (spans[span[2] ?? ''] ?? 0);
  // Without a unit only what can be nothing else: `30` would be the first moment of 1970.
  if (/^\d{12,15}$/.test(word)) return Number(word);
  const date = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?(Z|[+-]\d\d:\d\d)?)?$/.exec(word);
  if (date) {
    const [, year, month, day, hour, minute, second, zone] = date;
    // A date alone would be UTC (ECMA-262, Date Time String Format); a person means the day here.
    const at = Date.parse(`${year}-${month}-${day}T${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}${zone ?? ''}`);
    const days = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate();
    if (!Number.isNaN(at) && days === Number(day)) return at;
  }
  throw new UsageError(
    `--${flag} takes a time: from now (90m, 12h, 30d), or a date (2027-01-31, 2027-01-31T18:00), not "${word}".`,
  );
}
