import { useState } from 'react';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { Field, Input } from '../../ui/field.tsx';
import { type Draft, wrongAnswers } from './flow.ts';
import { StepFrame } from './step-frame.tsx';

export interface CheckProps {
  draft: Draft;
  at: { at: number; of: number };
  onNext: (answers: { index: number; word: string }[]) => void;
  onSkip: () => void;
  onBack: () => void;
}

/** Screen three: three of the words, so that a slip of the pen shows now and not in five years. */
export function Check({ draft, at, onNext, onSkip, onBack }: CheckProps) {
  const t = useT();
  const [typed, setTyped] = useState(() => draft.check.map(() => ''));
  const [wrong, setWrong] = useState<readonly number[]>([]);
  const submit = () => {
    const bad = wrongAnswers(draft, typed);
    setWrong(bad);
    if (bad.length === 0)
      onNext(draft.check.map((index, i) => ({ index, word: typed[i]?.trim().toLowerCase() ?? '' })));
  };
  return (
    <StepFrame
      at={at}
      title={t('onboarding.check.title')}
      text={t('onboarding.check.text')}
      onSubmit={submit}
      actions={
        <>
          <Button tone="primary" type="submit">
            {t('onboarding.check.submit')}
          </Button>
          <Button onClick={onBack}>{t('onboarding.check.back')}</Button>
          <Button tone="quiet" onClick={onSkip}>
            {t('onboarding.check.skip')}
          </Button>
        </>
      }
    >
      {draft.check.map((index, i) => (
        <Field
          key={index}
          label={t('onboarding.words.word', { number: index + 1 })}
          error={
            wrong.includes(index)
              ? t(typed[i]?.trim() ? 'onboarding.check.wrong' : 'onboarding.check.missing', { number: index + 1 })
              : undefined
          }
        >
          {(control) => (
            <Input
              {...control}
              autoFocus={i === 0}
              autoCapitalize="none"
              className="font-mono"
              value={typed[i] ?? ''}
              onChange={(event) => {
                setTyped(typed.map((old, at) => (at === i ? event.target.value : old)));
                setWrong(wrong.filter((at) => at !== index));
              }}
            />
          )}
        </Field>
      ))}
    </StepFrame>
  );
}
