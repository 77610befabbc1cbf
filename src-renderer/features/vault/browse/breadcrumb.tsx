import { Link } from '@tanstack/react-router';
import { ChevronRight } from 'lucide-react';
import { type DragEvent, useState } from 'react';
import type { ItemId } from '#shared/model/ids.ts';
import { useT } from '../../../lib/i18n.ts';
import { cx } from '../../../ui/cx.ts';
import type { Target } from '../upload/job.ts';
import { carriesItems, droppedItems } from './drag.ts';
import { shownName } from './shown-name.ts';

/** From the root to here. Items can be dropped on every step above. */
export function Breadcrumb({
  path,
  onMove,
}: {
  path: readonly { id: string; name: string }[];
  onMove: (items: ItemId[], into: Target) => void;
}) {
  const t = useT();
  const steps = [{ id: 'root', name: t('vault.nav.files') }, ...path.filter((step) => step.id !== 'root')];
  return (
    <nav aria-label={t('vault.breadcrumb')} className="min-w-0 grow">
      <ol className="flex min-w-0 items-center gap-0.5 text-sm">
        {steps.map((step, i) => (
          <li key={step.id} className={cx('flex min-w-0 items-center gap-0.5', i === 0 && 'shrink-0')}>
            {i > 0 && <ChevronRight aria-hidden className="size-3.5 shrink-0 text-ink-soft rtl:rotate-180" />}
            <Step step={step} last={i === steps.length - 1} onMove={onMove} />
          </li>
        ))}
      </ol>
    </nav>
  );
}

function Step({
  step,
  last,
  onMove,
}: {
  step: { id: string; name: string };
  last: boolean;
  onMove: (items: ItemId[], into: Target) => void;
}) {
  const [over, setOver] = useState(false);
  const shape = cx('block h-7 truncate rounded-md px-1.5 leading-7', over && 'bg-accent-soft outline-2 outline-accent');
  if (last) {
    return (
      <bdi aria-current="page" className={cx(shape, 'font-medium')}>
        {shownName(step.name)}
      </bdi>
    );
  }
  const drop = {
    onDragOver: (event: DragEvent) => {
      if (!carriesItems(event.dataTransfer)) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      setOver(false);
      if (!carriesItems(event.dataTransfer)) return;
      event.preventDefault();
      onMove(droppedItems(event.dataTransfer), step.id as Target);
    },
  };
  const classes = cx(shape, 'text-ink-soft hover:bg-hover hover:text-ink');
  return step.id === 'root' ? (
    <Link to="/vault" className={classes} {...drop}>
      <bdi>{shownName(step.name)}</bdi>
    </Link>
  ) : (
    <Link to="/vault/$folder" params={{ folder: step.id }} className={classes} {...drop}>
      <bdi>{shownName(step.name)}</bdi>
    </Link>
  );
}
