import { useT } from '../../../lib/i18n.ts';
import { Select } from '../../../ui/choice.tsx';
import { cx } from '../../../ui/cx.ts';
import { Field, Input } from '../../../ui/field.tsx';
import { type Draft, hasPorts, type Protocol, readPorts, suggestions } from './opening.ts';

export interface FieldsProps {
  draft: Draft;
  /** It was sent once: what is missing or wrong is said. */
  tried: boolean;
  onChange: (change: Partial<Draft>) => void;
}

/** What is opened: a suggestion, or protocol and port. */
export function WhatFields({ draft, tried, onChange }: FieldsProps) {
  const t = useT();
  const { protocol, ports } = draft;
  const wrong = tried && hasPorts(protocol) && readPorts(ports) === null;
  const options = (['tcp', 'udp', 'icmp', 'any'] as const).map((value) => ({
    value,
    label: t(`machines.mesh.protocols.${value}`),
  }));
  return (
    <>
      <fieldset>
        <legend className="mb-1.5 text-sm font-medium">{t('machines.mesh.suggestions')}</legend>
        <div className="flex flex-wrap gap-2">
          {suggestions.map((one) => {
            const chosen = one.protocol === protocol && one.ports === ports.trim();
            return (
              <button
                key={one.name}
                type="button"
                aria-pressed={chosen}
                onClick={() => onChange({ protocol: one.protocol, ports: one.ports })}
                className={cx(
                  'h-8 rounded-md border px-3 text-sm',
                  chosen ? 'border-accent bg-accent-soft' : 'border-line-strong bg-surface-raised hover:bg-hover',
                )}
              >
                {t(`machines.mesh.suggestion.${one.name}`)}
              </button>
            );
          })}
        </div>
      </fieldset>
      <div className="grid grid-cols-1 gap-4 min-[480px]:grid-cols-2">
        <Field label={t('machines.mesh.protocol')}>
          {(control) => (
            <Select
              {...control}
              value={protocol}
              options={options}
              onChange={(wanted: Protocol) => onChange({ protocol: wanted })}
            />
          )}
        </Field>
        {hasPorts(protocol) && (
          <Field
            label={t('machines.mesh.ports')}
            hint={t('machines.mesh.portsHint')}
            error={wrong ? t('machines.mesh.portsWrong') : undefined}
            required
          >
            {(control) => (
              <Input
                {...control}
                dir="ltr"
                value={ports}
                onChange={(event) => onChange({ ports: event.target.value })}
              />
            )}
          </Field>
        )}
      </div>
    </>
  );
}
