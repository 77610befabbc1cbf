import { useState } from 'react';
import type { OwnDevice } from '#shared/contract/vault.ts';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { useWanted } from '../../../state/use-wanted.ts';
import { Button } from '../../../ui/button.tsx';
import { Switch } from '../../../ui/choice.tsx';
import { ConfirmDialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { LinkButton } from '../../../ui/link-button.tsx';
import { Facts, Notice, Section } from '../../../ui/panel.tsx';
import { ProgressBar } from '../../../ui/progress.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { State, type Tone } from '../../../ui/state.tsx';
import { Time } from '../../../ui/time.tsx';
import { AcceptDialog } from './accept-dialog.tsx';

/** Who is there, and what comes, changes without anything being written here. */
const lookMs = 3_000;
/** So many that are on their way are shown. */
const shownMost = 3;

const tones: Record<OwnDevice['state'], Tone> = {
  same: 'ok',
  coming: 'active',
  waits: 'attention',
  'waits-there': 'waiting',
  away: 'idle',
  locked: 'paused',
  off: 'paused',
  keyless: 'idle',
  version: 'attention',
};

/** The same files on the person's several devices: off, and turned on only after what it means was read. */
export function DevicesSection() {
  const t = useT();
  const format = useFormat();
  const ready = useLink().phase === 'ready';
  const { data, error, refetch } = useAgentQuery('vault.devices', {}, { everyMs: lookMs });
  const { data: status } = useAgentQuery('vault.status', {});
  const [asking, setAsking] = useState(false);
  const [accepting, setAccepting] = useState<OwnDevice | null>(null);
  const on = useAgentMutation('vault.devicesOn', { quiet: true });
  const off = useAgentMutation('vault.devicesOff', { quiet: true });
  useWanted('vault.devicesOn', () => setAsking(true));
  if (!data) {
    return error && error.code !== 'DISCONNECTED' ? (
      <ErrorPanel error={error} onRetry={() => void refetch()} />
    ) : (
      <Skeleton className="h-40" />
    );
  }
  const failed = on.error ?? off.error;
  const size = status?.size ?? null;
  return (
    <div className="flex flex-col gap-6">
      <Section title={t('vault.devices.title')} note={t('vault.devices.note')} className="border-t-0! pt-1!">
        <div className="flex max-w-3xl flex-col gap-4">
          <Switch
            checked={data.on && !off.isPending}
            onChange={(next) => (next ? setAsking(true) : off.mutate({}))}
            label={t('vault.devices.switch')}
            hint={t('vault.devices.hint')}
            disabled={!ready || on.isPending || off.isPending}
          />
          {failed && <ErrorPanel error={failed} />}
          {data.problem && (
            <Notice tone="attention">
              <p className="font-medium">{data.problem.text}</p>
              <p>{data.problem.next}</p>
            </Notice>
          )}
          {data.on && (
            <Facts
              rows={[
                { label: t('vault.devices.entries'), value: format.number(data.entries) },
                {
                  label: t('vault.devices.waiting'),
                  value:
                    data.waiting.files === 0
                      ? t('vault.devices.nothing')
                      : t('vault.devices.files', {
                          count: data.waiting.files,
                          size: format.bytes(data.waiting.bytes),
                        }),
                },
                ...(data.reading.files === 0
                  ? []
                  : [
                      {
                        label: t('vault.devices.reading'),
                        value: t('vault.devices.files', {
                          count: data.reading.files,
                          size: format.bytes(data.reading.bytes),
                        }),
                      },
                    ]),
                ...(data.conflicts === 0
                  ? []
                  : [{ label: t('vault.devices.conflicts'), value: format.number(data.conflicts) }]),
              ]}
            />
          )}
          {data.on &&
            data.current.slice(0, shownMost).map((one) => (
              <div key={one.name} className="flex flex-col gap-1 text-sm">
                <span className="flex justify-between gap-3">
                  <bdi className="min-w-0 truncate">{one.name}</bdi>
                  <span className="shrink-0 text-ink-soft">
                    {t('vault.devices.from', {
                      name: one.from,
                      done: format.bytes(one.received),
                      size: format.bytes(one.size),
                    })}
                  </span>
                </span>
                <ProgressBar share={one.size === 0 ? null : one.received / one.size} label={one.name} />
              </div>
            ))}
        </div>
      </Section>
      <Section title={t('vault.devices.list')}>
        <div className="flex max-w-3xl flex-col gap-5">
          {data.devices.length === 0 && (
            <div className="flex flex-col items-start gap-3">
              <p className="text-sm text-ink-soft">{t('vault.devices.none')}</p>
              <LinkButton to="/settings/identity">{t('vault.devices.add')}</LinkButton>
            </div>
          )}
          {data.devices.map((device) => (
            <div key={device.id} className="flex flex-wrap items-center gap-x-4 gap-y-2">
              <div className="min-w-0 grow">
                <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
                  <bdi className="font-medium">{device.name}</bdi>
                  {data.on && <State tone={tones[device.state]}>{t(`vault.devices.state.${device.state}`)}</State>}
                </p>
                <p className="text-sm text-ink-soft">
                  {device.seenAt === null ? (
                    t('vault.devices.neverSeen')
                  ) : (
                    <>
                      {t('vault.devices.seen')} <Time at={device.seenAt} />
                      {device.sameAt !== null && device.state !== 'same' && (
                        <>
                          {' · '}
                          {t('vault.devices.sameAt')} <Time at={device.sameAt} />
                        </>
                      )}
                    </>
                  )}
                </p>
                {data.on && device.state === 'waits-there' && device.code !== null && (
                  <p className="text-sm text-ink-soft">
                    {t('vault.devices.codeThere')} <span className="font-mono text-ink">{device.code}</span>
                  </p>
                )}
              </div>
              {data.on && !device.accepted && device.code !== null && (
                <Button tone="primary" disabled={!ready} onClick={() => setAccepting(device)}>
                  {t('vault.devices.accept')}
                </Button>
              )}
            </div>
          ))}
        </div>
      </Section>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        tone="primary"
        title={t('vault.devices.askTitle')}
        description={
          size === null || size === 0
            ? t('vault.devices.askText')
            : t('vault.devices.askTextSize', { size: format.bytes(size) })
        }
        action={t('vault.devices.on')}
        onConfirm={() => on.mutateAsync({})}
      />
      {accepting && <AcceptDialog device={accepting} onClose={() => setAccepting(null)} />}
    </div>
  );
}
