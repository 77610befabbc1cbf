import { useState } from 'react';
import type { ItemId } from '#shared/model/ids.ts';
import { type In, useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Select } from '../../../ui/choice.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Field } from '../../../ui/field.tsx';
import { shownName } from '../browse/shown-name.ts';

type Clash = NonNullable<In<'vault.restoreFrom'>['clash']>;

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
        <Field label={t('vault.snapshots.clash')}>
          {(control) => (
            <Select
              {...control}
              value={clash}
              onChange={setClash}
              options={[
                { value: 'both', label: t('vault.snapshots.clashBoth') },
                { value: 'replace', label: t('vault.snapshots.clashReplace') },
                { value: 'skip', label: t('vault.snapshots.clashSkip') },
              ]}
            />
          )}
        </Field>
        {bring.error && <ErrorPanel error={bring.error} />}
      </div>
    </Dialog>
  );
}
