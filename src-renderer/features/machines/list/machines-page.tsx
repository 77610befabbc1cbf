import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import type { Machine } from '#shared/contract/machines.ts';
import { Page } from '../../../app/frame/page.tsx';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { LinkButton } from '../../../ui/link-button.tsx';
import { Notice } from '../../../ui/panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { State } from '../../../ui/state.tsx';
import { byName } from '../machine/address.ts';
import { NoQemu } from '../no-qemu.tsx';
import { useSaid } from '../use-said.ts';
import { Announcer } from './announcer.tsx';
import { MachineRow } from './machine-row.tsx';
import { MachinesNav } from './machines-nav.tsx';

const none: readonly Machine[] = [];

export function MachinesPage() {
  const t = useT();
  const said = useSaid();
  const { data, error, refetch } = useAgentQuery('machines.list', {});
  const { data: capability } = useAgentQuery('machines.capability', {});
  const { data: tasks } = useAgentQuery('tasks.list', {});
  const machines = data?.machines ?? none;
  const names = new Set<string>(machines.map((machine) => machine.spec.name));
  const deploying = (tasks?.tasks ?? []).flatMap((task) => {
    const name = (task.input as { name?: unknown } | null)?.name;
    const waits = task.method === 'machines.deploy' && task.state === 'running' && typeof name === 'string';
    return waits && !names.has(name) ? [{ id: task.id, name, step: task.step?.text ?? '' }] : [];
  });
  const noQemu = capability !== undefined && capability.qemu === null;
  const sorted = [...machines].sort((a, b) => a.spec.name.localeCompare(b.spec.name, undefined, { numeric: true }));
  const nothing = data !== undefined && machines.length === 0 && deploying.length === 0;
  return (
    <Page
      title={t('machines.title')}
      action={
        noQemu ? undefined : (
          <LinkButton to="/machines/new" icon={Plus} tone="primary">
            {t('machines.deploy')}
          </LinkButton>
        )
      }
    >
      <MachinesNav here="machines" />
      <Announcer machines={machines} />
      {noQemu && nothing ? (
        <NoQemu capability={capability} />
      ) : error && !data ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <Skeleton className="h-40" />
      ) : nothing ? (
        <EmptyState
          title={t('machines.empty.title')}
          action={
            <LinkButton to="/machines/new" icon={Plus}>
              {t('machines.deploy')}
            </LinkButton>
          }
        >
          {t('machines.empty.text')}
        </EmptyState>
      ) : (
        <>
          {noQemu && <NoQemu capability={capability} />}
          <ul aria-label={t('machines.title')} className="border-t border-line">
            {deploying.map(({ id, name, step }) => (
              <li key={id} className="flex items-center gap-3 border-b border-line py-3 text-sm">
                <Link
                  to="/machines/$machine"
                  params={{ machine: byName(name) }}
                  className="rounded-sm text-base font-semibold hover:underline"
                >
                  {name}
                </Link>
                <State tone="waiting">{t('machines.state.preparing')}</State>
                <span className="text-ink-soft">{step}</span>
              </li>
            ))}
            {sorted.map((machine) => (
              <MachineRow key={machine.id} machine={machine} />
            ))}
          </ul>
          {capability?.accelerator === 'tcg' && capability.acceleratorDetail && (
            <div className="mt-6">
              <Notice>{said(capability.acceleratorDetail)}</Notice>
            </div>
          )}
        </>
      )}
    </Page>
  );
}
