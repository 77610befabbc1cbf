import { useState } from 'react';
import { useAgentMutation } from '../../lib/agent/hooks.ts';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Field, Input, PassphraseInput } from '../../ui/field.tsx';
import { toast } from '../../ui/toast.tsx';
import { WordGrid } from '../onboarding/word-grid.tsx';

/**
 * Show the phrase again after the passphrase, then ask for three words. Serves both "reveal" in Settings and the
 * reminder on Home. The words are in this component's memory only and gone with it.
 */
export function ConfirmPhraseDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const [passphrase, setPassphrase] = useState('');
  const [checking, setChecking] = useState(false);
  const [typed, setTyped] = useState(['', '', '']);
  const reveal = useAgentMutation('identity.revealPhrase', { quiet: true });
  const confirm = useAgentMutation('identity.confirmPhrase', {
    quiet: true,
    onDone: () => {
      toast.done(t('settings.phrase.confirmed'));
      onClose();
    },
  });
  const shown = reveal.data;
  const submit = () => {
    if (!shown) return reveal.mutate({ passphrase }, { onSettled: () => setPassphrase('') });
    if (!checking) return setChecking(true);
    confirm.mutate({ answers: shown.check.map((index, i) => ({ index, word: typed[i] ?? '' })) });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      width={shown && !checking ? 'wide' : 'narrow'}
      title={shown ? t(checking ? 'onboarding.check.title' : 'onboarding.words.title') : t('settings.phrase.title')}
      description={shown ? t(checking ? 'onboarding.check.text' : 'settings.phrase.paper') : t('settings.phrase.ask')}
      footer={
        <>
          {shown && checking ? (
            <Button onClick={() => setChecking(false)}>{t('onboarding.check.back')}</Button>
          ) : (
            <Button onClick={onClose}>{t('common.close')}</Button>
          )}
          <Button
            tone="primary"
            type="submit"
            form="confirm-phrase"
            busy={reveal.isPending || confirm.isPending}
            disabled={!shown && passphrase === ''}
          >
            {!shown
              ? t('settings.phrase.show')
              : checking
                ? t('onboarding.check.submit')
                : t('onboarding.words.written')}
          </Button>
        </>
      }
    >
      <form
        id="confirm-phrase"
        className="flex flex-col gap-4 pb-2"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {(reveal.error ?? confirm.error) && <ErrorPanel error={reveal.error ?? confirm.error} />}
        {!shown && (
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
        )}
        {shown && !checking && <WordGrid words={shown.words} />}
        {shown &&
          checking &&
          shown.check.map((index, i) => (
            <Field key={index} label={t('onboarding.words.word', { number: index + 1 })}>
              {(control) => (
                <Input
                  {...control}
                  autoFocus={i === 0}
                  className="font-mono"
                  value={typed[i] ?? ''}
                  onChange={(event) =>
                    setTyped(typed.map((old, at) => (at === i ? event.target.value.trim().toLowerCase() : old)))
                  }
                />
              )}
            </Field>
          ))}
      </form>
    </Dialog>
  );
}
