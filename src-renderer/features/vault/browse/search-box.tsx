import { Search, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useT } from '../../../lib/i18n.ts';
import { Input } from '../../../ui/field.tsx';

const settleMs = 150;

/** Search names and texts of the whole vault, while typing. */
export function SearchBox({ value, onChange }: { value: string; onChange: (query: string) => void }) {
  const t = useT();
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only typing starts a search
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text.trim() === '' ? '' : text.slice(0, 1024)), settleMs);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <search className="relative w-56 shrink-0 max-[899px]:w-40">
      <Search aria-hidden className="absolute start-2 top-2 size-4 text-ink-soft" strokeWidth={1.75} />
      <Input
        type="search"
        aria-label={t('vault.search.label')}
        placeholder={t('vault.search.label')}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          onChange('');
        }}
        className="ps-8 pe-8 text-ellipsis placeholder-shown:pe-2 [&::-webkit-search-cancel-button]:hidden"
      />
      {text !== '' && (
        <button
          type="button"
          aria-label={t('vault.search.clear')}
          onClick={() => onChange('')}
          className="absolute end-1 top-1 flex size-6 items-center justify-center rounded-sm text-ink-soft hover:text-ink"
        >
          <X aria-hidden className="size-3.5" strokeWidth={1.75} />
        </button>
      )}
    </search>
  );
}
