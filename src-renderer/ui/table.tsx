import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { type CSSProperties, type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { useT } from '../lib/i18n.ts';
import { cx } from './cx.ts';

export interface Column<T> {
  key: string;
  header: string;
  cell: (row: T) => ReactNode;
  /** Numbers stand at the end. */
  align?: 'start' | 'end';
  /** CSS width, for example `7rem`; one column should have none and take the rest. */
  width?: string;
  sortable?: boolean;
  /** The header is for screen readers only (row actions). */
  headerHidden?: boolean;
  /** Left out on narrow windows. */
  wideOnly?: boolean;
  /**
   * On a phone: another width, in which a shape fits and no word, or false to be left out. The column without a width
   * keeps room to be read.
   */
  phone?: string | false;
}

export interface Sort {
  key: string;
  descending: boolean;
}

export interface TableProps<T> {
  /** Names the table for screen readers. */
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  /** Enter or double click on a row; a single click too unless rows can be selected. */
  onOpen?: (row: T) => void;
  /** Keys of the selected rows; leave out for a table without selection. */
  selected?: ReadonlySet<string>;
  onSelect?: (next: ReadonlySet<string>) => void;
  sort?: Sort;
  onSort?: (next: Sort) => void;
  /** Only the rows in sight are made: for lists that may be long. The table then scrolls by itself and fills its parent. */
  virtual?: boolean;
  /** Total rows when `rows` is a part of them. */
  total?: number;
  /** Called as the last row comes into sight. */
  onEnd?: () => void;
  /** Wraps a row's content, for example in a context menu trigger; gets and returns the `tr`. */
  wrapRow?: (row: T, tr: ReactNode) => ReactNode;
  rowProps?: (row: T) => Record<string, unknown>;
}

const rowHeight = 36;

/**
 * Hairlines, 36 px rows, arrow keys. One row is in the tab order; arrows, Home, End and Page keys move; Enter opens,
 * Space selects, Shift and Ctrl/Cmd widen the selection as file managers do.
 */
export function Table<T>(props: TableProps<T>) {
  const { label, columns, rows, rowKey, onOpen, selected, onSelect, virtual = false, total } = props;
  const t = useT();
  const scroller = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const [active, setActive] = useState(0);
  const anchor = useRef(0);
  const virtualizer = useVirtualizer({
    count: virtual ? rows.length : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    // The header stays in sight and covers the first row's height.
    scrollPaddingStart: rowHeight,
    onChange: (v) => {
      const last = v.range?.endIndex ?? 0;
      if (props.onEnd && rows.length > 0 && last >= rows.length - 1) props.onEnd();
    },
  });
  const current = Math.min(active, Math.max(0, rows.length - 1));

  const focusRow = (index: number) => {
    const at = Math.min(rows.length - 1, Math.max(0, index));
    setActive(at);
    if (virtual) virtualizer.scrollToIndex(at);
    requestAnimationFrame(() => body.current?.querySelector<HTMLElement>(`[data-index="${at}"]`)?.focus());
    return at;
  };
  const range = (from: number, to: number) =>
    new Set(rows.slice(Math.min(from, to), Math.max(from, to) + 1).map(rowKey));
  const toggle = (index: number) => {
    const row = rows[index];
    if (!row || !selected || !onSelect) return;
    const next = new Set(selected);
    if (!next.delete(rowKey(row))) next.add(rowKey(row));
    anchor.current = index;
    onSelect(next);
  };
  const pick = (index: number, event: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }) => {
    if (!onSelect) return;
    if (event.shiftKey) onSelect(range(anchor.current, index));
    else if (event.ctrlKey || event.metaKey) toggle(index);
    else {
      anchor.current = index;
      onSelect(range(index, index));
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Keys inside a row's own controls are theirs.
    if (!(event.target instanceof HTMLElement) || event.target.dataset.index === undefined) return;
    const steps: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: 12,
      PageUp: -12,
      Home: -1e9,
      End: 1e9,
    };
    const step = steps[event.key];
    const row = rows[current];
    if (step !== undefined) {
      event.preventDefault();
      const at = focusRow(current + step);
      if (event.shiftKey && onSelect) onSelect(range(anchor.current, at));
    } else if (event.key === 'Enter' && row && onOpen) onOpen(row);
    else if (event.key === ' ' && onSelect) {
      event.preventDefault();
      toggle(current);
    } else if (event.key === 'a' && (event.ctrlKey || event.metaKey) && onSelect) {
      event.preventDefault();
      onSelect(range(0, rows.length - 1));
    }
  };

  const items = virtual ? virtualizer.getVirtualItems().map((v) => v.index) : rows.map((_, i) => i);
  const before = virtual ? (items[0] ?? 0) * rowHeight : 0;
  const after = virtual ? (rows.length - 1 - (items.at(-1) ?? rows.length - 1)) * rowHeight : 0;

  const rowOf = (index: number) => {
    const row = rows[index];
    if (!row) return null;
    const key = rowKey(row);
    const tr = (
      <tr
        key={key}
        {...props.rowProps?.(row)}
        data-index={index}
        tabIndex={index === current ? 0 : -1}
        aria-rowindex={index + 2}
        aria-selected={selected ? selected.has(key) : undefined}
        onFocus={() => setActive(index)}
        onClick={(event) => (onSelect ? pick(index, event) : onOpen?.(row))}
        onDoubleClick={() => onSelect && onOpen?.(row)}
        className={cx(
          'h-9 border-b border-line focus-visible:-outline-offset-2 aria-selected:bg-selection',
          (onOpen || onSelect) && 'cursor-default hover:bg-hover aria-selected:hover:bg-selection',
        )}
      >
        {columns.map((column) => (
          <td
            key={column.key}
            className={cx(
              'truncate px-2 py-0 first:ps-3 last:pe-3',
              column.align === 'end' && 'text-end',
              hiding(column),
            )}
          >
            {column.cell(row)}
          </td>
        ))}
      </tr>
    );
    return props.wrapRow ? props.wrapRow(row, tr) : tr;
  };

  return (
    <div ref={scroller} className={cx(virtual ? 'h-full min-h-0 overflow-y-auto' : 'overflow-x-auto', 'w-full')}>
      <table
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a grid: rows take focus and arrow keys
        role="grid"
        aria-label={label}
        aria-rowcount={(total ?? rows.length) + 1}
        aria-multiselectable={selected ? true : undefined}
        onKeyDown={onKeyDown}
        className="w-full table-fixed border-collapse text-sm"
      >
        <thead className="sticky top-0 z-10 bg-surface">
          <tr aria-rowindex={1} className="h-9 border-b border-line">
            {columns.map((column) => (
              <Header
                key={column.key}
                column={column}
                sort={props.sort}
                onSort={props.onSort}
                sortLabel={(c) => t('common.sortBy', { column: c })}
              />
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {before > 0 && <tr aria-hidden style={{ height: before }} />}
          {items.map(rowOf)}
          {after > 0 && <tr aria-hidden style={{ height: after }} />}
        </tbody>
      </table>
    </div>
  );
}

/** Both widths as variables, for the sheet alone knows how wide the window is. */
const widthsOf = (column: { width?: string; phone?: string | false }): CSSProperties | undefined =>
  column.width ? ({ '--wide': column.width, '--phone': column.phone || column.width } as CSSProperties) : undefined;

const hiding = (column: { wideOnly?: boolean; phone?: string | false }) =>
  cx(column.wideOnly && 'max-[1099px]:hidden', column.phone === false && 'max-[699px]:hidden');

function Header<T>({
  column,
  sort,
  onSort,
  sortLabel,
}: {
  column: Column<T>;
  sort: Sort | undefined;
  onSort: ((next: Sort) => void) | undefined;
  sortLabel: (column: string) => string;
}) {
  const sorted = sort?.key === column.key;
  const Arrow = sort?.descending ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      style={widthsOf(column)}
      aria-sort={sorted ? (sort.descending ? 'descending' : 'ascending') : undefined}
      className={cx(
        'truncate px-2 font-normal text-ink-soft first:ps-3 last:pe-3',
        column.width && 'w-(--wide) max-[699px]:w-(--phone)',
        column.align === 'end' ? 'text-end' : 'text-start',
        hiding(column),
      )}
    >
      {column.sortable && onSort ? (
        <button
          type="button"
          title={sortLabel(column.header)}
          onClick={() => onSort({ key: column.key, descending: sorted ? !sort.descending : false })}
          className="inline-flex items-center gap-1 rounded-sm hover:text-ink"
        >
          {column.header}
          {sorted && <Arrow aria-hidden className="size-3.5" strokeWidth={1.75} />}
        </button>
      ) : column.headerHidden ? (
        <span className="sr-only">{column.header}</span>
      ) : (
        <span className={column.phone ? 'max-[699px]:sr-only' : undefined}>{column.header}</span>
      )}
    </th>
  );
}
