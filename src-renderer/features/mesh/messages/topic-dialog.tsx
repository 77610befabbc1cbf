import { useState } from 'react';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Segments } from '../../../ui/choice.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { FormDialog } from '../../../ui/form-dialog.tsx';
import { NamesField } from '../services/names-field.tsx';
import { readTargets } from '../services/ports.ts';
import { byteLength } from './message-words.ts';

type Who = 'named' | 'everybody' | 'nobody';

/** Who may write under one topic. */
export function TopicDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const [topic, setTopic] = useState('');
  const [who, setWho] = useState<Who>('named');
  const [names, setNames] = useState('');
  const [tried, setTried] = useState(false);
  const set = useAgentMutation('mesh.setTopic', {
    quiet: true,
    done: () => t('mesh.topics.saved'),
    onDone: onClose,
  });
  const topicFits = byteLength(topic.trim()) <= 255;
  const allow = who === 'everybody' ? ['everybody'] : who === 'nobody' ? [] : readTargets(names);
  const submit = () => {
    setTried(true);
    if (topicFits && allow !== null) set.mutate({ topic: topic.trim(), allow });
  };
  return (
    <FormDialog
      title={t('mesh.topics.addTitle')}
      description={t('mesh.topics.addText')}
      submit={t('mesh.topics.save')}
      busy={set.isPending}
      error={set.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field
        label={t('mesh.topics.topic')}
        hint={t('mesh.topics.topicHint')}
        error={topicFits ? undefined : t('mesh.messages.topicLong')}
      >
        {(control) => (
          <Input
            {...control}
            autoFocus
            maxLength={255}
            value={topic}
            onChange={(event) => setTopic(event.target.value)}
          />
        )}
      </Field>
      <div className="flex flex-col gap-1.5">
        <span className="text-sm font-medium">{t('mesh.topics.who')}</span>
        <div>
          <Segments
            label={t('mesh.topics.who')}
            value={who}
            onChange={setWho}
            options={(['named', 'everybody', 'nobody'] as const).map((value) => ({
              value,
              label: t(`mesh.topics.${value}`),
            }))}
          />
        </div>
      </div>
      {who === 'named' && (
        <NamesField
          label={t('mesh.topics.names')}
          hint={t('mesh.topics.namesHint')}
          error={tried && allow === null ? t('mesh.topics.namesWrong') : undefined}
          value={names}
          onChange={setNames}
        />
      )}
    </FormDialog>
  );
}
