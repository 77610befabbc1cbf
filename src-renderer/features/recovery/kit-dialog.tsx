import { useEffect, useState } from 'react';
import { useAgentMutation } from '../../lib/agent/hooks.ts';
import { useT } from '../../lib/i18n.ts';
import { saveText } from '../../lib/save-text.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Checkbox, Field, PassphraseInput } from '../../ui/field.tsx';
import { State } from '../../ui/state.tsx';
import { KitSheet, PrintedKit } from './kit-sheet.tsx';

/** The kit on the screen, to be saved or printed; with the words only after the passphrase. */
export function KitDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const make = useAgentMutation('vault.kit', { quiet: true });
  const reveal = useAgentMutation('identity.revealPhrase', { quiet: true });
  const [withWords, setWithWords] = useState(false);
  const [passphrase, setPassphrase] = useState('');
  const { mutate } = make;
  useEffect(() => mutate({}), [mutate]);
  const kit = make.data;
  const words = withWords ? (reveal.data?.words ?? null) : null;
  const save = () => {
    if (!kit) return;
    const day = new Date(kit.madeAt).toISOString().slice(0, 10);
    saveText(`${t('recovery.kit.fileName')}-${day}.txt`, kit.text);
  };
  return (
    <Dialog
      open
      width="wide"
      onOpenChange={(open) => !open && onClose()}
      title={t('recovery.kit.title')}
      description={t('recovery.kit.text')}
      footer={
        <>
          <Button onClick={onClose}>{t('common.close')}</Button>
          <Button disabled={!kit || (withWords && !words)} onClick={() => window.print()}>
            {t('recovery.kit.print')}
          </Button>
          <Button tone="primary" disabled={!kit} onClick={save}>
            {t('recovery.kit.save')}
          </Button>
        </>
      }
    >
      {make.error && <ErrorPanel error={make.error} />}
      {kit && (
        <div className="flex flex-col gap-4 pb-2">
          {kit.elsewhere < kit.needed && (
            <p className="text-sm text-danger" role="alert">
              {t('recovery.kit.few', { count: kit.elsewhere })}
            </p>
          )}
          <KitSheet kit={kit} words={null} />
          <div className="border-t border-line pt-3">
            <Checkbox
              checked={withWords}
              onChange={(on) => {
                setWithWords(on);
                setPassphrase('');
                reveal.reset();
              }}
            >
              {t('recovery.kit.withWords')}
            </Checkbox>
            <p className="ps-7 text-sm text-ink-soft">{t('recovery.kit.withWordsHint')}</p>
            {withWords && !words && (
              <form
                className="flex flex-col gap-3 ps-7 pt-3"
                onSubmit={(event) => {
                  event.preventDefault();
                  reveal.mutate({ passphrase }, { onSettled: () => setPassphrase('') });
                }}
              >
                {reveal.error && <ErrorPanel error={reveal.error} />}
                <Field label={t('onboarding.lock.passphrase')}>
                  {(control) => (
                    <PassphraseInput
                      {...control}
                      autoFocus
                      value={passphrase}
                      onChange={(event) => setPassphrase(event.target.value)}
                    />
                  )}
                </Field>
                <div>
                  <Button type="submit" busy={reveal.isPending} disabled={passphrase === ''}>
                    {t('recovery.kit.showWords')}
                  </Button>
                </div>
              </form>
            )}
            {words && (
              <p className="ps-7 pt-2">
                <State tone="attention">{t('recovery.kit.wordsIn')}</State>
              </p>
            )}
          </div>
          <PrintedKit kit={kit} words={words} />
        </div>
      )}
    </Dialog>
  );
}
