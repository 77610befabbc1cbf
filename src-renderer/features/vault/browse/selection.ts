/** Which rows are selected, where the cursor is, and where a range began. Rows are known by id, positions by index. */
export interface Selection {
  readonly ids: ReadonlySet<string>;
  /** The row the keyboard is on; -1 in an empty list. */
  readonly cursor: number;
  /** The fixed end of a range. */
  readonly anchor: number;
}

export const noSelection: Selection = { ids: new Set(), cursor: 0, anchor: 0 };

/** Id of the row at an index; null while that row is not loaded yet. */
export type IdAt = (index: number) => string | null;

export interface Modifiers {
  readonly range: boolean;
  readonly toggle: boolean;
}

const clamp = (index: number, count: number) => Math.max(0, Math.min(count - 1, index));

/** A click, as file managers take it: alone selects one, Ctrl/Cmd adds or takes away, Shift selects from the anchor. */
export function pick(selection: Selection, index: number, how: Modifiers, idAt: IdAt): Selection {
  if (how.range) return { ids: between(selection.anchor, index, idAt), cursor: index, anchor: selection.anchor };
  const id = idAt(index);
  if (id === null) return { ...selection, cursor: index };
  if (!how.toggle) return { ids: new Set([id]), cursor: index, anchor: index };
  const ids = new Set(selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { ids, cursor: index, anchor: index };
}

/** An arrow key: moves the cursor and takes the selection along; with Shift it widens from the anchor. */
export function step(selection: Selection, by: number, count: number, extend: boolean, idAt: IdAt): Selection {
  if (count === 0) return noSelection;
  // The first arrow key in a fresh list goes to the row the cursor is on.
  const fresh = selection.ids.size === 0 && !extend;
  const to = clamp(fresh && Math.abs(by) === 1 ? selection.cursor : selection.cursor + by, count);
  return pick(selection, to, { range: extend, toggle: false }, idAt);
}

/** Move the cursor without touching what is selected (Ctrl + arrow). */
export function glide(selection: Selection, by: number, count: number): Selection {
  return count === 0 ? noSelection : { ...selection, cursor: clamp(selection.cursor + by, count) };
}

export function all(selection: Selection, ids: Iterable<string>): Selection {
  return { ...selection, ids: new Set(ids) };
}

function between(a: number, b: number, idAt: IdAt): Set<string> {
  const ids = new Set<string>();
  for (let i = Math.min(a, b); i <= Math.max(a, b); i += 1) {
    const id = idAt(i);
    if (id !== null) ids.add(id);
  }
  return ids;
}
