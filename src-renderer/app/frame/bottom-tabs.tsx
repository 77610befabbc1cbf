import { Link } from '@tanstack/react-router';
import { useT } from '../../lib/i18n.ts';
import { cx } from '../../ui/cx.ts';
import { railPages } from '../pages.ts';
import { useCurrent } from './use-active.ts';

/** The rooms on a phone: each as wide as its word. On the narrowest only the present one shows its word: no room is cut. */
export function BottomTabs() {
  const t = useT();
  const current = useCurrent();
  return (
    <nav aria-label={t('frame.rooms')} className="shrink-0 border-t border-line bg-surface-sunk min-[700px]:hidden">
      <ul className="flex">
        {railPages.map((page) => (
          <li key={page.path} className="min-w-0 flex-auto">
            <Link
              to={page.path}
              aria-current={current(page.path)}
              className="flex h-14 flex-col items-center justify-center gap-0.5 text-xs text-ink-soft focus-visible:-outline-offset-2 aria-[current=page]:font-medium aria-[current=page]:text-ink"
            >
              <page.rail.icon aria-hidden className="size-5" strokeWidth={1.75} />
              <span
                className={cx('max-w-full truncate px-0.5', current(page.path) === undefined && 'max-[399px]:sr-only')}
              >
                {t(page.title)}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
