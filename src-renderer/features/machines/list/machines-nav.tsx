import { Link } from '@tanstack/react-router';
import { useT } from '../../../lib/i18n.ts';

const links = [
  { to: '/machines', key: 'machines.nav.machines' },
  { to: '/machines/images', key: 'machines.nav.images' },
] as const;

export function MachinesNav({ here }: { here: 'machines' | 'images' }) {
  const t = useT();
  return (
    <nav aria-label={t('machines.title')} className="mb-4 flex gap-5 border-b border-line">
      {links.map(({ to, key }) => {
        const current = key === `machines.nav.${here}`;
        return (
          <Link
            key={to}
            to={to}
            aria-current={current ? 'page' : undefined}
            data-here={current}
            className="-mb-px flex h-9 items-center border-b-2 border-transparent text-sm text-ink-soft hover:text-ink focus-visible:-outline-offset-2 data-[here=true]:border-accent data-[here=true]:font-medium data-[here=true]:text-ink"
          >
            {t(key)}
          </Link>
        );
      })}
    </nav>
  );
}
