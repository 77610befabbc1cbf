import { ArrowDownLeft, ArrowUpRight, Dot } from 'lucide-react';
import type { Movement } from '#shared/contract/wallet/movements.ts';
import { useT } from '../../../lib/i18n.ts';
import { State } from '../../../ui/state.tsx';
import { Time } from '../../../ui/time.tsx';
import { movementTone } from './movement-words.ts';

const arrows = { out: ArrowUpRight, in: ArrowDownLeft, none: Dot } as const;

/** One movement, in words. Its state only where it is not simply done. */
export function MovementRow({ movement, onOpen }: { movement: Movement; onOpen: () => void }) {
  const t = useT();
  const Arrow = arrows[movement.direction];
  return (
    <li className="border-b border-line last:border-b-0">
      <button
        type="button"
        onClick={onOpen}
        className="flex w-full flex-wrap items-center gap-x-3 rounded-sm px-1 py-2 text-start text-sm hover:bg-hover focus-visible:-outline-offset-2"
      >
        <Arrow
          aria-hidden
          className={movement.direction === 'in' ? 'size-4 shrink-0 text-ok' : 'size-4 shrink-0 text-ink-soft'}
          strokeWidth={1.75}
        />
        <span className="min-w-0 grow basis-48 wrap-anywhere">
          {movement.words}
          {movement.note !== null && <span className="ms-2 text-ink-soft">{movement.note}</span>}
        </span>
        {movement.state !== 'done' && (
          <State tone={movementTone[movement.state]}>{t(`wallet.movement.${movement.state}`)}</State>
        )}
        <Time at={movement.at} className="text-ink-soft" />
      </button>
    </li>
  );
}
