import { useState } from 'react';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { phraseLength } from './phrase.ts';
import { PhraseInput } from './phrase-input.tsx';
import { StepFrame } from './step-frame.tsx';

export interface RestoreProps {
  words: readonly string[] | null;
  /** Why the agent did not take the phrase. */
  error: unknown;
  at?: { at: number; of: number };
  onNext: (words: string[]) => void;
  onBack: () => void;
}

/** The words of an identity that exists already. */
export function Restore({ words: given, error, at, onNext, onBack }: RestoreProps) {
  const t = useT();
  const [words, setWords] = useState<string[]>(() => [...(given ?? Array.from({ length: phraseLength }, () => ''))]);
  const missing = words.filter((word) => word === '').length;
  const [asked, setAsked] = useState(false);
  return (
    <StepFrame
      wide
      {...(at ? { at } : {})}
      title={t('onboarding.restore.title')}
      text={t('onboarding.restore.text')}
      onSubmit={() => {
        setAsked(true);
        if (missing === 0) onNext(words);
      }}
      actions={
        <>
          <Button tone="primary" type="submit">
            {t('common.continue')}
          </Button>
          <Button onClick={onBack}>{t('common.back')}</Button>
        </>
      }
    >
      {error ? <ErrorPanel error={error} /> : null}
      <PhraseInput words={words} onChange={setWords} />
      {asked && missing > 0 && (
        <p role="alert" className="-mt-4 text-sm text-danger">
          {t('onboarding.restore.missing', { count: missing })}
        </p>
      )}
    </StepFrame>
  );
}
