// biome-ignore-all lint/a11y/useSemanticElements: rows are placed absolutely (virtual list), which table elements cannot be
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid keeps the focus and names its row by aria-activedescendant
// biome-ignore-all lint/a11y/useKeyWithClickEvents: keys are handled by the grid
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import {
  type DragEvent,
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import type { ItemId } from '#shared/model/ids.ts';
import { useT } from '../../../lib/i18n.ts';
import { useSafetyWords } from '../../../lib/safety.ts';
import { cx } from '../../../ui/cx.ts';
import {
  checkedCell,
  dateCell,
  FileRow,
  type FileRowHandlers,
  heightOf,
  rowGrid,
  rowHeight,
  safetyCell,
} from './file-row.tsx';
import type { Row, Rows } from './rows.ts';
import { all, glide, pick, type Selection, step } from './selection.ts';
import { createTypeAhead } from './type-ahead.ts';
import type { ListSort } from './use-listing.ts';
import { useStable } from './use-stable.ts';

export interface FileListProps {
  label: string;
  rows: Rows;
  selection: Selection;
  onSelection: (next: Selection) => void;
  onOpen: (row: Row) => void;
  sort?: ListSort;
  onSort?: (sort: ListSort) => void;
  inBin?: boolean;
  /** Rows may show a piece of their text, and be taller for it. */
  found?: boolean;
  /** Up one folder. */
  onUp?: () => void;
  onDelete?: () => void;
  onRename?: (row: Row, name: string) => void;
  renaming?: ItemId | null;
  onRenaming?: (id: ItemId | null) => void;
  onPress?: (row: Row) => void;
  onDragStart?: (event: DragEvent, row: Row) => void;
  onDropOn?: (event: DragEvent, row: Row) => void;
  /** True once: the list takes the keyboard when it appears. */
  takeFocus?: RefObject<boolean>;
  /** A row to bring into sight, with the keyboard; a new object each time. */
  reveal?: { readonly index: number } | null;
  /** Space: look at it without opening. */
  onPeek?: () => void;
}

/**
 * A list that stays smooth at 100,000 rows: only rows in sight exist. The grid keeps the focus and names its current row
 * (aria-activedescendant), so rows may come and go under the keyboard.
 */
export function FileList(props: FileListProps) {
  const { rows, onSelection, inBin = false, found = false } = props;
  // Rows go away under the cursor: it then is on the last one that is left.
  const cursor = Math.max(0, Math.min(props.selection.cursor, rows.count - 1));
  const selection = { ...props.selection, cursor };
  const t = useT();
  const listId = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState(false);
  const words = useSafetyWords();
  const [ahead] = useState(createTypeAhead);
  const virtualizer = useVirtualizer({
    count: rows.count,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (found ? heightOf(rows.at(index)) : rowHeight),
    overscan: 10,
    scrollPaddingStart: rowHeight,
  });
  const items = virtualizer.getVirtualItems();
  const made = items.some((item) => item.index === selection.cursor);
  const { range } = virtualizer;
  const inSight = made && range !== null && selection.cursor >= range.startIndex && selection.cursor <= range.endIndex;
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const { show } = rows;
  useEffect(() => show(first, last), [show, first, last]);
  // What was measured was of other rows.
  const measured = found ? rows : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: other rows have other heights
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, measured]);
  const { takeFocus } = props;
  useEffect(() => {
    if (!takeFocus?.current) return;
    takeFocus.current = false;
    scroller.current?.focus();
  }, [takeFocus]);

  const { reveal } = props;
  useEffect(() => {
    if (!reveal) return;
    virtualizer.scrollToIndex(reveal.index, { align: 'center' });
    scroller.current?.focus({ preventScroll: true });
  }, [reveal, virtualizer]);

  const idAt = (index: number) => rows.at(index)?.id ?? null;
  const go = (next: Selection) => {
    onSelection(next);
    virtualizer.scrollToIndex(next.cursor);
  };
  const open = (index: number) => {
    const row = rows.at(index);
    if (row) props.onOpen(row);
  };
  const onClick = (event: MouseEvent, index: number) => {
    if (event.target instanceof HTMLInputElement) return;
    onSelection(pick(selection, index, { range: event.shiftKey, toggle: event.ctrlKey || event.metaKey }, idAt));
  };
  const current = rows.at(selection.cursor);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const mod = event.ctrlKey || event.metaKey;
    const move = moves[event.key];
    const handled = () => event.preventDefault();
    if (move !== undefined && !event.altKey) {
      handled();
      if (mod && !event.shiftKey) go(glide(selection, move, rows.count));
      else go(step(selection, move, rows.count, event.shiftKey, idAt));
    } else if (mod && event.key.toLowerCase() === 'a') {
      handled();
      void rows.all().then((every) =>
        onSelection(
          all(
            selection,
            every.map((row) => row.id),
          ),
        ),
      );
    } else if (event.key === 'Enter') {
      handled();
      open(selection.cursor);
    } else if (event.key === 'Backspace' || (event.altKey && event.key === 'ArrowUp')) {
      handled();
      props.onUp?.();
    } else if (event.key === 'F2' && current) {
      handled();
      props.onRenaming?.(current.id);
    } else if (event.key === 'Delete') {
      handled();
      if (selection.ids.size > 0) props.onDelete?.();
    } else if (event.key === 'Escape' && selection.ids.size > 0) {
      handled();
      onSelection({ ...selection, ids: new Set() });
    } else if (event.key === ' ' && !ahead.typing(event.timeStamp)) {
      handled();
      if (mod) onSelection(pick(selection, selection.cursor, { range: false, toggle: true }, idAt));
      else props.onPeek?.();
    } else if (event.key.length === 1 && !mod && !event.altKey) {
      handled();
      const name = (i: number) => rows.at(i)?.name ?? null;
      const to = ahead.press(event.key, event.timeStamp, selection.cursor, rows.count, name);
      if (to !== null) go(pick(selection, to, { range: false, toggle: false }, idAt));
    }
  };

  const on = useStable<FileRowHandlers>({
    click: onClick,
    open,
    press: (index) => {
      const row = rows.at(index);
      if (row) props.onPress?.(row);
    },
    dragStart: (event, index) => {
      const row = rows.at(index);
      if (row) props.onDragStart?.(event, row);
    },
    dropOn: (event, row) => props.onDropOn?.(event, row),
    rename: (index, name) => {
      const row = rows.at(index);
      props.onRenaming?.(null);
      scroller.current?.focus();
      if (row && name !== null) props.onRename?.(row, name);
    },
  });
  const rowId = (index: number) => `${listId}-${index}`;
  return (
    <>
      <div
        ref={scroller}
        role="grid"
        tabIndex={0}
        aria-label={props.label}
        aria-multiselectable
        aria-rowcount={rows.count + 1}
        aria-activedescendant={made ? rowId(selection.cursor) : undefined}
        onKeyDown={onKeyDown}
        onFocus={(event) => setFocused(event.target === event.currentTarget)}
        onBlur={() => setFocused(false)}
        className={cx(
          'group @container min-h-0 grow overflow-y-auto',
          // The row shows where the keyboard is; without one in sight the list does.
          inSight ? 'outline-none focus-visible:outline-none' : 'focus-visible:-outline-offset-2',
        )}
      >
        <div role="rowgroup" className="sticky top-0 z-10 bg-surface">
          <Header sort={props.sort} onSort={props.onSort} inBin={inBin} />
        </div>
        <div role="rowgroup" className="relative" style={{ height: virtualizer.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const row = rows.at(index);
            return (
              <FileRow
                key={row?.id ?? `at-${index}`}
                id={rowId(index)}
                row={row}
                index={index}
                top={start}
                selected={row !== null && selection.ids.has(row.id)}
                current={focused && index === selection.cursor}
                renaming={row !== null && props.renaming === row.id}
                inBin={inBin}
                words={words}
                on={on}
              />
            );
          })}
        </div>
      </div>
      <span className="sr-only" aria-live="polite">
        {selection.ids.size > 1 ? t('common.selected', { count: selection.ids.size }) : ''}
      </span>
    </>
  );
}

const moves: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 14,
  PageUp: -14,
  Home: -1e9,
  End: 1e9,
};

function Header({ sort, onSort, inBin }: Pick<FileListProps, 'sort' | 'onSort' | 'inBin'>) {
  const t = useT();
  const columns = [
    { key: 'name', text: t('common.name'), className: '' },
    { key: 'size', text: t('vault.column.size'), className: 'text-end' },
    { key: 'modified', text: inBin ? t('vault.column.binned') : t('vault.column.modified'), className: dateCell },
    { key: null, text: t('vault.column.safety'), className: safetyCell },
    { key: null, text: t('vault.column.verified'), className: checkedCell },
  ] as const;
  return (
    <div role="row" aria-rowindex={1} className={cx(rowGrid, 'h-9 border-b border-line text-sm text-ink-soft')}>
      {columns.map(({ key, text, className }) => {
        const sorted = key !== null && sort?.key === key;
        const Arrow = sort?.descending ? ArrowDown : ArrowUp;
        return (
          <span
            key={text}
            role="columnheader"
            aria-sort={sorted ? (sort.descending ? 'descending' : 'ascending') : undefined}
            className={cx('truncate', className)}
          >
            {key !== null && onSort ? (
              <button
                type="button"
                title={t('common.sortBy', { column: text })}
                onClick={() => onSort({ key, descending: sorted ? !sort.descending : key !== 'name' })}
                className="inline-flex h-6 items-center gap-1 rounded-sm hover:text-ink"
              >
                {text}
                {sorted && <Arrow aria-hidden className="size-3.5" strokeWidth={1.75} />}
              </button>
            ) : (
              // Narrowest there is room for the shape alone, so its word is left to screen readers here too.
              <span className={className === safetyCell ? '@max-[460px]:sr-only' : undefined}>{text}</span>
            )}
          </span>
        );
      })}
    </div>
  );
}
