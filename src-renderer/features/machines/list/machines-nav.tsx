import { Link } from '@tanstack/react-router';
import { useT } from '../../../lib/i18n.ts';
import { cx } from '../../../ui/cx.ts';
import { tabLine, tabLook, tabRow } from '../../../ui/tab-look.ts';

const links = [
  { to: '/machines', key: 'machines.nav.machines' },
  { to: '/machines/images', key: 'machines.nav.images' },
] as const;

export function MachinesNav({ here }: { here: 'machines' | 'images' }) {
  const t = useT();
  return (
    <nav aria-label={t('machines.title')} className={cx(tabLine, 'mb-4')}>
      <div className={tabRow}>
        {links.map(({ to, key }) => {
          const current = key === `machines.nav.${here}`;
          return (
            <Link
              key={to}
              to={to}
              activeOptions={{ exact: true }}
              aria-current={current ? 'page' : undefined}
              data-here={current}
              className={tabLook}
            >
              {t(key)}
            </Link>
          );
        })}
      </div>
    </nav>
  );
}
