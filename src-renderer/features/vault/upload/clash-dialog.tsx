import { useState } from 'react';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { Checkbox } from '../../../ui/field.tsx';
import { shownName } from '../browse/shown-name.ts';
import type { ClashChoices } from './clashes.ts';
import type { Clash, UploadSource } from './job.ts';

export interface ClashDialogProps {
  clashing: readonly UploadSource[];
  /** All are decided; null: nothing of this upload is stored. */
  onDecided: (choices: ClashChoices | null) => void;
}

/** Asks what to do with files whose names are taken, one after another or once for all. */
export function ClashDialog({ clashing, onDecided }: ClashDialogProps) {
  const t = useT();
  const [choices, setChoices] = useState<ClashChoices>(new Map());
  const [forAll, setForAll] = useState(true);
  const open = clashing.filter((source) => !choices.has(source));
  const [current] = open;
  if (current === undefined) return null;
  const others = open.length - 1;
  const choose = (clash: Clash) => {
    const next = new Map(choices);
    for (const source of forAll ? open : [current]) next.set(source, clash);
    setChoices(next);
    if (next.size === clashing.length) onDecided(next);
  };
  const name = shownName(current.path.join('/'));
  return (
    <Dialog
      open
      onOpenChange={(stay) => !stay && onDecided(null)}
      title={t('vault.clash.title')}
      footer={
        <>
          <Button onClick={() => choose('skip')}>{t('vault.clash.skip')}</Button>
          <Button onClick={() => choose('replace')}>{t('vault.clash.replace')}</Button>
          <Button tone="primary" onClick={() => choose('both')}>
            {t('vault.clash.both')}
          </Button>
        </>
      }
    >
      <p className="text-base break-words">
        <bdi className="font-medium">{name}</bdi>
      </p>
      <p className="mt-1 mb-3 text-sm text-ink-soft">{t('vault.clash.text')}</p>
      {others > 0 && (
        <Checkbox checked={forAll} onChange={setForAll}>
          {t('vault.clash.forAll', { count: others })}
        </Checkbox>
      )}
    </Dialog>
  );
}
