/**
 * The part of TOML 1.0 that configurations of zstor use: tables, arrays of tables, bare, quoted and dotted keys, strings of one line, integers,
 * booleans, arrays and inline tables. What else TOML has (dates, floats, strings of several lines) is refused with the line it is on,
 * as is anything that TOML itself forbids (a key or table given twice, say). Nothing is guessed.
 */
export type TomlValue = string | number | boolean | readonly TomlValue[] | TomlTable;
export interface TomlTable {
  readonly [key: string]: TomlValue;
}

/** What is wrong, and on which line (from 1). Never a value: some are passwords. */
export class TomlError extends Error {
  readonly line: number;
  constructor(line: number, why: string) {
    super(why);
    this.line = line;
  }
}

/** Longest text read, in UTF-16 units. A configuration of a hundred backends has 20,000. */
export const mostToml = 1024 * 1024;
const mostDepth = 16;

/** A table while it is read. `open`: more keys may come to it by a header or dots; else it was written whole. */
interface Table {
  readonly values: Map<string, Value>;
  how: 'implied' | 'header' | 'dotted' | 'inline';
}
type Value = string | number | boolean | Table | Value[] | { readonly tables: Table[] };

const isTable = (value: Value): value is Table =>
  typeof value === 'object' && 'values' in value && value.values instanceof Map;
const isTables = (value: Value): value is { readonly tables: Table[] } =>
  typeof value === 'object' && !Array.isArray(value) && 'tables' in value;

/** @throws TomlError */
export function parseToml(text: string): TomlTable {
  if (text.length > mostToml) throw new TomlError(1, 'it is longer than any configuration');
  return new Parser(text).document();
}

class Parser {
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text.startsWith('\ufeff') ? text.slice(1) : text;
  }

  document(): TomlTable {
    const root: Table = { values: new Map(), how: 'header' };
    let table = root;
    for (;;) {
      this.#blank();
      if (this.#at >= this.#text.length) return plain(root);
      if (this.#text[this.#at] === '[') table = this.#header(root);
      else this.#pair(table);
      this.#lineEnd();
    }
  }

  #fail(why: string): never {
    throw new TomlError(this.#line, why);
  }
  #next(): string {
    return this.#text[this.#at] ?? '';
  }
  #expect(sign: string): void {
    if (!this.#text.startsWith(sign, this.#at)) this.#fail(`${sign} is missing`);
    this.#at += sign.length;
  }
  #spaces(): void {
    while (this.#next() === ' ' || this.#next() === '\t') this.#at++;
  }
  #comment(): void {
    if (this.#next() !== '#') return;
    for (; this.#at < this.#text.length && this.#next() !== '\n'; this.#at++) {
      if (isControl(this.#next()) && !this.#text.startsWith('\r\n', this.#at))
        this.#fail('a comment holds a control character');
    }
  }
  #newline(): boolean {
    const length = this.#text.startsWith('\r\n', this.#at) ? 2 : this.#next() === '\n' ? 1 : 0;
    this.#at += length;
    if (length > 0) this.#line++;
    return length > 0;
  }
  /** Spaces, comments and ends of lines. */
  #blank(): void {
    do {
      this.#spaces();
      this.#comment();
    } while (this.#newline());
  }
  #lineEnd(): void {
    this.#spaces();
    this.#comment();
    if (this.#at < this.#text.length && !this.#newline()) this.#fail('something follows that does not belong there');
  }

  #header(root: Table): Table {
    this.#expect('[');
    const many = this.#next() === '[';
    if (many) this.#at++;
    const keys = this.#keys();
    this.#expect(many ? ']]' : ']');
    let table = root;
    for (const key of keys.slice(0, -1)) {
      const there = table.values.get(key);
      if (there === undefined) table = this.#put(table, key, { values: new Map(), how: 'implied' });
      else if (isTables(there)) table = there.tables.at(-1) as Table;
      else if (isTable(there) && there.how !== 'inline') table = there;
      else this.#fail(`${key} is a value already, not a table`);
    }
    const last = keys.at(-1) ?? '';
    const there = table.values.get(last);
    const made: Table = { values: new Map(), how: 'header' };
    if (many) {
      if (there === undefined) table.values.set(last, { tables: [made] });
      else if (isTables(there)) there.tables.push(made);
      else this.#fail(`${last} was given already, not as a list of tables`);
      return made;
    }
    if (there === undefined) return this.#put(table, last, made);
    if (isTable(there) && there.how === 'implied') {
      there.how = 'header';
      return there;
    }
    return this.#fail(`the table ${last} is given twice`);
  }

  #put(table: Table, key: string, made: Table): Table {
    table.values.set(key, made);
    return made;
  }

  #pair(into: Table, depth = 0): void {
    const keys = this.#keys();
    this.#expect('=');
    this.#spaces();
    let table = into;
    for (const key of keys.slice(0, -1)) {
      const there = table.values.get(key);
      if (there === undefined) table = this.#put(table, key, { values: new Map(), how: 'dotted' });
      else if (isTable(there) && there.how === 'dotted') table = there;
      else this.#fail(`${key} was given already`);
    }
    const last = keys.at(-1) ?? '';
    if (table.values.has(last)) this.#fail(`${last} is given twice`);
    table.values.set(last, this.#value(depth));
  }

  /** Keys joined by dots, with spaces around them. */
  #keys(): string[] {
    const keys: string[] = [];
    do {
      if (keys.length > 0) this.#at++;
      this.#spaces();
      keys.push(this.#key());
      this.#spaces();
      if (keys.length > mostDepth) this.#fail('tables lie too deep in one another');
    } while (this.#next() === '.');
    return keys;
  }
  #key(): string {
    if (this.#next() === '"' || this.#next() === "'") return this.#string();
    const key = this.#match(/[A-Za-z0-9_-]+/y);
    return key === '' ? this.#fail('a key is missing') : key;
  }
  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #value(depth: number): Value {
    if (depth > mostDepth) this.#fail('values lie too deep in one another');
    const sign = this.#next();
    if (sign === '"' || sign === "'") return this.#string();
    if (sign === '[') return this.#array(depth);
    if (sign === '{') return this.#inline(depth);
    const word = this.#match(/[A-Za-z0-9_+.:-]+/y);
    if (word === 'true' || word === 'false') return word === 'true';
    if (
      /^(?:[+-]?(?:0|[1-9](?:_?[0-9])*)|0x[0-9A-Fa-f](?:_?[0-9A-Fa-f])*|0o[0-7](?:_?[0-7])*|0b[01](?:_?[01])*)$/.test(
        word,
      )
    ) {
      const value = Number(word.replaceAll('_', ''));
      return Number.isSafeInteger(value) ? value + 0 : this.#fail('a number is too large');
    }
    return this.#fail(
      word === '' ? 'a value is missing' : 'a value is neither text in quotes, nor a whole number, nor true or false',
    );
  }

  #array(depth: number): Value[] {
    this.#expect('[');
    const values: Value[] = [];
    for (;;) {
      this.#blank();
      if (this.#next() === ']') break;
      values.push(this.#value(depth + 1));
      this.#blank();
      if (this.#next() !== ',') break;
      this.#at++;
    }
    this.#expect(']');
    return values;
  }

  #inline(depth: number): Table {
    this.#expect('{');
    const table: Table = { values: new Map(), how: 'inline' };
    this.#spaces();
    if (this.#next() !== '}') {
      for (;;) {
        this.#pair(table, depth + 1);
        this.#spaces();
        if (this.#next() !== ',') break;
        this.#at++;
      }
    }
    this.#expect('}');
    return table;
  }

  #string(): string {
    const quote = this.#next();
    if (this.#text.startsWith(quote.repeat(3), this.#at)) this.#fail('text over several lines is not read here');
    this.#at++;
    let out = '';
    for (;;) {
      const sign = this.#next();
      if (sign === '' || (isControl(sign) && sign !== '\t')) this.#fail('text is not closed by a quote on its line');
      this.#at++;
      if (sign === quote) return out;
      out += sign === '\\' && quote === '"' ? this.#escape() : sign;
    }
  }
  #escape(): string {
    const sign = this.#next();
    this.#at++;
    const short = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', '"': '"', '\\': '\\' }[sign];
    if (short !== undefined) return short;
    const digits = this.#match(sign === 'u' ? /[0-9A-Fa-f]{4}/y : sign === 'U' ? /[0-9A-Fa-f]{8}/y : /(?!)/y);
    const code = Number.parseInt(digits, 16);
    if (digits === '' || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
      this.#fail('an escape in text is not known');
    return String.fromCodePoint(code);
  }
}

function isControl(sign: string): boolean {
  const code = sign.charCodeAt(0);
  return (code < 32 && sign !== '\t') || code === 127;
}

function plain(table: Table): TomlTable {
  // No prototype: a key may be called __proto__.
  const out: Record<string, TomlValue> = Object.create(null);
  for (const [key, value] of table.values) out[key] = plainValue(value);
  return out;
}
function plainValue(value: Value): TomlValue {
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(plainValue);
  return isTables(value) ? value.tables.map(plain) : plain(value);
}
