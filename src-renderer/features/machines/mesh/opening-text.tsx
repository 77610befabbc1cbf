import { TriangleAlert } from 'lucide-react';
import type { RuleWords } from './rule-words.ts';

/** What is open to whom, on one line where it fits; where strangers come in, and where nobody does, it is marked. */
export function OpeningText({ words: { what, who, strangers, nobody } }: { words: RuleWords }) {
  return (
    <p className="flex min-w-0 flex-wrap items-center gap-x-3">
      <span className="font-medium wrap-anywhere">
        {what}
        <span className="sr-only">, </span>
      </span>
      {strangers || nobody ? (
        <span className="inline-flex min-w-0 items-center gap-1.5 text-attention">
          <TriangleAlert aria-hidden className="size-3.5 shrink-0" strokeWidth={2} />
          <span className="min-w-0 wrap-anywhere">{who}</span>
        </span>
      ) : (
        <span className="min-w-0 text-ink-soft wrap-anywhere">{who}</span>
      )}
    </p>
  );
}
