import type { Clause } from '../index/occurrences.ts';
import { foldText } from '../text/fold.ts';
import { queryTerms } from '../text/tokens.ts';
import { type Span, timeSpan } from './dates.ts';

/** Something that a file must have, or must not, in its name or its text. */
export interface Wanted {
  /** As it would stand in a name: folded, found anywhere in it. Empty for what only a text can have. */
  readonly inName: string;
  /** What to look for in texts; null when there is no word in it. */
  readonly clause: Clause | null;
}

/** What a person typed, understood. Nothing is ever wrong: what makes no sense as a filter is looked for as words. */
export interface Query {
  readonly all: readonly Wanted[];
  readonly none: readonly Wanted[];
  readonly filters: Filters;
}
export interface Filters {
  /** Folded parts of names. */
  readonly names: readonly string[];
  /** A kind (`image`), an ending (`docx`) or a MIME type (`image/png`); any of them. */
  readonly types: readonly string[];
  readonly notTypes: readonly string[];
  /** Paths or ids of folders; below any of them. */
  readonly folders: readonly string[];
  readonly notFolders: readonly string[];
  /** Changed at or after, and before: milliseconds. */
  readonly from: number | null;
  readonly to: number | null;
}

/** What is looked for at once, at most; the rest of the words is left out. */
const mostWanted = 12;

const filterNames = new Set(['name', 'type', 'in', 'after', 'before', 'on']);
/** -? (filter:)? then something in quotes (the last may be open) or up to the next blank. */
const part = /(-?)(?:([a-zA-Z]+):)?(?:"([^"]*)(?:"|$)(\*?)|(\S+))/g;

/**
 * Words are all wanted, in any order; `"several words"` as they stand; `begin*`; `-without`; `name:`, `type:`, `in:`, `after:`, `before:` and
 * `on:` with a date (2026, 2026-11, 2026-11-23, today, yesterday, 7d, 2w, 3m, 1y).
 *
 * @param typing the last word may be unfinished: it is taken for the beginning of one too
 */
export function parseQuery(text: string, now: number, typing = false): Query {
  const all: Wanted[] = [];
  const none: Wanted[] = [];
  const f = {
    names: [] as string[],
    types: [] as string[],
    notTypes: [] as string[],
    folders: [] as string[],
    notFolders: [] as string[],
    from: null as number | null,
    to: null as number | null,
  };
  const plain = text.normalize('NFC').replaceAll(/[“”„«»]/g, '"');
  const matches = [...plain.matchAll(part)];
  for (const [i, match] of matches.entries()) {
    const [whole, minus, key, quoted, star, bare] = match;
    const value = quoted ?? bare ?? '';
    const not = minus === '-';
    const name = key?.toLowerCase();
    if (name !== undefined && filterNames.has(name) && value !== '' && applied(f, name, value, not, now)) continue;
    // Not a filter, so the colon was part of what was meant.
    const words = key === undefined ? value : `${key}:${value}`;
    const last = i === matches.length - 1 && typing && quoted === undefined && !not && plain.endsWith(whole);
    const wanted = wantedOf(words, star === '*', quoted !== undefined, last);
    if (wanted && all.length + none.length < mostWanted) (not ? none : all).push(wanted);
  }
  return { all, none, filters: f };
}

interface Growing {
  names: string[];
  types: string[];
  notTypes: string[];
  folders: string[];
  notFolders: string[];
  from: number | null;
  to: number | null;
}

/** @returns false when the value makes no sense for this filter */
function applied(f: Growing, name: string, value: string, not: boolean, now: number): boolean {
  if (name === 'name') {
    if (not) return false;
    f.names.push(foldText(value.replace(/\*$/, '')));
    return true;
  }
  if (name === 'type') {
    (not ? f.notTypes : f.types).push(value.toLowerCase().replace(/^\./, ''));
    return true;
  }
  if (name === 'in') {
    (not ? f.notFolders : f.folders).push(value);
    return true;
  }
  const span: Span | null = not ? null : timeSpan(value, now);
  if (!span) return false;
  // What began that day counts as after it, as people say it.
  if (name !== 'before') f.from = Math.max(f.from ?? span.from, span.from);
  const end = name === 'before' ? span.from : span.to;
  if (name !== 'after') f.to = Math.min(f.to ?? end, end);
  return true;
}

function wantedOf(words: string, starred: boolean, quoted: boolean, unfinished: boolean): Wanted | null {
  const star = starred || (!quoted && words.endsWith('*'));
  const bare = quoted ? words : words.replaceAll('*', '');
  const terms = queryTerms(bare);
  const inName = foldText(bare.trim());
  if (terms.length === 0) return inName === '' ? null : { inName, clause: null };
  const ends = /[\p{L}\p{N}]$/u.test(bare);
  const long = (terms.at(-1)?.term.length ?? 0) >= 2;
  return { inName, clause: { terms, prefix: ends && (star || (unfinished && long)) } };
}
