import { useT } from '../../lib/i18n.ts';

/** The words, numbered, to be copied by hand. They can be read by screen readers and are never put on the clipboard. */
export function WordGrid({ words }: { words: readonly string[] }) {
  const t = useT();
  return (
    <ol
      aria-label={t('onboarding.words.list')}
      className="grid grid-flow-col grid-cols-2 grid-rows-12 gap-x-6 rounded-lg border border-line bg-surface-raised px-4 py-3 min-[560px]:grid-cols-4 min-[560px]:grid-rows-6"
    >
      {words.map((word, i) => (
        <li
          // biome-ignore lint/suspicious/noArrayIndexKey: a word may occur twice; its position is its identity
          key={i}
          className="flex items-baseline gap-2.5 border-b border-line py-1.5 last:border-b-0 min-[560px]:nth-[6n]:border-b-0"
        >
          <span className="w-5 text-end text-sm text-ink-soft">{i + 1}</span>
          <span className="font-mono text-base">{word}</span>
        </li>
      ))}
    </ol>
  );
}
