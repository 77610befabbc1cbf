import { useT } from '../../../lib/i18n.ts';
import { Segments } from '../../../ui/choice.tsx';
import { Field, TextArea } from '../../../ui/field.tsx';
import { readPeers } from './opening.ts';
import type { FieldsProps } from './what-fields.tsx';

/** To whom it is opened: those who are named, or everybody. */
export function WhoFields({ draft, tried, onChange }: FieldsProps) {
  const t = useT();
  const { who, names } = draft;
  const read = readPeers(names);
  const wrong = tried && 'problem' in read ? t(`machines.mesh.namesProblem.${read.problem}`) : undefined;
  return (
    <>
      <div className="flex flex-col items-start gap-1.5">
        <span className="text-sm font-medium">{t('machines.mesh.who')}</span>
        <Segments
          label={t('machines.mesh.who')}
          value={who}
          onChange={(wanted) => onChange({ who: wanted })}
          options={[
            { value: 'named', label: t('machines.mesh.named') },
            { value: 'everybody', label: t('machines.mesh.all') },
          ]}
        />
      </div>
      {who === 'named' && (
        <Field label={t('machines.mesh.names')} hint={t('machines.mesh.namesHint')} error={wrong} required>
          {(control) => (
            <TextArea
              {...control}
              rows={2}
              dir="ltr"
              className="font-mono text-sm!"
              value={names}
              onChange={(event) => onChange({ names: event.target.value })}
            />
          )}
        </Field>
      )}
    </>
  );
}
