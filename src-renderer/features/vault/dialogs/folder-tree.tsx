// biome-ignore-all lint/a11y/noNoninteractiveElementToInteractiveRole: a list is what a tree is made of (WAI-ARIA tree pattern)
import { ChevronDown, ChevronRight, Folder, HardDrive } from 'lucide-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { cx } from '../../../ui/cx.ts';
import { shownName } from '../browse/shown-name.ts';
import type { Target } from '../upload/job.ts';

interface TreeProps {
  value: Target;
  onChange: (folder: Target) => void;
  /** Folders that are left out, with all below them. */
  without: ReadonlySet<string>;
}

/** The folders of the vault, opened as far as looked at. Keys as WAI-ARIA's tree: up and down, right opens, left closes. */
export function FolderTree({ value, onChange, without }: TreeProps) {
  const t = useT();
  const root = useRef<HTMLUListElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const nodes = [...(root.current?.querySelectorAll<HTMLElement>('[role=treeitem]') ?? [])];
    const at = nodes.findIndex((node) => node === document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: nodes.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    nodes[Math.max(0, Math.min(nodes.length - 1, to))]?.focus();
  };
  return (
    <ul
      ref={root}
      role="tree"
      aria-label={t('vault.move.folders')}
      onKeyDown={onKeyDown}
      className="max-h-[44vh] overflow-y-auto rounded-md border border-line p-1"
    >
      <Node id="root" name={t('vault.title')} depth={0} startOpen value={value} onChange={onChange} without={without} />
    </ul>
  );
}

function Node(props: TreeProps & { id: Target; name: string; depth: number; startOpen?: boolean }) {
  const { id, name, depth, value, onChange, without } = props;
  const t = useT();
  const [open, setOpen] = useState(props.startOpen ?? false);
  const { data } = useAgentQuery('vault.list', { folder: id, limit: 5000 }, { enabled: open });
  const folders = data?.items.filter((item) => item.kind === 'folder' && !without.has(item.id)) ?? [];
  const Arrow = open ? ChevronDown : ChevronRight;
  const Icon = id === 'root' ? HardDrive : Folder;
  const leaf = open && data !== undefined && folders.length === 0;
  return (
    <>
      <li
        role="treeitem"
        aria-level={depth + 1}
        aria-expanded={leaf ? undefined : open}
        aria-selected={value === id}
        tabIndex={value === id ? 0 : -1}
        onClick={() => onChange(id)}
        onFocus={() => onChange(id)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowRight') setOpen(true);
          if (event.key === 'ArrowLeft') setOpen(false);
        }}
        style={{ paddingInlineStart: 4 + depth * 20 }}
        className={cx(
          'flex h-8 cursor-default items-center gap-1.5 rounded-md pe-2 text-sm focus-visible:-outline-offset-2',
          value === id ? 'bg-selection' : 'hover:bg-hover',
        )}
      >
        <button
          type="button"
          tabIndex={-1}
          aria-label={open ? t('vault.move.close', { name }) : t('vault.move.open', { name })}
          onClick={(event) => {
            event.stopPropagation();
            setOpen(!open);
          }}
          className={cx('flex size-6 items-center justify-center rounded-sm hover:bg-hover', leaf && 'invisible')}
        >
          <Arrow aria-hidden className="size-4 text-ink-soft" strokeWidth={1.75} />
        </button>
        <Icon aria-hidden className="size-4 shrink-0 text-accent" strokeWidth={1.75} />
        <bdi className="truncate">{name}</bdi>
      </li>
      {open &&
        folders.map((folder) => (
          <Node
            key={folder.id}
            id={folder.id}
            name={shownName(folder.name)}
            depth={depth + 1}
            value={value}
            onChange={onChange}
            without={without}
          />
        ))}
    </>
  );
}
