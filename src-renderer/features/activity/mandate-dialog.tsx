import { useState } from 'react';
import type { MethodName } from '#shared/contract/agent.ts';
import { useAgentMutation } from '../../lib/agent/hooks.ts';
import { useFormat } from '../../lib/format.ts';
import { type Translate, useT } from '../../lib/i18n.ts';
import { useMethodWords } from '../../lib/method-words.ts';
import { Button } from '../../ui/button.tsx';
import { Segments, Select } from '../../ui/choice.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Field, Input, TextArea } from '../../ui/field.tsx';
import { Notice } from '../../ui/panel.tsx';
import { toast } from '../../ui/toast.tsx';
import { faceWords } from '../consent/consent-dialog.tsx';
import {
  type MandateFace,
  mandatable,
  mandateFaces,
  type Problem,
  readMandate,
  type TargetField,
  type Typed,
  targetFields,
} from './mandate-form.ts';

const firstFace: MandateFace = 'assistant';
const nothing = { target: {}, capPerUse: {}, capTotal: {} };

/** Make a standing approval: what, for whom, on which target, within which limits; then the whole of it in one sentence. */
export function MandateDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const words = useMethodWords();
  const create = useAgentMutation('mandates.create', {
    quiet: true,
    onDone: () => {
      toast.done(t('activity.mandates.created'));
      onClose();
    },
  });
  const [typed, setTyped] = useState<Typed>(() => ({
    face: firstFace,
    method: 'vault.put',
    maxUses: '10',
    days: '30',
    ...nothing,
  }));
  const [asked, setAsked] = useState(false);
  const methods = mandatable(typed.face);
  const fields = targetFields(typed.method);
  const numbers = fields.filter((field) => field.kind === 'number' && !typed.target[field.name]?.trim());
  const read = readMandate(typed, Date.now());
  const problem = 'problem' in read ? read.problem : null;
  const change = (part: Partial<Typed>) => setTyped((old) => ({ ...old, ...part }));
  const wrong = (field: string) =>
    asked && problem && 'field' in problem && problem.field === field ? problemText(problem, t) : undefined;

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('activity.mandates.new')}
      description={t('activity.mandates.explain')}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button
            tone="primary"
            busy={create.isPending}
            onClick={() => {
              setAsked(true);
              if ('input' in read) create.mutate(read.input);
            }}
          >
            {t('activity.mandates.create')}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4 pb-1">
        <Field label={t('activity.mandates.pickFace')}>
          {() => (
            <div>
              <Segments
                label={t('activity.mandates.pickFace')}
                value={typed.face}
                onChange={(face) => {
                  const [first = typed.method] = mandatable(face);
                  change(mandatable(face).includes(typed.method) ? { face } : { face, method: first, ...nothing });
                }}
                options={mandateFaces.map((face) => ({ value: face, label: t(faceWords[face]) }))}
              />
            </div>
          )}
        </Field>
        <Field label={t('activity.mandates.pickMethod')}>
          {(control) => (
            <Select<MethodName>
              {...control}
              value={typed.method}
              onChange={(method) => change({ method, ...nothing })}
              options={methods.map((method) => ({ value: method, label: words.title(method) }))}
            />
          )}
        </Field>
        <fieldset className="flex flex-col gap-3">
          <legend className="pb-1 text-sm font-medium">{t('activity.mandates.target')}</legend>
          <p className="text-sm text-ink-soft">{t('activity.mandates.targetHint')}</p>
          {fields.map((field) => (
            <TargetInput
              key={field.name}
              field={field}
              value={typed.target[field.name] ?? ''}
              error={wrong(field.name)}
              onChange={(value) => change({ target: { ...typed.target, [field.name]: value } })}
            />
          ))}
          {asked && problem?.kind === 'target-missing' && (
            <p role="alert" className="text-sm text-danger">
              {problemText(problem, t)}
            </p>
          )}
        </fieldset>
        {numbers.length > 0 && (
          <fieldset className="grid gap-3 min-[560px]:grid-cols-2">
            <legend className="pb-1 text-sm font-medium">{t('activity.mandates.caps')}</legend>
            {numbers.flatMap(({ name }) =>
              (['capPerUse', 'capTotal'] as const).map((kind) => (
                <Field key={`${kind} ${name}`} label={t(`activity.mandates.${kind}`, { name })} error={wrong(name)}>
                  {(control) => (
                    <Input
                      {...control}
                      inputMode="decimal"
                      value={typed[kind][name] ?? ''}
                      placeholder={t('activity.mandates.noLimit')}
                      onChange={(event) => change({ [kind]: { ...typed[kind], [name]: event.target.value } })}
                    />
                  )}
                </Field>
              )),
            )}
          </fieldset>
        )}
        <div className="grid gap-3 min-[560px]:grid-cols-2">
          {(['maxUses', 'days'] as const).map((name) => (
            <Field key={name} label={t(`activity.mandates.${name}`)} error={wrong(name)} required>
              {(control) => (
                <Input
                  {...control}
                  inputMode="numeric"
                  value={typed[name]}
                  onChange={(event) => change({ [name]: event.target.value })}
                />
              )}
            </Field>
          ))}
        </div>
        {'input' in read && (
          <Notice>
            <Review typed={typed} input={read.input} />
          </Notice>
        )}
        {create.error && <ErrorPanel error={create.error} />}
      </div>
    </Dialog>
  );
}

interface TargetInputProps {
  field: TargetField;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}

function TargetInput({ field, value, error, onChange }: TargetInputProps) {
  const t = useT();
  const usual = field.required ? '' : t('activity.mandates.usualValue');
  const choices =
    field.kind === 'yes-no'
      ? [
          { value: 'yes', label: t('common.yes') },
          { value: 'no', label: t('common.no') },
        ]
      : field.choices.map((choice) => ({ value: choice, label: choice }));
  return (
    <Field
      label={<span className="font-mono font-normal">{field.name}</span>}
      {...(field.kind === 'list' ? { hint: t('activity.mandates.oneALine') } : {})}
      error={error}
      required={field.required}
    >
      {(control) =>
        choices.length > 0 ? (
          <Select
            {...control}
            // Radix takes no empty value, so "as usual" needs one of its own.
            value={value === '' ? '*' : value}
            onChange={(chosen) => onChange(chosen === '*' ? '' : chosen)}
            options={[{ value: '*', label: usual || t('common.none') }, ...choices]}
          />
        ) : field.kind === 'list' ? (
          <TextArea
            {...control}
            rows={2}
            value={value}
            placeholder={usual}
            onChange={(event) => onChange(event.target.value)}
          />
        ) : (
          <Input {...control} value={value} placeholder={usual} onChange={(event) => onChange(event.target.value)} />
        )
      }
    </Field>
  );
}

type Ready = Extract<ReturnType<typeof readMandate>, { input: unknown }>['input'];

function Review({ typed, input }: { typed: Typed; input: Ready }) {
  const t = useT();
  const format = useFormat();
  const words = useMethodWords();
  const target = Object.entries(input.target)
    .map(([name, value]) => t('activity.mandates.is', { name, value: shown(value) }))
    .join(t('activity.mandates.and'));
  const caps = (['capPerUse', 'capTotal'] as const).flatMap((kind) =>
    Object.entries(input[kind] ?? {}).map(([name, amount]) =>
      t(kind === 'capPerUse' ? 'activity.mandates.reviewCapPerUse' : 'activity.mandates.reviewCapTotal', {
        name,
        amount: format.number(amount, 6),
      }),
    ),
  );
  const who = t(faceWords[typed.face]);
  return (
    <p className="break-words">
      {[
        t('activity.mandates.review', {
          who: who.charAt(0).toLocaleUpperCase() + who.slice(1),
          what: words.title(typed.method),
          target,
        }),
        t('activity.mandates.reviewRest'),
        t('activity.mandates.reviewLimits', { count: input.maxUses, date: format.date(input.expiresAt) }),
        ...caps,
      ].join(' ')}
    </p>
  );
}

const shown = (value: unknown): string => (Array.isArray(value) ? value.join(', ') : String(value));

function problemText(problem: Problem, t: Translate): string {
  switch (problem.kind) {
    case 'target-missing':
      return t('activity.mandates.targetMissing');
    case 'left-open':
      return t('activity.mandates.leftOpen');
    case 'not-a-number':
      return t('activity.mandates.notANumber');
    case 'not-fitting':
      return t('activity.mandates.notFitting', { name: problem.field, why: problem.why });
    case 'out-of-range':
      return t('activity.mandates.outOfRange', { min: 1, max: problem.max });
  }
}
