import { cutTo, padTo, widthOf } from './text.ts';

export type Thing = Readonly<Record<string, unknown>>;

/** One cell; `-` and the empty text mean that there is nothing to show. */
export type Cell = (key: string, value: unknown) => string;

const maxCell = 48;
const gap = 2;

/** What a thing is called, and how it is: the columns a person looks for first. */
const names = ['name', 'title', 'summary', 'path', 'text', 'petname', 'label'];
const states = ['state', 'outcome', 'health', 'safety', 'kind', 'effect', 'revokedAt', 'until'];
/** Of what is between people, with whom. */
const whose = ['who'];
const leading = ['seq', ...names, ...whose, ...states, 'id'];

/** Lists that a table must not be without: who is let in. Rather cut than left out, where there is room for these columns. */
const lists = ['allow'];
const leastOfList = 'everybody'.length;
/** As is why something does not work: half a sentence says more than none. */
const shortened = [...lists, 'reason'];

/** Whom the person gave a name is called by that one, which commands take; what they claim for a name stands behind, under words that say so. */
const claimed = 'calls themselves';

/**
 * Rows as a table no wider than `width`: first what a thing is called and how it is, then the rest in the contract's order
 * for as long as it fits, long cells cut; whole where there is no width to keep to. One level of nested things is taken in; what is empty in every row is left out.
 */
export function table(rows: readonly Thing[], cell: Cell, width: number): string[] {
  const flat = rows.map(flatten);
  const longest = Number.isFinite(width) ? maxCell : width;
  const all = [...new Set(flat.flatMap((row) => Object.keys(row)))];
  const place = new Map(all.map((key, i) => [key, rank(key, i)]));
  const columns: { key: string; cells: string[]; width: number }[] = [];
  let taken = 0;
  for (const key of all.sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0))) {
    const most = shortened.includes(key) ? Math.min(longest, Math.max(leastOfList, width - taken - gap)) : longest;
    const cells = flat.map((row) => cutTo(cell(key, row[key]), most));
    if (cells.every((text) => text === '-' || text === '')) continue;
    const own = Math.max(widthOf(key), ...cells.map(widthOf));
    // The first is shown however narrow the terminal is.
    if (columns.length > 0 && taken + gap + own > width) continue;
    taken += own + gap;
    columns.push({ key, cells, width: own });
  }
  const line = (parts: readonly string[]) =>
    parts
      .map((part, i) => padTo(part, columns[i]?.width ?? 0))
      .join(' '.repeat(gap))
      .trimEnd();
  return [
    line(columns.map(({ key }) => key.toUpperCase())),
    ...rows.map((_, i) => line(columns.map((c) => c.cells[i] ?? ''))),
  ];
}

function rank(key: string, index: number): number {
  const at = leading.indexOf(key);
  return at < 0 ? leading.length + index : at;
}

/**
 * `{ id, spec: { name, image } }` is named by its part, whose members become its own. `{ summary, caller: { name } }` has a
 * name already: the caller's is shown as `caller`. Of any other part the members are shown as `part.member`.
 */
function flatten(row: Thing): Record<string, unknown> {
  const own = Object.entries(row).filter(
    ([key, value]) => isPlain(value) || (lists.includes(key) && Array.isArray(value)),
  );
  const flat: Record<string, unknown> = Object.fromEntries(
    own.map(([key, value]) => [key === 'name' && typeof row.petname === 'string' ? claimed : key, value]),
  );
  const named = names.some((key) => key in flat);
  for (const [part, value] of Object.entries(row)) {
    if (!isThing(value)) continue;
    if (named && typeof value.name === 'string') {
      flat[part] = value.name;
      continue;
    }
    const lift = !named && names.some((key) => key in value);
    for (const [key, member] of Object.entries(value)) {
      if (isPlain(member)) flat[lift && !(key in flat) ? key : `${part}.${key}`] = member;
    }
  }
  return flat;
}

const isPlain = (value: unknown): boolean => typeof value !== 'object' || value === null || value instanceof Uint8Array;

export function isThing(value: unknown): value is Thing {
  return !isPlain(value) && !Array.isArray(value);
}
