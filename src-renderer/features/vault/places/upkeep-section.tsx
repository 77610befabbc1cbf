import type { Place, Upkeep } from '#shared/contract/vault.ts';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useNow } from '../../../lib/clock.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Select, Switch } from '../../../ui/choice.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Facts, Notice, Section } from '../../../ui/panel.tsx';
import { State } from '../../../ui/state.tsx';
import { Time } from '../../../ui/time.tsx';

/** How often it is asked for while somebody looks: reading goes on without telling of each piece. */
const lookMs = 15_000;
const dayMs = 24 * 60 * 60_000;
const periods = [7, 14, 30, 60, 90, 180];

/** What the vault does by itself: how old the last look at anything is, what is being repaired, and the switch for it. */
export function UpkeepSection({ places, ready }: { places: readonly Place[]; ready: boolean }) {
  const t = useT();
  const { data, error, refetch } = useAgentQuery('vault.upkeep', {}, { everyMs: lookMs });
  const configure = useAgentMutation('vault.configureUpkeep', { onDone: () => void refetch() });
  if (!data) return error && error.code !== 'DISCONNECTED' ? <ErrorPanel error={error} /> : null;
  const { policy } = data;
  const days = [...new Set([...periods, policy.days])].sort((a, b) => a - b);
  return (
    <Section title={t('vault.upkeep.title')} note={t('vault.upkeep.note')}>
      <div className="flex flex-col gap-4">
        <div className="max-w-3xl">
          <Switch
            checked={policy.on}
            onChange={(on) => configure.mutate({ on })}
            label={t('vault.upkeep.switch')}
            hint={t(`vault.upkeep.state.${data.state}`)}
            disabled={!ready || configure.isPending}
          />
        </div>
        <Doubts upkeep={data} places={places} />
        <Facts
          rows={[
            { id: 'age', label: t('vault.upkeep.readLabel'), value: <Age upkeep={data} /> },
            { id: 'repair', label: t('vault.upkeep.repairLabel'), value: <Repairing upkeep={data} /> },
            ...proofs(data, places).map(({ place, audit }) => ({
              id: place.id,
              label: (
                <>
                  {t('vault.upkeep.audit')}: <bdi>{place.name}</bdi>
                </>
              ),
              value: <Proof audit={audit} />,
            })),
            {
              id: 'period',
              label: t('vault.upkeep.period'),
              value: (
                <Select
                  label={t('vault.upkeep.period')}
                  value={String(policy.days)}
                  options={days.map((n) => ({ value: String(n), label: t('vault.upkeep.days', { count: n }) }))}
                  onChange={(n) => configure.mutate({ days: Number(n) })}
                  disabled={!ready || !policy.on || configure.isPending}
                />
              ),
            },
            { id: 'events', label: t('vault.upkeep.events'), value: <Events upkeep={data} places={places} /> },
          ]}
        />
      </div>
    </Section>
  );
}

function Age({ upkeep }: { upkeep: Upkeep }) {
  const t = useT();
  const now = useNow();
  if (upkeep.packs === 0) return t('vault.upkeep.nothing');
  if (upkeep.oldestAt === null) return t('vault.upkeep.never', { count: upkeep.neverChecked });
  return t('vault.upkeep.within', { count: Math.max(1, Math.ceil((now - upkeep.oldestAt) / dayMs)) });
}

function Repairing({ upkeep }: { upkeep: Upkeep }) {
  const t = useT();
  return (
    <>
      {upkeep.repairing === 0 ? t('vault.upkeep.whole') : t('vault.upkeep.repairing', { count: upkeep.repairing })}
      {upkeep.stuck > 0 && <> {t('vault.upkeep.stuck')}</>}
      {upkeep.spreading && <> {t('vault.upkeep.spreading')}</>}
    </>
  );
}

type Audit = NonNullable<Upkeep['places'][number]['audit']>;

const proofs = (upkeep: Upkeep, places: readonly Place[]): { place: Place; audit: Audit }[] =>
  upkeep.places.flatMap(({ place: id, audit }) => {
    const place = places.find((one) => one.id === id);
    return place && audit ? [{ place, audit }] : [];
  });

function Proof({ audit: { at, asked, lost } }: { audit: Audit }) {
  const t = useT();
  return (
    <span className="flex flex-wrap items-baseline gap-x-2">
      <State small tone={lost === 0 ? 'ok' : 'attention'}>
        {lost === 0 ? t('vault.upkeep.auditGood', { asked }) : t('vault.upkeep.auditBad', { count: lost })}
      </State>
      <Time at={at} className="text-ink-soft" />
    </span>
  );
}

function Doubts({ upkeep, places }: { upkeep: Upkeep; places: readonly Place[] }) {
  const t = useT();
  const texts = upkeep.places.flatMap(({ place: id, departed, doubted }) => {
    const name = places.find((one) => one.id === id)?.name;
    if (name === undefined) return [];
    return [
      ...(departed ? [t('vault.upkeep.departed', { name })] : []),
      ...(doubted ? [t('vault.upkeep.doubted', { name })] : []),
    ];
  });
  if (texts.length === 0) return null;
  return (
    <Notice tone="attention">
      {texts.map((text) => (
        <p key={text}>{text}</p>
      ))}
    </Notice>
  );
}

function Events({ upkeep, places }: { upkeep: Upkeep; places: readonly Place[] }) {
  const t = useT();
  const format = useFormat();
  if (upkeep.events.length === 0) return t('vault.upkeep.noEvents');
  return (
    <ul className="max-h-48 overflow-y-auto">
      {upkeep.events.map(({ at, kind, place: id, count }) => {
        const place = places.find((one) => one.id === id);
        return (
          <li key={`${at}-${kind}-${id}`} title={format.exact(at)}>
            {t(`vault.upkeep.event.${kind}`, { count })}
            {place && (
              <>
                {' · '}
                <bdi>{place.name}</bdi>
              </>
            )}
            <span className="text-ink-soft">
              {' · '}
              <Time at={at} />
            </span>
          </li>
        );
      })}
    </ul>
  );
}
