import type { ReactNode } from 'react';
import type { IdentityStatus } from '#shared/contract/identity.ts';
import type { Machine } from '#shared/contract/machines.ts';
import type { VaultStatus } from '#shared/contract/vault.ts';
import { useFormat } from '../../lib/format.ts';
import { useT } from '../../lib/i18n.ts';
import { vaultWord } from '../../lib/safety.ts';
import { Copyable } from '../../ui/copyable.tsx';
import { IdentityMark } from '../../ui/identity-mark.tsx';
import { TextLink } from '../../ui/link-button.tsx';
import { Section } from '../../ui/panel.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { State, type Tone } from '../../ui/state.tsx';
import { Time } from '../../ui/time.tsx';

const height = 'min-[700px]:min-h-[104px]';

/** One room at a glance, and the way there. */
export function Panel({ title, to, link, children }: { title: string; to: string; link: string; children: ReactNode }) {
  return (
    <Section
      title={title}
      actions={
        <TextLink to={to} label={`${link}: ${title}`} className="text-sm">
          {link}
        </TextLink>
      }
    >
      <div className={`flex flex-col gap-1.5 text-sm ${height}`}>{children}</div>
    </Section>
  );
}

export function VaultPanel({ status }: { status: VaultStatus | undefined }) {
  const t = useT();
  const format = useFormat();
  const word = status && vaultWord(status);
  return (
    <Panel title={t('home.vault')} to="/vault" link={t('common.open')}>
      {!status || !word ? (
        <Skeleton className="h-20" />
      ) : status.state === 'none' ? (
        <p className="text-ink-soft">{t('home.vaultNone')}</p>
      ) : (
        <>
          <State tone={word.tone}>{t(word.word)}</State>
          {status.files !== null && status.size !== null && (
            <p>
              {t('common.files', { count: status.files })}, {format.bytes(status.size)}
            </p>
          )}
          <p className="text-ink-soft">
            {t('home.places', { healthy: status.healthyPlaces, count: status.places })} ·{' '}
            {t('common.devices', { count: status.devices })}
          </p>
          <p className="text-ink-soft">
            {status.verifiedAt === null ? t('home.neverVerified') : t('home.verified')}{' '}
            {status.verifiedAt !== null && <Time at={status.verifiedAt} />}
          </p>
        </>
      )}
    </Panel>
  );
}

const machineTone: Partial<Record<Machine['state'], Tone>> = {
  running: 'active',
  paused: 'paused',
  crashed: 'danger',
  failed: 'failed',
};

export function MachinesPanel({ machines }: { machines: readonly Machine[] | undefined }) {
  const t = useT();
  const format = useFormat();
  const shown = machines?.slice(0, 4) ?? [];
  return (
    <Panel title={t('home.machines')} to="/machines" link={t('common.open')}>
      {!machines ? (
        <Skeleton className="h-20" />
      ) : machines.length === 0 ? (
        <p className="text-ink-soft">{t('home.machinesNone')}</p>
      ) : (
        <ul>
          {shown.map((machine) => (
            <li key={machine.id} className="grid grid-cols-[1fr_auto] items-center gap-x-3 py-0.5">
              <TextLink to={`/machines/${machine.id}`} className="truncate no-underline! hover:underline!">
                {machine.spec.name}
              </TextLink>
              <span className="flex items-center gap-3">
                {machine.metrics && machine.state === 'running' && (
                  <span className="text-ink-soft">{format.percent(machine.metrics.cpu)}</span>
                )}
                <State tone={machineTone[machine.state] ?? 'idle'}>{t(`home.states.${machine.state}`)}</State>
              </span>
              {machines.length <= 2 && (
                <span className="col-span-2 pb-1 text-ink-soft">
                  {machine.spec.image} · {t('home.cpus', { count: machine.spec.cpus })} ·{' '}
                  {format.bytes(machine.spec.memoryMiB * 1_048_576)}
                </span>
              )}
            </li>
          ))}
          {machines.length > shown.length && (
            <li className="pt-1 text-ink-soft">{t('home.moreMachines', { count: machines.length - shown.length })}</li>
          )}
        </ul>
      )}
    </Panel>
  );
}

export function IdentityPanel({ status }: { status: IdentityStatus | undefined }) {
  const t = useT();
  return (
    <Panel title={t('home.identity')} to="/settings/identity" link={t('common.open')}>
      {!status ? (
        <Skeleton className="h-20" />
      ) : !status.person ? (
        <p className="text-ink-soft">{t('home.identityNone')}</p>
      ) : (
        <>
          <p className="flex items-center gap-2.5">
            <IdentityMark id={status.person.id} size={24} />
            <span className="truncate font-medium">{status.person.name}</span>
          </p>
          <Copyable value={status.person.id} what={t('home.personId')} />
          <State tone={status.person.phraseConfirmed ? 'ok' : 'attention'}>
            {status.person.phraseConfirmed ? t('home.wordsSafe') : t('home.wordsUnconfirmed')}
          </State>
          {status.device && <p className="text-ink-soft">{t('home.device', { name: status.device.name })}</p>}
        </>
      )}
    </Panel>
  );
}
