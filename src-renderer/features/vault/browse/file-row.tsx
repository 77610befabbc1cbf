// biome-ignore-all lint/a11y/useSemanticElements: rows are placed absolutely (virtual list), which table elements cannot be
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid keeps the focus and names its row by aria-activedescendant
// biome-ignore-all lint/a11y/useKeyWithClickEvents: keys are handled by the grid
import { type DragEvent, type MouseEvent, memo, useRef, useState } from 'react';
import { itemNameSchema } from '#shared/contract/vault.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import type { SafetyWords } from '../../../lib/safety.ts';
import { cx } from '../../../ui/cx.ts';
import { Input } from '../../../ui/field.tsx';
import { Marked } from '../../../ui/marked.tsx';
import { State, type Tone } from '../../../ui/state.tsx';
import { Time } from '../../../ui/time.tsx';
import { carriesFiles, carriesItems } from './drag.ts';
import { FileIcon } from './file-icon.tsx';
import type { Row } from './rows.ts';
import { shownName } from './shown-name.ts';

/** Columns: name takes the rest; safety stays; when it was checked, size and date give way in a narrow list. */
export const rowGrid =
  'grid grid-cols-[minmax(0,1fr)_5rem_7rem_11.5rem_7rem] @max-[820px]:grid-cols-[minmax(0,1fr)_5rem_7rem_11.5rem] @max-[620px]:grid-cols-[minmax(0,1fr)_5.5rem_11.5rem] @max-[460px]:grid-cols-[minmax(0,1fr)_4.5rem_0.875rem] items-center gap-x-4 px-3';
export const dateCell = '@max-[620px]:hidden';
/** Narrowest, only the shape is seen; the word is still there for screen readers. */
export const safetyCell = 'overflow-hidden @max-[460px]:text-clip';
/** When all its pieces were last read and found right. */
export const checkedCell = '@max-[820px]:hidden';
export const rowHeight = 36;
/** With two lines of the text that was found below the name. */
const tallRowHeight = 76;
export const heightOf = (row: Row | null): number => (row?.match?.snippet ? tallRowHeight : rowHeight);

/** What a row tells its list, by the row's index. */
export interface FileRowHandlers {
  [name: string]: (...args: never[]) => unknown;
  click: (event: MouseEvent, index: number) => void;
  open: (index: number) => void;
  press: (index: number) => void;
  dragStart: (event: DragEvent, index: number) => void;
  /** Items or files dropped on a folder. */
  dropOn: (event: DragEvent, row: Row) => void;
  /** New name, or null when given up. */
  rename: (index: number, name: string | null) => void;
}

export interface FileRowProps {
  row: Row | null;
  index: number;
  id: string;
  top: number;
  selected: boolean;
  /** The keyboard is here and the list has the focus. */
  current: boolean;
  renaming: boolean;
  /** In the bin the date is that of the deletion. */
  inBin: boolean;
  /** For how safe it is. */
  words: SafetyWords;
  /** Stable for the life of the list. */
  on: FileRowHandlers;
}

export const FileRow = memo(function FileRow(props: FileRowProps) {
  const { row, index, selected, current } = props;
  const t = useT();
  const format = useFormat();
  const [over, setOver] = useState(false);
  const accepts = (event: DragEvent) =>
    row?.kind === 'folder' &&
    !props.inBin &&
    ((carriesItems(event.dataTransfer) && !selected) || carriesFiles(event.dataTransfer));
  const safety = row && props.words[row.safety];
  return (
    <div
      role="row"
      id={props.id}
      aria-rowindex={index + 2}
      aria-selected={selected}
      draggable={row !== null && !props.renaming && !props.inBin}
      onClick={(event) => props.on.click(event, index)}
      onDoubleClick={() => props.on.open(index)}
      onPointerDown={() => props.on.press(index)}
      onDragStart={(event) => props.on.dragStart(event, index)}
      onDragOver={(event) => {
        if (!accepts(event)) return;
        event.preventDefault();
        event.stopPropagation();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false);
        if (row && accepts(event)) props.on.dropOn(event, row);
      }}
      style={{ height: heightOf(row), transform: `translateY(${props.top}px)` }}
      className={cx(
        rowGrid,
        'absolute inset-x-0 top-0 content-center gap-y-1 cursor-default border-b border-line text-sm select-none',
        selected ? 'bg-selection' : 'hover:bg-hover',
        current && '-outline-offset-2 outline-link group-focus-visible:outline-2',
        over && 'bg-accent-soft outline-2 -outline-offset-2 outline-accent',
      )}
    >
      {row === null ? (
        <span role="gridcell" className="col-span-full h-2 w-40 rounded-sm bg-hover" />
      ) : (
        <>
          <span role="gridcell" className="flex min-w-0 items-center gap-2.5">
            <FileIcon item={row} className={row.kind === 'folder' ? 'text-accent' : ''} />
            {props.renaming ? (
              <NameInput name={row.name} kind={row.kind} onDone={(name) => props.on.rename(index, name)} />
            ) : (
              <span className="flex min-w-0 items-baseline gap-2">
                <bdi className="truncate whitespace-pre" title={shownName(row.name)}>
                  <ShownName row={row} />
                </bdi>
                {row.path && <span className="truncate text-xs text-ink-soft">{shownName(folderOf(row.path))}</span>}
              </span>
            )}
          </span>
          <span role="gridcell" className="text-end text-ink-soft">
            {format.bytes(row.size)}
          </span>
          <span role="gridcell" className={cx('truncate text-ink-soft', dateCell)}>
            <Time at={row.binnedAt ?? row.modified} />
          </span>
          <span role="gridcell" className={cx('truncate', safetyCell)}>
            {safety && (row.kind === 'file' || row.size > 0) && (
              <State tone={safety.tone} className={quiet[safety.tone]}>
                {t(safety.word)}
              </State>
            )}
          </span>
          <span role="gridcell" className={cx('truncate text-ink-soft', checkedCell)}>
            {row.kind === 'file' &&
              row.size > 0 &&
              (row.verifiedAt === null ? t('vault.column.unverified') : <Time at={row.verifiedAt} />)}
          </span>
          {row.match?.snippet && (
            <span
              role="gridcell"
              dir="auto"
              className="col-span-full ms-6.5 line-clamp-2 text-xs break-words text-ink-soft"
            >
              <Marked text={row.match.snippet.text} marks={row.match.snippet.marks} />
            </span>
          )}
        </>
      )}
    </div>
  );
});

/** In a long list the shape keeps its colour and the word is calm; the line above the list speaks up. */
const quiet: Partial<Record<Tone, string>> = {
  ok: 'text-ink-soft! [&>svg]:text-ok',
  attention: 'text-ink-soft! [&>svg]:text-attention',
};

/** With what was looked for brought out, unless the name is shown otherwise than it is. */
function ShownName({ row }: { row: Row }) {
  const shown = shownName(row.name);
  return shown === row.name ? <Marked text={shown} marks={row.match?.marks ?? []} /> : shown;
}

const folderOf = (path: string) => path.slice(0, path.lastIndexOf('/')) || '/';

/** The name without its ending is selected, as file managers do. */
function NameInput({ name, kind, onDone }: { name: string; kind: Row['kind']; onDone: (name: string | null) => void }) {
  const t = useT();
  const [value, setValue] = useState(name);
  const wrong = itemNameSchema.safeParse(value).error?.issues[0]?.message;
  // Leaving with Enter or Escape takes the field away, and its blur must not finish again.
  const ended = useRef(false);
  const end = (to: string | null) => {
    if (ended.current) return;
    ended.current = true;
    onDone(to);
  };
  const finish = () => end(wrong || value === name ? null : value);
  return (
    <Input
      autoFocus
      aria-label={t('vault.rename.label', { name })}
      aria-invalid={wrong ? true : undefined}
      title={wrong}
      value={value}
      onFocus={(event) => {
        const dot = kind === 'file' ? name.lastIndexOf('.') : -1;
        event.target.setSelectionRange(0, dot > 0 ? dot : name.length);
      }}
      onChange={(event) => setValue(event.target.value)}
      onBlur={finish}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === 'Enter') finish();
        if (event.key === 'Escape') end(null);
      }}
      className="h-7"
    />
  );
}
