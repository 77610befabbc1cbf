import { type ClipboardEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useT } from '../../lib/i18n.ts';
import { cx } from '../../ui/cx.ts';
import { complete, fillWords, loadWordList, phraseLength, splitWords, suggest, unknownWords } from './phrase.ts';

export interface PhraseInputProps {
  words: readonly string[];
  onChange: (words: string[]) => void;
  /** Words in no list are marked from the moment a field is left. */
  showUnknown?: boolean;
}

/**
 * 24 fields. A whole phrase may be pasted into any of them; three letters and Enter or Tab complete a word; spaces move
 * on, so that the phrase can be typed in one go.
 */
export function PhraseInput({ words, onChange, showUnknown = true }: PhraseInputProps) {
  const t = useT();
  const id = useId();
  const grid = useRef<HTMLOListElement>(null);
  const [all, setAll] = useState<readonly string[]>([]);
  const [focused, setFocused] = useState<number | null>(null);
  useEffect(() => {
    let live = true;
    void loadWordList().then((list) => live && setAll(list));
    return () => {
      live = false;
    };
  }, []);

  const focus = (i: number) => grid.current?.querySelectorAll('input')[Math.min(i, phraseLength - 1)]?.focus();
  const set = (i: number, word: string) => onChange(words.map((old, at) => (at === i ? word : old)));
  const finish = (i: number) => {
    const word = complete(all, words[i] ?? '');
    if (word && word !== words[i]) set(i, word);
  };
  const onPaste = (i: number, event: ClipboardEvent) => {
    const pasted = splitWords(event.clipboardData.getData('text'));
    if (pasted.length < 2) return;
    event.preventDefault();
    onChange(fillWords(words, i, pasted));
    focus(Math.min(phraseLength - 1, pasted.length >= phraseLength ? phraseLength - 1 : i + pasted.length));
  };
  const onKeyDown = (i: number, event: KeyboardEvent) => {
    if (event.key === ' ') {
      event.preventDefault();
      finish(i);
      focus(i + 1);
    } else if (event.key === 'Enter' && complete(all, words[i] ?? '') && i < phraseLength - 1) {
      event.preventDefault();
      finish(i);
      focus(i + 1);
    } else if (event.key === 'Backspace' && words[i] === '' && i > 0) {
      event.preventDefault();
      focus(i - 1);
    }
  };
  const unknown = all.length > 0 && showUnknown ? unknownWords(all, words).filter((i) => i !== focused) : [];

  return (
    <div>
      <ol ref={grid} aria-label={t('onboarding.words.list')} className="grid grid-cols-2 gap-2 min-[560px]:grid-cols-4">
        {words.map((word, i) => {
          const wrong = unknown.includes(i);
          const offers = focused === i ? suggest(all, word).filter((offer) => offer !== word) : [];
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: the position is the identity of a word
            <li key={i} className="relative">
              <span aria-hidden className="absolute inset-y-0 start-2 flex items-center text-xs text-ink-soft">
                {i + 1}
              </span>
              <input
                value={word}
                aria-label={t('onboarding.words.word', { number: i + 1 })}
                aria-invalid={wrong || undefined}
                aria-describedby={wrong ? `${id}-unknown` : undefined}
                autoComplete="off"
                autoCapitalize="none"
                autoCorrect="off"
                spellCheck={false}
                list={offers.length > 0 ? `${id}-${i}` : undefined}
                onChange={(event) => set(i, event.target.value.trim().toLowerCase())}
                onPaste={(event) => onPaste(i, event)}
                onKeyDown={(event) => onKeyDown(i, event)}
                onFocus={() => setFocused(i)}
                onBlur={() => {
                  setFocused(null);
                  finish(i);
                }}
                className={cx(
                  'h-8 w-full rounded-md border border-line-strong bg-surface-raised ps-8 pe-2 font-mono text-sm focus-visible:outline-offset-0',
                  wrong && 'border-danger text-danger',
                )}
              />
              {offers.length > 0 && (
                <datalist id={`${id}-${i}`}>
                  {offers.map((offer) => (
                    <option key={offer} value={offer} />
                  ))}
                </datalist>
              )}
            </li>
          );
        })}
      </ol>
      <p id={`${id}-unknown`} aria-live="polite" className="mt-2 min-h-5 text-sm text-danger">
        {unknown.length > 0 &&
          t('onboarding.restore.unknown', { count: unknown.length, numbers: unknown.map((i) => i + 1).join(', ') })}
      </p>
    </div>
  );
}
