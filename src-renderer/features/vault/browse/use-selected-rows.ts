import { useMemo } from 'react';
import type { Row, Rows } from './rows.ts';
import type { Selection } from './selection.ts';

/** The selected rows, in the list's order; those that are gone meanwhile are left out. */
export function useSelectedRows(rows: Rows, selection: Selection): readonly Row[] {
  return useMemo(() => {
    const { ids, cursor } = selection;
    const near = rows.at(cursor);
    if (ids.size === 1 && near && ids.has(near.id)) return [near];
    const found: Row[] = [];
    for (let i = 0; i < rows.count && found.length < ids.size; i += 1) {
      const row = rows.at(i);
      if (row && ids.has(row.id)) found.push(row);
    }
    return found;
  }, [rows, selection]);
}
