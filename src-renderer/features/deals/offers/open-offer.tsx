import { useState } from 'react';
import type { OfferView } from '#shared/contract/deals.ts';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Field, TextArea } from '../../../ui/field.tsx';

/** An offer that came by a link or as a file's text: read, and shown. */
export function OpenOffer({
  given,
  onClose,
  onFound,
}: {
  given: string;
  onClose: () => void;
  onFound: (offer: OfferView) => void;
}) {
  const t = useT();
  const [text, setText] = useState(given);
  const offer = text.trim();
  const { data, error } = useAgentQuery('deals.look', { offer }, { enabled: offer !== '' });
  const found = offer === '' ? undefined : data;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('deals.openOffer')}
      description={t('deals.openOfferText')}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button tone="primary" disabled={!found} onClick={() => found && onFound(found)}>
            {t('deals.readOffer')}
          </Button>
        </>
      }
    >
      <Field label={t('deals.offerLink')}>
        {(control) => (
          <TextArea
            {...control}
            rows={4}
            className="font-mono text-xs! break-all"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      {offer !== '' && error && (
        <div className="mt-4">
          <ErrorPanel error={error} />
        </div>
      )}
    </Dialog>
  );
}
