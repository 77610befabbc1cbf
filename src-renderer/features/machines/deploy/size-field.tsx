import { useState } from 'react';
import { type UseFormReturn, useWatch } from 'react-hook-form';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { cx } from '../../../ui/cx.ts';
import { Field, Input } from '../../../ui/field.tsx';
import type { DeployForm, DeploySpec } from './form-schema.ts';
import { type Bounds, misfit, presetNames, presetOf, presets, type Size } from './presets.ts';

const MiB = 1024 * 1024;
type Form = UseFormReturn<DeployForm, unknown, DeploySpec>;

/** Sizes people mean, and the numbers for those who want other ones. */
export function SizeField({
  form,
  bounds,
  errorOf,
}: {
  form: Form;
  bounds: Bounds;
  errorOf: (field: keyof DeployForm) => string | undefined;
}) {
  const t = useT();
  const format = useFormat();
  const [cpus, memoryMiB, diskMiB] = useWatch({ control: form.control, name: ['cpus', 'memoryMiB', 'diskMiB'] });
  const [own, setOwn] = useState(false);
  const chosen = own ? null : presetOf({ cpus, memoryMiB, diskMiB });
  const custom = own || chosen === null;
  const set = (size: Size) => {
    for (const key of ['cpus', 'memoryMiB', 'diskMiB'] as const) {
      form.setValue(key, size[key], { shouldDirty: true, shouldValidate: true });
    }
  };
  const box =
    'flex min-h-14 flex-col justify-center rounded-md border px-3 py-1.5 text-start text-sm disabled:cursor-default disabled:text-ink-soft';
  const look = (on: boolean) =>
    cx(box, on ? 'border-accent bg-accent-soft' : 'border-line-strong bg-surface-raised enabled:hover:bg-hover');
  const number = { valueAsNumber: true } as const;
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-1.5 text-sm font-medium">{t('machines.form.size')}</legend>
      <div className="grid grid-cols-2 gap-2 min-[1000px]:grid-cols-3">
        {presetNames.map((name) => {
          const size = presets[name];
          const why = misfit(size, bounds);
          return (
            <button
              key={name}
              type="button"
              aria-pressed={!custom && chosen === name}
              disabled={why !== null}
              onClick={() => {
                setOwn(false);
                set(size);
              }}
              className={look(!custom && chosen === name)}
            >
              <span className="font-medium">{t(`machines.preset.${name}`)}</span>
              <span className="text-xs text-ink-soft">
                {why === null
                  ? [
                      t('machines.cpus', { count: size.cpus }),
                      format.bytes(size.memoryMiB * MiB),
                      size.diskMiB === 0
                        ? t('machines.noDisk')
                        : t('machines.diskOf', { size: format.bytes(size.diskMiB * MiB) }),
                    ]
                      .map((part) => part.replaceAll(' ', '\u00a0'))
                      .join(' · ')
                  : t(why === 'image' ? 'machines.preset.tooSmall' : 'machines.preset.tooLarge')}
              </span>
            </button>
          );
        })}
        <button
          type="button"
          aria-pressed={custom}
          onClick={() => setOwn(true)}
          className={cx(look(custom), 'col-span-2')}
        >
          <span className="font-medium">{t('machines.preset.custom')}</span>
          <span className="text-xs text-ink-soft">{t('machines.preset.customNote')}</span>
        </button>
      </div>
      {custom && (
        <div className="grid grid-cols-3 gap-4">
          <Field label={t('machines.form.cpus')} error={errorOf('cpus')}>
            {(control) => <Input {...control} type="number" min={1} max={64} {...form.register('cpus', number)} />}
          </Field>
          <Field label={t('machines.form.memory')} error={errorOf('memoryMiB')}>
            {(control) => (
              <Input {...control} type="number" min={64} step={64} {...form.register('memoryMiB', number)} />
            )}
          </Field>
          <Field label={t('machines.form.disk')} hint={t('machines.form.diskHint')} error={errorOf('diskMiB')}>
            {(control) => (
              <Input {...control} type="number" min={0} step={1024} {...form.register('diskMiB', number)} />
            )}
          </Field>
        </div>
      )}
    </fieldset>
  );
}
