import { useState } from 'react';
import type { NameEntry } from '#shared/contract/names.ts';
import { useAgentMutation, useAgentQuery } from '../../lib/agent/hooks.ts';
import { useLink } from '../../lib/agent/provider.tsx';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Field, Input } from '../../ui/field.tsx';
import { Notice } from '../../ui/panel.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { State } from '../../ui/state.tsx';
import { stateOfFound } from './name-state.ts';
import { RecordFacts } from './record-facts.tsx';

/** Look a name up on every ledger; where it is free, take it. */
export function FindName() {
  const t = useT();
  const [typed, setTyped] = useState('');
  const [wanted, setWanted] = useState<string | null>(null);
  const found = useAgentQuery('names.look', { name: wanted ?? '' }, { enabled: wanted !== null });
  return (
    <div className="flex flex-col gap-4">
      <form
        className="flex flex-wrap items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.trim() !== '') setWanted(typed.trim());
        }}
      >
        <div className="grow basis-64">
          <Field label={t('names.find')} hint={t('names.findHint')}>
            {(control) => (
              <Input {...control} maxLength={255} value={typed} onChange={(event) => setTyped(event.target.value)} />
            )}
          </Field>
        </div>
        <Button type="submit" disabled={typed.trim() === ''}>
          {t('names.look')}
        </Button>
      </form>
      {wanted !== null && found.error && <ErrorPanel error={found.error} onRetry={() => void found.refetch()} />}
      {wanted !== null && found.isPending && <Skeleton className="h-24" />}
      {found.data && (
        <div className="flex flex-col gap-4">
          {found.data.looksLike !== null && (
            <Notice tone="attention">{t('names.looksLike', { other: found.data.looksLike })}</Notice>
          )}
          {found.data.changed && <Notice>{t('names.changed', { label: found.data.label })}</Notice>}
          <ul className="flex flex-col gap-4">
            {found.data.found.map((entry) => (
              <li key={entry.ledger.chain} className="flex flex-col gap-2 rounded-lg border border-line p-3.5">
                <Found entry={entry} />
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

function Found({ entry }: { entry: NameEntry }) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const take = useAgentMutation('names.register', { done: () => t('names.begun', { name: entry.full }) });
  const { tone, word } = stateOfFound(entry);
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <div className="flex min-w-0 flex-wrap items-baseline gap-x-3">
          <bdi className="font-medium break-all">{entry.full}</bdi>
          <State tone={tone}>{t(word)}</State>
        </div>
        {entry.state === 'free' && (
          <Button
            tone="primary"
            disabled={!ready}
            busy={take.isPending}
            onClick={() => take.mutate({ name: entry.label, ledger: entry.ledger.chain })}
          >
            {entry.depositText === null ? t('names.take') : t('names.takeFor', { deposit: entry.depositText })}
          </Button>
        )}
      </div>
      {entry.owner !== null && <RecordFacts entry={entry} />}
    </>
  );
}
