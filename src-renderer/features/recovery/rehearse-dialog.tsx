import { type FormEvent, useState } from 'react';
import { rehearsalSchema } from '#shared/contract/vault/recovery.ts';
import { useAgentMutation } from '../../lib/agent/hooks.ts';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/choice.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Field, Input } from '../../ui/field.tsx';
import { phraseLength, splitWords } from '../onboarding/phrase.ts';
import { PhraseInput } from '../onboarding/phrase-input.tsx';
import { TaskPanel } from '../tasks/task-panel.tsx';
import { KitInput } from './kit-input.tsx';
import { verdictOf } from './rehearsal-result.tsx';
import { SharesInput } from './shares-input.tsx';

type Keys = 'session' | 'words' | 'shares';

/** Choose what is to be proved, then let it run; what came of it stays on the page behind. */
export function RehearseDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const [keys, setKeys] = useState<Keys>('session');
  const [words, setWords] = useState<string[]>(() => Array.from({ length: phraseLength }, () => ''));
  const [shares, setShares] = useState<string[]>(['', '']);
  const [kit, setKit] = useState<'now' | 'given'>('now');
  const [text, setText] = useState('');
  const [files, setFiles] = useState('20');
  const start = useAgentMutation('vault.rehearse', { quiet: true });
  const count = Math.min(1000, Math.max(1, Math.round(Number(files)) || 20));
  const missing = keys === 'words' && splitWords(words.join(' ')).length < phraseLength;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate({
      files: count,
      ...(keys === 'words' ? { words } : {}),
      ...(keys === 'shares' ? { shares: shares.filter((share) => share.trim() !== '') } : {}),
      ...(kit === 'given' ? { kit: text } : {}),
    });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      width="wide"
      title={t('recovery.rehearse.title')}
      description={t('recovery.rehearse.text')}
      footer={
        <>
          <Button onClick={onClose}>{t('common.close')}</Button>
          {!start.data && (
            <Button
              tone="primary"
              type="submit"
              form="rehearse"
              busy={start.isPending}
              disabled={missing || (kit === 'given' && text.trim() === '')}
            >
              {t('recovery.rehearse.start')}
            </Button>
          )}
        </>
      }
    >
      {start.data ? (
        <TaskPanel
          id={start.data.task}
          outcome={(result) => {
            const { tone, key } = verdictOf(
              rehearsalSchema.safeParse(result).data ?? { ok: false, computerLost: false },
            );
            return { good: tone === 'ok', text: t(key) };
          }}
        />
      ) : (
        <form id="rehearse" noValidate onSubmit={submit} className="flex flex-col gap-4 pb-2">
          {start.error && <ErrorPanel error={start.error} />}
          <Field label={t('recovery.rehearse.keys')}>
            {(control) => (
              <Select
                {...control}
                value={keys}
                onChange={setKeys}
                options={[
                  { value: 'session', label: t('recovery.rehearse.keysSession') },
                  { value: 'words', label: t('recovery.rehearse.keysWords') },
                  { value: 'shares', label: t('recovery.rehearse.keysShares') },
                ]}
              />
            )}
          </Field>
          {keys === 'words' && <PhraseInput words={words} onChange={setWords} />}
          {keys === 'shares' && <SharesInput shares={shares} onChange={setShares} />}
          <Field label={t('recovery.rehearse.kit')}>
            {(control) => (
              <Select
                {...control}
                value={kit}
                onChange={setKit}
                options={[
                  { value: 'now', label: t('recovery.rehearse.kitNow') },
                  { value: 'given', label: t('recovery.rehearse.kitGiven') },
                ]}
              />
            )}
          </Field>
          {kit === 'given' && <KitInput text={text} onChange={setText} />}
          <Field label={t('recovery.rehearse.files')}>
            {(control) => (
              <Input
                {...control}
                className="w-28"
                inputMode="numeric"
                value={files}
                onChange={(event) => setFiles(event.target.value)}
              />
            )}
          </Field>
        </form>
      )}
    </Dialog>
  );
}
