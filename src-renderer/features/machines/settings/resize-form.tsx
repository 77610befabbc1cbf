import { zodResolver } from '@hookform/resolvers/zod';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import { type Machine, machineSpecSchema } from '#shared/contract/machines.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { Section } from '../../../ui/panel.tsx';
import { isAlive } from '../machine/actions.ts';
import { calledBy } from '../machine/address.ts';

/** CPUs, memory and disk. */
export function ResizeForm({ machine }: { machine: Machine }) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const { spec } = machine;
  const shape = machineSpecSchema.shape;
  const schema = z.object({
    cpus: shape.cpus.unwrap(),
    memoryMiB: shape.memoryMiB.unwrap(),
    diskMiB: shape.diskMiB.unwrap().min(spec.diskMiB, t('machines.settings.onlyGrows')),
  });
  const form = useForm({
    resolver: zodResolver(schema),
    mode: 'onBlur',
    defaultValues: { cpus: spec.cpus, memoryMiB: spec.memoryMiB, diskMiB: spec.diskMiB },
  });
  const { errors, isDirty } = form.formState;
  const resize = useAgentMutation('machines.resize', { quiet: true });
  const submit = form.handleSubmit((wanted) =>
    resize.mutate({
      machine: calledBy(machine),
      ...(wanted.cpus === spec.cpus ? {} : { cpus: wanted.cpus }),
      ...(wanted.memoryMiB === spec.memoryMiB ? {} : { memoryMiB: wanted.memoryMiB }),
      ...(wanted.diskMiB === spec.diskMiB ? {} : { diskMiB: wanted.diskMiB }),
    }),
  );
  const number = { valueAsNumber: true } as const;
  return (
    <Section
      title={t('machines.settings.size')}
      note={isAlive(machine.state) ? t('machines.settings.nextStart') : t('machines.settings.atOnce')}
      className="border-t-0 pt-0"
    >
      <form noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <div className="grid grid-cols-3 gap-4">
          <Field label={t('machines.form.cpus')} error={errors.cpus?.message}>
            {(control) => <Input {...control} type="number" min={1} max={64} {...form.register('cpus', number)} />}
          </Field>
          <Field label={t('machines.form.memory')} error={errors.memoryMiB?.message}>
            {(control) => (
              <Input {...control} type="number" min={64} step={64} {...form.register('memoryMiB', number)} />
            )}
          </Field>
          <Field label={t('machines.form.disk')} error={errors.diskMiB?.message}>
            {(control) => (
              <Input
                {...control}
                type="number"
                min={spec.diskMiB}
                step={1024}
                disabled={spec.diskMiB === 0}
                {...form.register('diskMiB', number)}
              />
            )}
          </Field>
        </div>
        {resize.error && <ErrorPanel error={resize.error} />}
        <div>
          <Button type="submit" disabled={!ready || !isDirty} busy={resize.isPending}>
            {t('machines.settings.resize')}
          </Button>
        </div>
      </form>
    </Section>
  );
}
