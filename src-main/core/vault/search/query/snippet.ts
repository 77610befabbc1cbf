import type { Clause } from '../index/occurrences.ts';
import { eachToken } from '../text/tokens.ts';

/** A piece of a text around what was found in it, and where that stands in it (UTF-16 offsets, end exclusive, ascending). */
export interface Snippet {
  readonly text: string;
  readonly marks: readonly (readonly [number, number])[];
}

const around = 60;
const mostMarks = 40;

/** The piece of a passage, at most `length` characters, in which most of what is looked for stands together. */
export function makeSnippet(passage: string, clauses: readonly Clause[], length = 240): Snippet {
  const marks = findMarks(passage, clauses);
  const start = marks.length === 0 ? 0 : windowStart(passage, marks, length);
  const from = start === 0 ? 0 : wordAfter(passage, start);
  const to = from + length >= passage.length ? passage.length : wordBefore(passage, from + length, from);
  const lead = from > 0 ? '… ' : '';
  // One character for another, so that the offsets stay true.
  const text = passage.slice(from, to).replaceAll(/[\s\p{Cc}\u2028\u2029]/gu, ' ');
  return {
    text: `${lead}${text}${to < passage.length ? ' …' : ''}`,
    marks: marks
      .filter(([s, e]) => s >= from && e <= to)
      .slice(0, mostMarks)
      .map(([s, e]) => [s - from + lead.length, e - from + lead.length]),
  };
}

/** Where words of the clauses stand, joined where they touch. */
export function findMarks(text: string, clauses: readonly Clause[]): [number, number][] {
  const words = new Set<string>();
  const beginnings: string[] = [];
  for (const { terms, prefix } of clauses) {
    terms.forEach((one, i) => {
      if (one.prefix || (prefix && i === terms.length - 1)) beginnings.push(one.term);
      else words.add(one.term);
    });
  }
  const marks: [number, number][] = [];
  eachToken(text, (term, start, end) => {
    if (!words.has(term) && !beginnings.some((beginning) => term.startsWith(beginning))) return;
    const last = marks.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else marks.push([start, end]);
  });
  return marks;
}

/** Where a window has the most different marked words in it. */
function windowStart(text: string, marks: readonly [number, number][], length: number): number {
  let best = 0;
  let most = -1;
  for (let i = 0; i < marks.length; i++) {
    const [from] = marks[i] as [number, number];
    const seen = new Set<string>();
    let n = 0;
    for (let j = i; j < marks.length && (marks[j] as [number, number])[1] <= from + length - around; j++) {
      const [s, e] = marks[j] as [number, number];
      seen.add(text.slice(s, e).toLowerCase());
      n++;
    }
    const worth = seen.size * 100 + Math.min(n, 50);
    if (worth > most) {
      most = worth;
      best = from;
    }
  }
  return Math.max(0, best - around);
}

function wordAfter(text: string, at: number): number {
  const gap = text.slice(at, at + 30).search(/\s\S/);
  if (gap >= 0) return at + gap + 1;
  return isHalf(text, at) ? at + 1 : at;
}

function wordBefore(text: string, at: number, from: number): number {
  const near = text.slice(Math.max(from, at - 30), at);
  const gap = near.search(/\s\S*$/);
  if (gap > 0) return Math.max(from, at - 30) + gap;
  return isHalf(text, at) ? at - 1 : at;
}

/** In the middle of a character of two units. */
const isHalf = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff;
};
