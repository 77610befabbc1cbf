import { useState } from 'react';
import { useAgentMutation, useAgentQuery } from '../../lib/agent/hooks.ts';
import { useFormat } from '../../lib/format.ts';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Input } from '../../ui/field.tsx';
import { Facts } from '../../ui/panel.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { State } from '../../ui/state.tsx';
import { useSaid } from '../machines/use-said.ts';
import { Row } from './row.tsx';

export function MachineSettings() {
  const t = useT();
  const said = useSaid();
  const format = useFormat();
  const { data: settings } = useAgentQuery('system.settings', {});
  const { data: can, error, refetch } = useAgentQuery('machines.capability', {});
  const look = useAgentMutation('machines.capability');
  const [typed, setTyped] = useState<string | null>(null);
  const set = useAgentMutation('system.useQemu', { done: () => t('settings.changed'), onDone: () => setTyped(null) });
  const path = typed ?? settings?.qemuPath ?? '';
  return (
    <>
      {error && !can ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : !can ? (
        <Skeleton className="h-48" />
      ) : (
        <Facts
          rows={[
            {
              label: t('settings.qemu.label'),
              value: can.qemu ? (
                <State tone="ok" className="flex! items-start! break-all whitespace-normal! [&>svg]:mt-[3px]">
                  {t('settings.qemu.found', { version: can.qemu.version, path: can.qemu.path })}
                </State>
              ) : (
                <State tone="attention">{t('settings.qemu.missing')}</State>
              ),
            },
            ...(can.qemu
              ? []
              : [
                  {
                    label: t('settings.qemu.install'),
                    value: <Copyable value={can.installCommand} what={t('settings.qemu.command')} whole />,
                  },
                ]),
            {
              label: t('settings.qemu.accelerator'),
              value: [can.accelerator?.toUpperCase() ?? t('common.unknown'), said(can.acceleratorDetail)]
                .filter(Boolean)
                .join(': '),
            },
            { label: t('settings.qemu.cpus'), value: format.number(can.cpus) },
            { label: t('settings.qemu.memory'), value: format.bytes(can.memoryMiB * 1_048_576) },
            { label: t('settings.qemu.disk'), value: format.bytes(can.freeDisk) },
          ]}
        />
      )}
      <Row label={t('settings.qemu.path')} hint={t('settings.qemu.pathHint')}>
        <form
          className="flex min-w-0 gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            set.mutate({ path: path.trim() }, { onSuccess: () => look.mutate({ refresh: true }) });
          }}
        >
          <Input
            aria-label={t('settings.qemu.path')}
            className="w-64 min-w-0 font-mono"
            value={path}
            onChange={(e) => setTyped(e.target.value)}
          />
          <Button type="submit" busy={set.isPending} disabled={path === (settings?.qemuPath ?? '')}>
            {t('common.save')}
          </Button>
        </form>
      </Row>
      <Row label={t('settings.qemu.again')} hint={t('settings.qemu.againHint')}>
        <Button busy={look.isPending} onClick={() => look.mutate({ refresh: true })}>
          {t('settings.qemu.look')}
        </Button>
      </Row>
    </>
  );
}
