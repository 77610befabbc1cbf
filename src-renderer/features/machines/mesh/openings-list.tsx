import { Plus, Trash2 } from 'lucide-react';
import { useRef } from 'react';
import { mostOpenings } from '#shared/model/firewall-rule.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import type { Shown } from './opening.ts';
import { OpeningText } from './opening-text.tsx';
import { type RuleWords, ruleWords } from './rule-words.ts';

export interface OpeningsListProps {
  openings: readonly Shown[];
  disabled?: boolean;
  /** One is being closed. */
  busy?: boolean;
  onAdd: () => void;
  onClose: (rule: string) => void;
}

/** What is open to whom, one a line, and the way to open more. */
export function OpeningsList({ openings, disabled = false, busy = false, onAdd, onClose }: OpeningsListProps) {
  const t = useT();
  const add = useRef<HTMLButtonElement>(null);
  const close = (rule: string) => {
    onClose(rule);
    // The pressed button goes with its line; without this the keyboard would be back at the top of the page.
    add.current?.focus({ preventScroll: true });
  };
  const full = openings.length >= mostOpenings;
  return (
    <div className="flex flex-col gap-3 text-sm">
      {openings.length === 0 ? (
        <p>{t('machines.mesh.nobody')}</p>
      ) : (
        <ul aria-label={t('machines.mesh.openings')} className="border-t border-line">
          {openings.map((opening) => (
            <Opening
              key={opening.rule}
              words={ruleWords(opening, t)}
              disabled={disabled || busy}
              onClose={() => close(opening.rule)}
            />
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
  const { whole } = words;
  return (
    <li className="flex items-center justify-between gap-3 border-b border-line py-1.5">
      <OpeningText words={words} />
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
