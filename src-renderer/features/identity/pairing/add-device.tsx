import { useEffect, useRef, useState } from 'react';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Switch } from '../../../ui/choice.tsx';
import { Copyable } from '../../../ui/copyable.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { State } from '../../../ui/state.tsx';
import { toast } from '../../../ui/toast.tsx';
import { ShortCode } from './short-code.tsx';
import { usePairing } from './use-pairing.ts';

/** The side that has the keys: wait for the other device, compare, say how much it is to get. */
export function AddDevice({ onClose }: { onClose: () => void }) {
  const t = useT();
  const { pairing, answering, answer, cancel } = usePairing();
  const offer = useAgentMutation('pairing.offer', { quiet: true });
  const [withKeys, setWithKeys] = useState(false);
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    offer.mutate({});
  });
  // What was known may still tell how an earlier pairing ended: it counts from where it tells of this one.
  const [mine, setMine] = useState(false);
  if (!mine && offer.isSuccess && pairing?.state === 'offered') setMine(true);
  const current = mine ? pairing : (offer.data ?? null);
  const state = current?.state;
  useEffect(() => {
    if (state !== 'done') return;
    toast.done(t('contacts.pairing.done', { name: current?.device ?? '' }));
    onClose();
  }, [state, current?.device, onClose, t]);
  const close = () => {
    cancel();
    onClose();
  };
  const failed = offer.error ?? (state === 'failed' ? current?.failure : null);
  const comparing = current !== null && state === 'comparing' && current.code !== null;
  return (
    <Dialog
      open
      insistent={comparing}
      onOpenChange={(open) => !open && close()}
      title={comparing ? t('contacts.pairing.compare.title') : t('contacts.pairing.offer.title')}
      description={
        comparing
          ? t('contacts.pairing.compare.device', { name: current.device ?? '' })
          : state === 'offered'
            ? t('contacts.pairing.offer.text')
            : undefined
      }
      footer={
        failed ? (
          <>
            <Button onClick={close}>{t('common.close')}</Button>
            <Button tone="primary" onClick={() => offer.mutate({})}>
              {t('contacts.pairing.again')}
            </Button>
          </>
        ) : comparing ? (
          <>
            <Button disabled={answering} onClick={() => answer(current, false)}>
              {t('contacts.pairing.compare.differs')}
            </Button>
            <Button tone="primary" busy={answering} onClick={() => answer(current, true, withKeys)}>
              {t('contacts.pairing.compare.same')}
            </Button>
          </>
        ) : (
          <Button onClick={close}>{t('common.cancel')}</Button>
        )
      }
    >
      {failed ? (
        <ErrorPanel error={failed} />
      ) : comparing ? (
        <div className="flex flex-col gap-4 pb-1">
          <ShortCode code={current.code ?? ''} />
          <Switch
            checked={withKeys}
            onChange={setWithKeys}
            label={t('contacts.pairing.compare.withKeys')}
            hint={t('contacts.pairing.compare.withKeysHint')}
          />
        </div>
      ) : (
        <div className="flex flex-col gap-3 pb-1 text-sm">
          {state === 'offered' && (
            <ul>
              {current?.addresses.map((address) => (
                <li key={address}>
                  <Copyable value={address} what={t('contacts.pairing.offer.address')} whole className="text-base!" />
                </li>
              ))}
            </ul>
          )}
          <State tone="waiting">
            {state === 'waiting' ? t('contacts.pairing.wait') : t('contacts.pairing.offer.waiting')}
          </State>
          {state === 'offered' && <p className="text-ink-soft">{t('contacts.pairing.offer.until')}</p>}
        </div>
      )}
    </Dialog>
  );
}
