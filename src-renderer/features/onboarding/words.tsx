import { useState } from 'react';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Checkbox } from '../../ui/field.tsx';
import { Notice } from '../../ui/panel.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import type { Draft, Flow } from './flow.ts';
import { StepFrame } from './step-frame.tsx';
import { WordGrid } from './word-grid.tsx';

export interface WordsProps {
  draft: Draft | null;
  again: Flow['again'];
  error: unknown;
  at: { at: number; of: number };
  onRetry: () => void;
  onNext: () => void;
  onSkip: () => void;
  onBack: () => void;
}

/** Screen two: the words. Written down by hand: no copy button, and nothing goes to the clipboard by itself. */
export function Words({ draft, again, error, at, onRetry, onNext, onSkip, onBack }: WordsProps) {
  const t = useT();
  const [written, setWritten] = useState(false);
  return (
    <StepFrame
      wide
      at={at}
      title={t('onboarding.words.title')}
      text={t('onboarding.words.text')}
      onSubmit={() => written && draft && onNext()}
      actions={
        <>
          <Button tone="primary" type="submit" disabled={!written || !draft}>
            {t('common.continue')}
          </Button>
          <Button onClick={onBack}>{t('common.back')}</Button>
          <Button tone="quiet" onClick={onSkip} disabled={!draft}>
            {t('onboarding.words.skip')}
          </Button>
        </>
      }
    >
      {again && draft && (
        <div role="status">
          <Notice tone={again === 'other' ? 'attention' : 'plain'}>
            {again === 'other' ? (
              <>
                <p className="font-medium">{t('onboarding.words.other')}</p>
                <p>{t('onboarding.words.otherNext')}</p>
              </>
            ) : (
              <p>{t('onboarding.words.same')}</p>
            )}
          </Notice>
        </div>
      )}
      {error ? (
        <ErrorPanel error={error} onRetry={onRetry} />
      ) : draft ? (
        <WordGrid words={draft.words} />
      ) : (
        <Skeleton className="h-[242px]" />
      )}
      <Checkbox checked={written} onChange={setWritten} disabled={!draft}>
        {t('onboarding.words.written')}
      </Checkbox>
    </StepFrame>
  );
}
