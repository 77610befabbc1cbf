import { useState } from 'react';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { Segments } from '../../ui/choice.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { KitInput } from '../recovery/kit-input.tsx';
import { SharesInput } from '../recovery/shares-input.tsx';
import { phraseLength } from './phrase.ts';
import { PhraseInput } from './phrase-input.tsx';
import { StepFrame } from './step-frame.tsx';

/** What a person has of an identity that exists already: its words, or shares of them. */
export type Typed = { readonly words: readonly string[] } | { readonly shares: readonly string[] };

export interface RestoreProps {
  typed: Typed | null;
  /** Why the agent did not take it. */
  error: unknown;
  at?: { at: number; of: number };
  /** A recovery kit may be given too; left out where there is a vault already. */
  kit?: string;
  onNext: (typed: Typed, kit: string) => void;
  onBack: () => void;
}

/** The words of an identity that exists already, or shares of them. */
export function Restore({ typed, error, at, kit: givenKit, onNext, onBack }: RestoreProps) {
  const t = useT();
  const [way, setWay] = useState<'words' | 'shares'>(typed && 'shares' in typed ? 'shares' : 'words');
  const [words, setWords] = useState<string[]>(() =>
    typed && 'words' in typed ? [...typed.words] : Array.from({ length: phraseLength }, () => ''),
  );
  const [shares, setShares] = useState<string[]>(() => (typed && 'shares' in typed ? [...typed.shares] : ['', '']));
  const [kit, setKit] = useState(givenKit ?? '');
  const given = shares.filter((share) => share.trim() !== '');
  const missing = way === 'words' ? words.filter((word) => word === '').length : given.length === 0 ? 1 : 0;
  const [asked, setAsked] = useState(false);
  return (
    <StepFrame
      wide
      {...(at ? { at } : {})}
      title={t(way === 'words' ? 'onboarding.restore.title' : 'recovery.restore.sharesTitle')}
      text={t(way === 'words' ? 'onboarding.restore.text' : 'recovery.restore.sharesText')}
      onSubmit={() => {
        setAsked(true);
        if (missing === 0) onNext(way === 'words' ? { words } : { shares: given }, kit.trim());
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
      <div>
        <Segments
          label={t('recovery.restore.way')}
          value={way}
          onChange={setWay}
          options={[
            { value: 'words', label: t('recovery.restore.words') },
            { value: 'shares', label: t('recovery.restore.shares') },
          ]}
        />
      </div>
      {way === 'words' ? (
        <PhraseInput words={words} onChange={setWords} />
      ) : (
        <SharesInput shares={shares} onChange={setShares} />
      )}
      {asked && missing > 0 && way === 'words' && (
        <p role="alert" className="-mt-4 text-sm text-danger">
          {t('onboarding.restore.missing', { count: missing })}
        </p>
      )}
      {givenKit !== undefined && (
        <div className="border-t border-line pt-5">
          <KitInput text={kit} onChange={setKit} />
        </div>
      )}
    </StepFrame>
  );
}
