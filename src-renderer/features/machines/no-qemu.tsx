import { useState } from 'react';
import type { Capability } from '#shared/contract/machines.ts';
import { useAgent } from '../../lib/agent/provider.tsx';
import { queryKey } from '../../lib/agent/query.ts';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { toast } from '../../ui/toast.tsx';

/** QEMU runs machines; without it, the one command that brings it, and a way to look again. */
export function NoQemu({ capability }: { capability: Capability }) {
  const t = useT();
  const { link, queries } = useAgent();
  const [busy, setBusy] = useState(false);
  const look = async () => {
    setBusy(true);
    try {
      const found = await link.connection().client['machines.capability']({ refresh: true });
      queries.setQueryData(queryKey('machines.capability', {}), found);
      toast.done(t(found.qemu ? 'machines.noQemu.found' : 'machines.noQemu.stillNot'));
    } catch (error) {
      toast.failed(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <EmptyState
      title={t('machines.noQemu.title')}
      action={
        <Button busy={busy} onClick={() => void look()}>
          {t('machines.noQemu.look')}
        </Button>
      }
    >
      <p>{t('machines.noQemu.text')}</p>
      <div className="mt-4 rounded-lg border border-line bg-surface-sunk px-3 py-2 text-start text-ink">
        <Copyable whole value={capability.installCommand} what={t('machines.noQemu.command')} />
      </div>
    </EmptyState>
  );
}
