import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useT } from '../../lib/i18n.ts';
import { cx } from '../../ui/cx.ts';
import { tabLine, tabLook, tabRow } from '../../ui/tab-look.ts';

const links = [
  { to: '/mesh', key: 'overview' },
  { to: '/mesh/map', key: 'map' },
  { to: '/mesh/peers', key: 'peers' },
  { to: '/mesh/routes', key: 'routes' },
  { to: '/mesh/services', key: 'services' },
  { to: '/mesh/messages', key: 'messages' },
  { to: '/mesh/diagnose', key: 'diagnose' },
  { to: '/mesh/settings', key: 'settings' },
] as const;

export type MeshPart = (typeof links)[number]['key'];

export function MeshNav({ here }: { here: MeshPart }) {
  const t = useT();
  const row = useRef<HTMLDivElement>(null);
  // In a narrow window the row is longer than the page: what is open must be seen in it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another part is another place in the row
  useEffect(() => {
    row.current?.querySelector('[data-here=true]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [here]);
  return (
    <nav aria-label={t('mesh.title')} className={cx(tabLine, 'mb-5')}>
      <div ref={row} className={tabRow}>
        {links.map(({ to, key }) => (
          <Link
            key={key}
            to={to}
            // Otherwise the router calls the first part current in all the others, too.
            activeOptions={{ exact: true }}
            aria-current={key === here ? 'page' : undefined}
            data-here={key === here}
            className={tabLook}
          >
            {t(`mesh.nav.${key}`)}
          </Link>
        ))}
      </div>
    </nav>
  );
}
