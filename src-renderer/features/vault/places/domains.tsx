import type { Place, VaultStatus } from '#shared/contract/vault.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { State } from '../../../ui/state.tsx';

/** What a fire at each site, or each other person's leaving, would come to; each can be imagined on the map. */
export function Domains({
  status,
  places,
  onImagine,
}: {
  status: VaultStatus;
  places: readonly Place[];
  onImagine: (ids: readonly string[]) => void;
}) {
  const t = useT();
  // A status that was kept from before there were any.
  const domains = status.domains ?? [];
  if (domains.length === 0) return null;
  return (
    <ul aria-label={t('vault.domain.list')} className="flex flex-col gap-1.5 text-sm">
      {domains.map(({ kind, name, survives }) => {
        const there = places.filter((place) => (kind === 'site' ? place.site : place.owner) === name);
        return (
          <li key={`${kind} ${name}`} className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <State tone={survives ? 'ok' : 'attention'} className="whitespace-normal!">
              {t(`vault.domain.${kind}.${survives ? 'survives' : 'lost'}`, { name })}
            </State>
            <Button size="small" onClick={() => onImagine(there.map(({ id }) => id))}>
              {t('vault.domain.imagine')}
              <span className="sr-only">: {name}</span>
            </Button>
          </li>
        );
      })}
    </ul>
  );
}
