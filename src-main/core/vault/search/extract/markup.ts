/** Elements whose content nobody reads. */
const unread = new Set(['script', 'style', 'template', 'noscript', 'svg', 'math']);
/** Elements that end a line. */
const lines = new Set(
  'address article aside blockquote br center dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section table td th title tr ul'.split(
    ' ',
  ),
);

/** What a reader of an HTML page sees of it, roughly: tags, comments and scripts dropped, a line for a block. Any text goes. */
export function htmlText(html: string): string {
  return markupText(html, {
    breakAt: (name) => (lines.has(name) ? '\n' : ''),
    skip: (name) => unread.has(name),
  });
}

export interface MarkupRules {
  /** What stands for the beginning and end of an element: a line end, a blank, nothing. */
  breakAt(name: string): string;
  /** Leave out the element with everything in it. */
  skip(name: string): boolean;
  /** Take text only within elements of these names. */
  readonly only?: ReadonlySet<string>;
}

/**
 * Text of HTML or XML, by looking for tags and nothing else: no entity but the named few and numbers, no document type, nothing that could
 * be made to grow. One pass, in time linear to the length.
 */
export function markupText(source: string, { breakAt, skip, only }: MarkupRules): string {
  const out: string[] = [];
  let at = 0;
  let within = 0;
  const text = (piece: string): void => {
    if (piece !== '' && (only === undefined || within > 0))
      out.push(piece.includes('&') ? decodeEntities(piece) : piece);
  };
  while (at < source.length) {
    const open = source.indexOf('<', at);
    if (open < 0) {
      text(source.slice(at));
      break;
    }
    text(source.slice(at, open));
    if (source.startsWith('<!--', open)) {
      at = after(source, '-->', open + 4);
      continue;
    }
    if (source.startsWith('<![CDATA[', open)) {
      const end = source.indexOf(']]>', open);
      if (only === undefined || within > 0) out.push(source.slice(open + 9, end < 0 ? source.length : end));
      at = end < 0 ? source.length : end + 3;
      continue;
    }
    const tag = tagAt(source, open);
    if (!tag) {
      text('<');
      at = open + 1;
      continue;
    }
    at = tag.end;
    if (tag.name === '') continue;
    if (only?.has(tag.name) && !tag.empty) within = Math.max(0, within + (tag.closing ? -1 : 1));
    const gap = breakAt(tag.name);
    if (gap !== '') out.push(gap);
    if (skip(tag.name) && !tag.closing && !tag.empty) at = afterElement(source, tag.name, at);
  }
  return out.join('');
}

interface Tag {
  /** Lower case; empty for what is no element (`<!doctype>`, `<?xml?>`). */
  readonly name: string;
  readonly closing: boolean;
  readonly empty: boolean;
  readonly end: number;
}

const nameAt = /[A-Za-z][A-Za-z0-9:._-]*/y;

/** @returns null when no tag begins here */
function tagAt(source: string, open: number): Tag | null {
  const next = source[open + 1] ?? '';
  if (next === '!' || next === '?') return { name: '', closing: false, empty: true, end: after(source, '>', open) };
  const closing = next === '/';
  nameAt.lastIndex = open + (closing ? 2 : 1);
  const name = nameAt.exec(source)?.[0];
  if (name === undefined) return null;
  let at = nameAt.lastIndex;
  // A ">" in a quoted value ends nothing. A quote that is never closed is no quote, or the rest would be lost.
  for (;;) {
    const close = source.indexOf('>', at);
    if (close < 0) return { name: name.toLowerCase(), closing, empty: true, end: source.length };
    const quote = firstQuote(source, at, close);
    const end = quote < 0 ? -1 : source.indexOf(source[quote] ?? '"', quote + 1);
    if (quote < 0 || end < 0 || end - quote > 65_536) {
      return { name: name.toLowerCase(), closing, empty: source[close - 1] === '/', end: close + 1 };
    }
    at = end + 1;
  }
}

function firstQuote(source: string, from: number, to: number): number {
  for (let i = from; i < to; i++) if (source[i] === '"' || source[i] === "'") return i;
  return -1;
}

function after(source: string, what: string, from: number): number {
  const found = source.indexOf(what, from);
  return found < 0 ? source.length : found + what.length;
}

function afterElement(source: string, name: string, from: number): number {
  for (let at = from; ; ) {
    const close = source.indexOf('</', at);
    if (close < 0) return source.length;
    if (source.slice(close + 2, close + 2 + name.length).toLowerCase() === name) return after(source, '>', close);
    at = close + 2;
  }
}

const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  shy: '',
  auml: 'ä',
  ouml: 'ö',
  uuml: 'ü',
  Auml: 'Ä',
  Ouml: 'Ö',
  Uuml: 'Ü',
  szlig: 'ß',
  eacute: 'é',
  egrave: 'è',
  agrave: 'à',
  ccedil: 'ç',
  ntilde: 'ñ',
  oslash: 'ø',
  aring: 'å',
  aelig: 'æ',
  euro: '€',
  ndash: '–',
  mdash: '—',
  hellip: '…',
};

export function decodeEntities(text: string): string {
  return text.replaceAll(/&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});/g, (all, what: string) => {
    if (!what.startsWith('#')) return named[what] ?? all;
    const code = /^#[xX]/.test(what) ? Number.parseInt(what.slice(2), 16) : Number(what.slice(1));
    return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : ' ';
  });
}
