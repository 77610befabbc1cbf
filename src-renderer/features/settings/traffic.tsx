import { type FormEvent, useState } from 'react';
import { leastTrafficLimit } from '#shared/contract/vault/traffic.ts';
import type { TrafficLimits } from '#shared/contract/vault.ts';
import { useAgentMutation, useAgentQuery } from '../../lib/agent/hooks.ts';
import { useLink } from '../../lib/agent/provider.tsx';
import { useFormat } from '../../lib/format.ts';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { Switch } from '../../ui/choice.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Field, Input } from '../../ui/field.tsx';
import { Facts } from '../../ui/panel.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { State } from '../../ui/state.tsx';

/** What is sent changes all the time, and no event tells of it. */
const lookMs = 2_000;
const kib = 1024;

/** How fast the vault may be on the network, and how fast it is now. */
export function TrafficSettings() {
  const t = useT();
  const format = useFormat();
  const { data, error, refetch } = useAgentQuery('vault.traffic', {}, { everyMs: lookMs });
  if (!data) {
    return error && error.code !== 'DISCONNECTED' ? (
      <ErrorPanel error={error} onRetry={() => void refetch()} />
    ) : (
      <Skeleton className="h-48" />
    );
  }
  const { limits, inForce } = data;
  const any = limits.up + limits.down > 0;
  const pace = (rate: number) => t('common.perSecond', { value: format.bytes(rate) });
  return (
    <div className="flex flex-col gap-5">
      <Facts
        rows={[
          { label: t('settings.traffic.sending'), value: pace(data.upRate) },
          { label: t('settings.traffic.receiving'), value: pace(data.downRate) },
          {
            label: t('settings.traffic.sinceStart'),
            value: t('settings.traffic.both', { up: format.bytes(data.sent), down: format.bytes(data.received) }),
          },
          {
            label: t('settings.traffic.state'),
            value: !any ? (
              <State tone="idle">{t('settings.traffic.none')}</State>
            ) : inForce ? (
              <State tone="ok">{t('settings.traffic.inForce')}</State>
            ) : (
              <State tone="paused">{t('settings.traffic.later', { hours: limits.hours })}</State>
            ),
          },
        ]}
      />
      <LimitsForm key={JSON.stringify(limits)} limits={limits} />
    </div>
  );
}

/** KiB a second as typed; null for what is none. */
function typedRate(text: string): number | null {
  if (text.trim() === '') return 0;
  const rate = Math.round(Number(text.replace(',', '.')) * kib);
  return Number.isFinite(rate) && (rate === 0 || rate >= leastTrafficLimit) ? rate : null;
}
const shown = (rate: number): string => (rate === 0 ? '' : String(Math.round((rate / kib) * 100) / 100));

function LimitsForm({ limits }: { limits: TrafficLimits }) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const [up, setUp] = useState(shown(limits.up));
  const [down, setDown] = useState(shown(limits.down));
  const [some, setSome] = useState(limits.hours !== '');
  const [from = '08:00', to = '18:00'] = limits.hours === '' ? [] : limits.hours.split('-');
  const [begin, setBegin] = useState(from);
  const [end, setEnd] = useState(to);
  const [tried, setTried] = useState(false);
  const change = useAgentMutation('vault.limitTraffic', { quiet: true, done: () => t('settings.changed') });
  const rates = { up: typedRate(up), down: typedRate(down) };
  const hours = some && begin !== '' && end !== '' ? `${begin}-${end}` : '';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (rates.up !== null && rates.down !== null) change.mutate({ up: rates.up, down: rates.down, hours });
  };
  const wrong = (rate: number | null) => (tried && rate === null ? t('settings.traffic.wrong') : undefined);
  return (
    <form onSubmit={submit} noValidate className="flex max-w-xl flex-col gap-4">
      <div className="grid gap-4 min-[480px]:grid-cols-2">
        <Field label={t('settings.traffic.up')} hint={t('settings.traffic.hint')} error={wrong(rates.up)}>
          {(control) => <Input {...control} inputMode="decimal" value={up} onChange={(e) => setUp(e.target.value)} />}
        </Field>
        <Field label={t('settings.traffic.down')} hint={t('settings.traffic.hint')} error={wrong(rates.down)}>
          {(control) => (
            <Input {...control} inputMode="decimal" value={down} onChange={(e) => setDown(e.target.value)} />
          )}
        </Field>
      </div>
      <Switch
        checked={some}
        onChange={setSome}
        label={t('settings.traffic.some')}
        hint={t('settings.traffic.someHint')}
      />
      {some && (
        <div className="grid gap-4 min-[480px]:grid-cols-2">
          <Field label={t('settings.traffic.from')}>
            {(control) => <Input {...control} type="time" value={begin} onChange={(e) => setBegin(e.target.value)} />}
          </Field>
          <Field label={t('settings.traffic.to')}>
            {(control) => <Input {...control} type="time" value={end} onChange={(e) => setEnd(e.target.value)} />}
          </Field>
        </div>
      )}
      <p className="text-sm text-ink-soft">{t('settings.traffic.covers')}</p>
      {change.error && <ErrorPanel error={change.error} />}
      <div>
        <Button tone="primary" type="submit" disabled={!ready} busy={change.isPending}>
          {t('common.save')}
        </Button>
      </div>
    </form>
  );
}
