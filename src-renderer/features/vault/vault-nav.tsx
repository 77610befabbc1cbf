import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useT } from '../../lib/i18n.ts';
import { cx } from '../../ui/cx.ts';
import { tabLine, tabLook, tabRow } from '../../ui/tab-look.ts';

const links = [
  { to: '/vault', key: 'vault.nav.files', exact: false },
  { to: '/vault/places', key: 'vault.nav.places', exact: true },
  { to: '/vault/rooms', key: 'vault.nav.rooms', exact: true },
  { to: '/vault/snapshots', key: 'vault.nav.snapshots', exact: true },
  { to: '/vault/watched', key: 'vault.nav.watched', exact: true },
  { to: '/vault/devices', key: 'vault.nav.devices', exact: true },
  { to: '/vault/shares', key: 'vault.nav.shares', exact: true },
  { to: '/vault/disk', key: 'vault.nav.disk', exact: true },
  { to: '/vault/bin', key: 'vault.nav.bin', exact: true },
] as const;

type Side = 'files' | 'places' | 'rooms' | 'snapshots' | 'watched' | 'devices' | 'shares' | 'disk' | 'bin';

/**
 * The sides of the vault: what is in it, what holds it, what it holds for others, how it was, what follows it, which devices have the same, who reads it, how
 * programs use it, what was thrown away.
 */
export function VaultNav({ here }: { here: Side }) {
  const t = useT();
  const row = useRef<HTMLDivElement>(null);
  // On a phone the row scrolls, and where one is is to be in sight.
  useEffect(() => {
    row.current?.querySelector('[aria-current=page]')?.scrollIntoView({ inline: 'nearest', block: 'nearest' });
  }, []);
  return (
    <nav aria-label={t('vault.nav.label')} className={cx(tabLine, 'mb-3')}>
      <div ref={row} className={tabRow}>
        {links.map(({ to, key }) => {
          const current = key === `vault.nav.${here}`;
          return (
            <Link
              key={to}
              to={to}
              activeOptions={{ exact: true }}
              aria-current={current ? 'page' : undefined}
              className={tabLook}
              data-here={current}
            >
              {t(key)}
            </Link>
          );
        })}
      </div>
    </nav>
  );
}
