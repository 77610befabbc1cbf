import { useEffect, useId, useRef } from 'react';
import { useAgentMutation } from '../../lib/agent/hooks.ts';
import { useFormat } from '../../lib/format.ts';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { Field, TextArea } from '../../ui/field.tsx';

/** Longer than any kit, and short enough not to hang on a film that was chosen by mistake. */
const mostBytes = 400_000;

/** A kit out of its file, pasted, or typed line by line; says what is in it as soon as it is whole. */
export function KitInput({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const t = useT();
  const format = useFormat();
  const id = useId();
  const file = useRef<HTMLInputElement>(null);
  const read = useAgentMutation('vault.readKit', { quiet: true });
  const { mutate, reset } = read;
  useEffect(() => {
    if (text.trim() === '') reset();
    else mutate({ kit: text });
  }, [text, mutate, reset]);
  const kit = read.data;
  const line = Number(read.error?.data?.line ?? 0);
  return (
    <div className="flex flex-col gap-2">
      <Field label={t('recovery.restore.kitLabel')} hint={t('recovery.restore.kitHint')}>
        {(control) => (
          <TextArea
            {...control}
            className="font-mono text-xs"
            value={text}
            maxLength={mostBytes}
            onChange={(event) => onChange(event.target.value)}
          />
        )}
      </Field>
      <div>
        <Button onClick={() => file.current?.click()}>{t('recovery.restore.kitOpen')}</Button>
        <input
          ref={file}
          id={id}
          type="file"
          className="sr-only"
          tabIndex={-1}
          aria-label={t('recovery.restore.kitOpen')}
          accept=".txt,text/plain"
          onChange={(event) => {
            const [chosen] = event.target.files ?? [];
            event.target.value = '';
            if (chosen && chosen.size <= mostBytes) void chosen.text().then(onChange);
          }}
        />
      </div>
      <p aria-live="polite" className="min-h-5 text-sm text-ink-soft">
        {text.trim() !== '' &&
          (kit
            ? t('recovery.restore.kitHolds', {
                when: format.date(kit.madeAt),
                person: kit.person,
                needed: kit.needed,
                count: kit.places.length,
              })
            : read.error && (line > 0 ? t('recovery.restore.kitLine', { line }) : t('recovery.restore.kitBad')))}
      </p>
    </div>
  );
}
