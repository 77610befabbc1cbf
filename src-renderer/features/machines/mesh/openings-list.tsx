import { Plus, Trash2, TriangleAlert } from 'lucide-react';
import { useRef } from 'react';
import { useT } from '../../../lib/i18n.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { mostOpenings } from './opening.ts';
import { type RuleWords, ruleWords } from './rule-words.ts';

export interface OpeningsListProps {
  rules: readonly string[];
  disabled?: boolean;
  /** One is being closed. */
  busy?: boolean;
  onAdd: () => void;
  onClose: (rule: string) => void;
}

/** What is open to whom, one a line, and the way to open more. */
export function OpeningsList({ rules, disabled = false, busy = false, onAdd, onClose }: OpeningsListProps) {
  const t = useT();
  const add = useRef<HTMLButtonElement>(null);
  const close = (rule: string) => {
    onClose(rule);
    // The pressed button goes with its line; without this the keyboard would be back at the top of the page.
    add.current?.focus({ preventScroll: true });
  };
  const full = rules.length >= mostOpenings;
  return (
    <div className="flex flex-col gap-3 text-sm">
      {rules.length === 0 ? (
        <p>{t('machines.mesh.nobody')}</p>
      ) : (
        <ul aria-label={t('machines.mesh.openings')} className="border-t border-line">
          {rules.map((rule) => (
            <Opening key={rule} words={ruleWords(rule, t)} disabled={disabled || busy} onClose={() => close(rule)} />
          ))}
        </ul>
      )}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Button ref={add} icon={Plus} disabled={disabled || full} onClick={onAdd}>
          {t('machines.mesh.open')}
        </Button>
        {full && <span className="text-ink-soft">{t('machines.mesh.full', { count: mostOpenings })}</span>}
      </div>
    </div>
  );
}

function Opening({ words, disabled, onClose }: { words: RuleWords; disabled: boolean; onClose: () => void }) {
  const t = useT();
  const { what, who, everybody, whole } = words;
  return (
    <li className="flex items-center justify-between gap-3 border-b border-line py-1.5">
      <p className="flex min-w-0 flex-wrap items-center gap-x-3">
        <span className="font-medium wrap-anywhere">
          {what}
          <span className="sr-only">, </span>
        </span>
        {everybody ? (
          <span className="inline-flex min-w-0 items-center gap-1.5 text-attention">
            <TriangleAlert aria-hidden className="size-3.5 shrink-0" strokeWidth={2} />
            <span className="min-w-0 wrap-anywhere">{who}</span>
          </span>
        ) : (
          <span className="min-w-0 text-ink-soft wrap-anywhere">{who}</span>
        )}
      </p>
      <IconButton
        icon={Trash2}
        size="small"
        label={t('machines.mesh.close', { rule: whole })}
        disabled={disabled}
        onClick={onClose}
      />
    </li>
  );
}
