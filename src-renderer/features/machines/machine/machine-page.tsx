import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { Machine } from '#shared/contract/machines.ts';
import { Page } from '../../../app/frame/page.tsx';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { LinkButton } from '../../../ui/link-button.tsx';
import { Notice } from '../../../ui/panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { State } from '../../../ui/state.tsx';
import { Tabs } from '../../../ui/tabs.tsx';
import { Time } from '../../../ui/time.tsx';
import { AccessTab } from '../access/access-tab.tsx';
import { ConsoleTab } from '../console/console-tab.tsx';
import { MeshTab } from '../mesh/mesh-tab.tsx';
import { SettingsTab } from '../settings/settings-tab.tsx';
import { SnapshotsTab } from '../snapshots/snapshots-tab.tsx';
import { UseTab } from '../use/use-tab.tsx';
import { useSaid } from '../use-said.ts';
import { isAlive, toneOf } from './actions.ts';
import { ActionsBar } from './actions-bar.tsx';
import { asked } from './address.ts';
import { DeployProgress } from './deploy-progress.tsx';
import { useDeployTask } from './use-deploy-task.ts';
import { waitingWords } from './waiting-words.ts';

export function MachinePage() {
  const t = useT();
  const navigate = useNavigate();
  const { machine: address = '' } = useParams({ strict: false }) as { machine?: string };
  const name = asked(address);
  const { data, error, isPending, refetch } = useAgentQuery('machines.get', { machine: name });
  // The last answer is kept beside a failure; a machine that was deleted elsewhere is gone all the same.
  const machine = error?.code === 'NOT_FOUND' ? null : (data?.machine ?? null);
  const deploy = useDeployTask(machine?.spec.name ?? name);
  const deploying = deploy?.state === 'running';
  const back = (
    <Link
      to="/machines"
      aria-label={t('machines.back')}
      title={t('machines.back')}
      className="-ms-2 flex size-8 shrink-0 items-center justify-center rounded-md text-ink-soft hover:bg-hover hover:text-ink"
    >
      <ArrowLeft aria-hidden className="size-4 rtl:rotate-180" strokeWidth={1.75} />
    </Link>
  );
  const retry = () => void navigate({ to: '/machines/new' });
  if (machine && !(deploying && machine.state === 'preparing')) {
    return (
      <Page title={machine.spec.name} lead={back} action={<ActionsBar machine={machine} />} width="full" fixed>
        <Head machine={machine} step={deploying && !machine.ready ? (deploy.step?.text ?? '') : null} />
        <MachineTabs machine={machine} />
      </Page>
    );
  }
  return (
    <Page title={name} lead={back}>
      {deploy && deploy.state !== 'done' ? (
        <>
          <h2 className="mb-4 text-base font-semibold">
            {deploying ? t('machines.progress.running') : t('machines.progress.ended')}
          </h2>
          <DeployProgress task={deploy} onRetry={retry} />
        </>
      ) : error?.code === 'NOT_FOUND' ? (
        <EmptyState
          title={t('machines.gone.title', { name })}
          action={<LinkButton to="/machines">{t('machines.back')}</LinkButton>}
        >
          {t('machines.gone.text')}
        </EmptyState>
      ) : error ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : isPending ? (
        <Skeleton className="h-60" />
      ) : null}
    </Page>
  );
}

function Head({ machine, step }: { machine: Machine; step: string | null }) {
  const t = useT();
  const said = useSaid();
  const format = useFormat();
  const { spec, state } = machine;
  const now = machine.running ?? spec;
  const waiting = waitingWords(machine, t, format);
  const size = [
    t('machines.cpus', { count: now.cpus }),
    t('machines.memoryOf', { size: format.bytes(now.memoryMiB * 1024 * 1024) }),
    spec.diskMiB === 0
      ? t('machines.noDisk')
      : t('machines.diskOf', { size: format.bytes(spec.diskMiB * 1024 * 1024) }),
  ];
  return (
    <div className="mb-3 shrink-0 text-sm">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <span role="status">
          <State tone={toneOf(state)}>{t(`machines.state.${state}`)}</State>
          {step !== null && <span className="ms-4">{t('machines.progress.still', { step })}</span>}
        </span>
        <span className="text-ink-soft">
          {spec.image} · {size.join(' · ')}
          {machine.accelerator && ` · ${t(`machines.accelerator.${machine.accelerator}`)}`}
          {machine.startedAt !== null && isAlive(state) && (
            <>
              {' · '}
              {t('machines.started')} <Time at={machine.startedAt} />
            </>
          )}
        </span>
      </div>
      {waiting && <p className="mt-1 text-ink-soft">{t('machines.waiting.text', { changes: waiting })}</p>}
      {machine.detail && (
        <div className="mt-2">
          <Notice tone={state === 'crashed' || state === 'failed' ? 'danger' : 'plain'}>{said(machine.detail)}</Notice>
        </div>
      )}
    </div>
  );
}

function MachineTabs({ machine }: { machine: Machine }) {
  const t = useT();
  const [tab, setTab] = useState('console');
  const scrolling = (content: ReactNode) => <div className="h-full overflow-y-auto pe-1 pb-6">{content}</div>;
  return (
    <Tabs
      label={t('machines.tabs')}
      value={tab}
      onChange={setTab}
      tabs={[
        { key: 'console', label: t('machines.tab.console'), content: <ConsoleTab machine={machine} /> },
        { key: 'use', label: t('machines.tab.use'), content: scrolling(<UseTab machine={machine} />) },
        {
          key: 'snapshots',
          label: t('machines.tab.snapshots'),
          content: scrolling(<SnapshotsTab machine={machine} />),
        },
        { key: 'access', label: t('machines.tab.access'), content: scrolling(<AccessTab machine={machine} />) },
        { key: 'mesh', label: t('machines.tab.mesh'), content: scrolling(<MeshTab machine={machine} />) },
        { key: 'settings', label: t('machines.tab.settings'), content: scrolling(<SettingsTab machine={machine} />) },
      ]}
    />
  );
}
