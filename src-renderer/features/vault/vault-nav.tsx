import { Link } from '@tanstack/react-router';
import { useT } from '../../lib/i18n.ts';

const links = [
  { to: '/vault', key: 'vault.nav.files', exact: false },
  { to: '/vault/places', key: 'vault.nav.places', exact: true },
  { to: '/vault/bin', key: 'vault.nav.bin', exact: true },
] as const;

/** The three sides of the vault: what is in it, what holds it, what was thrown away. */
export function VaultNav({ here }: { here: 'files' | 'places' | 'bin' }) {
  const t = useT();
  return (
    <nav aria-label={t('vault.nav.label')} className="mb-3 flex shrink-0 gap-5 border-b border-line">
      {links.map(({ to, key }) => {
        const current = key === `vault.nav.${here}`;
        return (
          <Link
            key={to}
            to={to}
            aria-current={current ? 'page' : undefined}
            className="-mb-px flex h-9 items-center border-b-2 border-transparent text-sm text-ink-soft hover:text-ink focus-visible:-outline-offset-2 data-[here=true]:border-accent data-[here=true]:font-medium data-[here=true]:text-ink"
            data-here={current}
          >
            {t(key)}
          </Link>
        );
      })}
    </nav>
  );
}
