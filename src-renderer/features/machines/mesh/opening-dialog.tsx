import { type FormEvent, useState } from 'react';
import type { Failure } from '#shared/rpc/fail.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Notice } from '../../../ui/panel.tsx';
import { emptyDraft, openingOf, type Shown, sameness, writeOpening } from './opening.ts';
import { ruleWords } from './rule-words.ts';
import { useContacts } from './use-contacts.ts';
import { WhatFields } from './what-fields.tsx';
import { WhoFields } from './who-fields.tsx';

export interface OpeningDialogProps {
  /** What is open already. */
  openings: readonly Shown[];
  busy?: boolean;
  failure?: Failure | null;
  onOpen: (rule: string) => void;
  onClose: () => void;
}

/** One opening: what, and to whom. It begins with nobody, and says what it means to let everybody in. */
export function OpeningDialog({ openings, busy = false, failure = null, onOpen, onClose }: OpeningDialogProps) {
  const t = useT();
  const [draft, setDraft] = useState(emptyDraft);
  const [tried, setTried] = useState(false);
  const known = useContacts();
  const rule = writeOpening(draft);
  const wanted = rule === null ? null : openingOf(rule, known.contacts);
  const words = wanted === null ? null : ruleWords(wanted, t);
  const everybody = draft.who === 'everybody' || (words?.everybody ?? false);
  const strangers = words?.strangers ?? false;
  const already = wanted !== null && openings.some((one) => sameness(one) === sameness(wanted));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // By way of React this form stands in the deploy form, whatever the page's own tree says: it must not deploy.
    event.stopPropagation();
    setTried(true);
    if (rule !== null && !already) onOpen(rule);
  };
  const fields = { draft, tried, onChange: (change: Partial<typeof draft>) => setDraft({ ...draft, ...change }) };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('machines.mesh.open')}
      description={t('machines.mesh.openText')}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button tone="primary" type="submit" form="add-opening" busy={busy}>
            {t(`machines.mesh.${draft.who === 'everybody' ? 'submitAll' : strangers ? 'submitStrangers' : 'submit'}`)}
          </Button>
        </>
      }
    >
      <form id="add-opening" noValidate onSubmit={submit} className="flex flex-col gap-4">
        <WhatFields {...fields} />
        <WhoFields {...fields} known={known} />
        {everybody && <Notice tone="attention">{t('machines.mesh.allWarning')}</Notice>}
        {strangers && !everybody && (
          <Notice tone="attention">{t('machines.mesh.partWarning', { who: words?.who ?? '' })}</Notice>
        )}
        {tried && already && (
          <p role="alert" className="text-sm text-danger">
            {t('machines.mesh.already', { rule: words?.whole ?? '' })}
          </p>
        )}
        {failure && <ErrorPanel error={failure} />}
      </form>
    </Dialog>
  );
}
