import { useState } from 'react';
import type { ItemId } from '#shared/model/ids.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { shownName } from '../browse/shown-name.ts';
import { type Clash, ClashField } from '../dialogs/clash-field.tsx';

/** What to do where something is already, and then bring it back to where it lay. */
export function BringBackDialog({
  snapshot,
  items,
  onClose,
}: {
  snapshot: number;
  items: readonly { id: ItemId; name: string }[];
  onClose: (done: boolean) => void;
}) {
  const t = useT();
  const [clash, setClash] = useState<Clash>('both');
  const bring = useAgentMutation('vault.restoreFrom', { quiet: true, onDone: () => onClose(true) });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose(false)}
      title={t('vault.snapshots.bringTitle', { count: items.length, name: shownName(items[0]?.name ?? '') })}
      description={t('vault.snapshots.bringText')}
      width="narrow"
      footer={
        <>
          <Button onClick={() => onClose(false)}>{t('common.cancel')}</Button>
          <Button
            tone="primary"
            busy={bring.isPending}
            onClick={() => bring.mutate({ snapshot, items: items.map(({ id }) => id), clash })}
          >
            {t('vault.snapshots.bring')}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <ClashField value={clash} onChange={setClash} />
        {bring.error && <ErrorPanel error={bring.error} />}
      </div>
    </Dialog>
  );
}
