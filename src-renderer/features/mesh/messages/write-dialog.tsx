import { useState } from 'react';
import { type MeshMessage, maxMessageBytes } from '#shared/contract/mesh/index.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Select } from '../../../ui/choice.tsx';
import { Field, Input, TextArea } from '../../../ui/field.tsx';
import { FormDialog } from '../../../ui/form-dialog.tsx';
import { readTarget } from '../services/ports.ts';
import { byteLength } from './message-words.ts';

/** What is already known of a message that is to be written. */
export interface Draft {
  to?: string;
  replyTo?: MeshMessage;
}

const days = [1, 7, 30] as const;

export function WriteDialog({ draft, onClose }: { draft: Draft; onClose: () => void }) {
  const t = useT();
  const format = useFormat();
  const { replyTo } = draft;
  const [to, setTo] = useState(draft.to ?? '');
  const [topic, setTopic] = useState(replyTo?.topic ?? '');
  const [text, setText] = useState('');
  const [kept, setKept] = useState<number>(7);
  const [tried, setTried] = useState(false);
  const send = useAgentMutation('mesh.send', {
    quiet: true,
    done: (input) => t('mesh.messages.sent', { who: input.to }),
    onDone: onClose,
  });
  // A reply goes to the very address it came from: a name may have changed hands since.
  const target = replyTo ? replyTo.address : readTarget(to);
  const topicFits = byteLength(topic.trim()) <= 255;
  const textFits = text.trim() !== '' && byteLength(text) <= maxMessageBytes;
  const submit = () => {
    setTried(true);
    if (target === null || !topicFits || !textFits) return;
    send.mutate({
      to: target,
      text,
      topic: topic.trim(),
      days: kept,
      ...(replyTo ? { replyTo: replyTo.id } : {}),
    });
  };
  return (
    <FormDialog
      title={replyTo ? t('mesh.messages.replyTo', { who: replyTo.name ?? replyTo.address }) : t('mesh.messages.write')}
      description={t('mesh.messages.writeText')}
      submit={t('mesh.messages.send')}
      busy={send.isPending}
      error={send.error}
      onSubmit={submit}
      onClose={onClose}
    >
      {!replyTo && (
        <Field
          label={t('mesh.messages.to')}
          hint={t('mesh.target.hint')}
          error={tried && target === null ? t('mesh.target.wrong') : undefined}
          required
        >
          {(control) => (
            <Input
              {...control}
              autoFocus={draft.to === undefined}
              dir="ltr"
              className="font-mono text-sm!"
              value={to}
              onChange={(event) => setTo(event.target.value)}
            />
          )}
        </Field>
      )}
      <Field
        label={t('mesh.messages.text')}
        error={
          !tried || textFits
            ? undefined
            : text.trim() === ''
              ? t('mesh.messages.empty')
              : t('mesh.messages.tooLong', { size: format.bytes(maxMessageBytes) })
        }
        required
      >
        {(control) => (
          <TextArea
            {...control}
            autoFocus={draft.to !== undefined}
            rows={6}
            dir="auto"
            spellCheck
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      <div className="grid grid-cols-1 gap-4 min-[480px]:grid-cols-[minmax(0,1fr)_10rem]">
        <Field
          label={t('mesh.messages.topic')}
          hint={t('mesh.messages.topicHint')}
          error={topicFits ? undefined : t('mesh.messages.topicLong')}
          optional
        >
          {(control) => (
            <Input {...control} maxLength={255} value={topic} onChange={(event) => setTopic(event.target.value)} />
          )}
        </Field>
        <Field label={t('mesh.messages.days')}>
          {(control) => (
            <Select
              {...control}
              value={String(kept)}
              onChange={(value) => setKept(Number(value))}
              options={days.map((count) => ({
                value: String(count),
                label: t('mesh.messages.forDays', { count }),
              }))}
            />
          )}
        </Field>
      </div>
    </FormDialog>
  );
}
