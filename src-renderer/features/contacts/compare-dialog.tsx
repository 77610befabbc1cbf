import { useState } from 'react';
import type { Contact } from '#shared/contract/contacts.ts';
import { useAgentMutation, useAgentQuery } from '../../lib/agent/hooks.ts';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Notice } from '../../ui/panel.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { toast } from '../../ui/toast.tsx';

/** Sixty digits to be read out to one another: equal, and nobody stands between the two. */
export function CompareDialog({ contact, onClose }: { contact: Contact; onClose: () => void }) {
  const t = useT();
  const name = contact.petname;
  const { data, error, refetch } = useAgentQuery('contacts.safety', { contact: contact.id });
  const [differs, setDiffers] = useState(false);
  const verify = useAgentMutation('contacts.verify', {
    onDone: () => {
      toast.done(t('contacts.compareDialog.done', { name }), undefined, `contact ${contact.id}`);
      onClose();
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('contacts.compareDialog.title', { name })}
      description={t('contacts.compareDialog.text')}
      footer={
        differs ? (
          <Button onClick={() => setDiffers(false)}>{t('contacts.compareDialog.back')}</Button>
        ) : (
          <>
            <Button disabled={!data} onClick={() => setDiffers(true)}>
              {t('contacts.compareDialog.differs')}
            </Button>
            <Button
              tone="primary"
              disabled={!data}
              busy={verify.isPending}
              onClick={() => data && verify.mutate({ contact: contact.id, number: data.number.join(' ') })}
            >
              {t('contacts.compareDialog.same')}
            </Button>
          </>
        )
      }
    >
      {error && !data ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton className="h-28" />
      ) : differs ? (
        <Notice tone="danger">
          <p className="font-semibold">{t('contacts.compareDialog.differsTitle')}</p>
          <p>{t('contacts.compareDialog.differsText')}</p>
        </Notice>
      ) : (
        <ol
          aria-label={t('contacts.compareDialog.number')}
          className="grid grid-cols-3 gap-x-6 gap-y-2 rounded-lg bg-surface-sunk px-4 py-4 text-center font-mono text-lg min-[480px]:grid-cols-4"
        >
          {data.number.map((group, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: groups have no identity but their place
            <li key={i}>{group}</li>
          ))}
        </ol>
      )}
    </Dialog>
  );
}
