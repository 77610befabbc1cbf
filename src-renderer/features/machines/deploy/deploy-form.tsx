import { zodResolver } from '@hookform/resolvers/zod';
import type { LucideIcon } from 'lucide-react';
import { Controller, useForm, useWatch } from 'react-hook-form';
import type { Capability, Image, Machine } from '#shared/contract/machines.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { type MessageKey, useOptionalT, useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Select, Switch } from '../../../ui/choice.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Field, Input, TextArea } from '../../../ui/field.tsx';
import { FirewallField } from '../mesh/firewall-field.tsx';
import { type DeployForm, type DeploySpec, deployFormSchema } from './form-schema.ts';
import { KeysField } from './keys-field.tsx';
import { PlanPanel } from './plan-panel.tsx';
import { presets, smallestFit, suggestName } from './presets.ts';
import { SizeField } from './size-field.tsx';
import { usePlan } from './use-plan.ts';

export interface DeployFormProps {
  images: readonly Image[];
  machines: readonly Machine[];
  capability: Capability;
  start: DeployForm;
  icon: LucideIcon;
  onDeployed: (name: string) => void;
}

/** One form, and beside it what it will do, kept true while it is filled in. */
export function DeployFormView({ images, machines, capability, start, icon, onDeployed }: DeployFormProps) {
  const t = useT();
  const optional = useOptionalT();
  const ready = useLink().phase === 'ready';
  const form = useForm<DeployForm, unknown, DeploySpec>({
    resolver: zodResolver(deployFormSchema),
    mode: 'onBlur',
    defaultValues: start,
  });
  const values = useWatch({ control: form.control }) as DeployForm;
  const plan = usePlan(values);
  const deploy = useAgentMutation('machines.deploy', { quiet: true, onDone: (_, input) => onDeployed(input.name) });
  const image = images.find((one) => one.id === values.image) ?? null;
  const names = machines.map((machine) => machine.spec.name);
  const blockers = plan.data?.blockers ?? [];

  /** Our own words for key problems (`keys.wrongLine:2`), else the schema's, else what the plan says of the field. */
  const errorOf = (field: keyof DeployForm): string | undefined => {
    const message = form.formState.errors[field]?.message;
    if (message) {
      const [key, count] = message.split(':');
      return optional(`machines.form.${key}`, { count: count ?? 1 }) ?? message;
    }
    const blocker = blockers.find((one) => one.field === field);
    return blocker && `${blocker.text} ${blocker.next}`;
  };
  const chooseImage = (id: string) => {
    const next = images.find((one) => one.id === id);
    if (!next) return;
    const named = form.getValues('name');
    form.setValue('image', next.id, { shouldDirty: true });
    // A name nobody typed follows the image.
    if (named === suggestName(values.image, names))
      form.setValue('name', suggestName(id, names), { shouldValidate: true });
    const fit = smallestFit({ image: next, computer: capability });
    const tooSmall = values.memoryMiB < next.minMemoryMiB || values.diskMiB < next.minDiskMiB;
    if (!tooSmall) return;
    const size = fit
      ? presets[fit]
      : {
          cpus: values.cpus,
          memoryMiB: Math.max(values.memoryMiB, next.minMemoryMiB),
          diskMiB: Math.max(values.diskMiB, next.minDiskMiB),
        };
    for (const key of ['cpus', 'memoryMiB', 'diskMiB'] as const)
      form.setValue(key, size[key], { shouldValidate: true });
  };
  const submit = form.handleSubmit((spec) => deploy.mutate(spec));
  const stateWord = (one: Image) => t(`machines.images.${one.state}` as MessageKey);

  return (
    <div className="mx-auto grid max-w-[1200px] grid-cols-1 gap-x-8 gap-y-8 min-[900px]:grid-cols-[minmax(0,1fr)_clamp(300px,40%,400px)] min-[1100px]:gap-x-12">
      <form id="deploy" noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-6">
        <Field label={t('machines.form.image')} hint={image?.about} error={errorOf('image')}>
          {(control) => (
            <Select
              {...control}
              value={values.image as string}
              onChange={chooseImage}
              options={images.map((one) => ({
                value: one.id as string,
                label: one.name,
                note: stateWord(one),
                disabled: one.state === 'unavailable',
              }))}
            />
          )}
        </Field>
        <Field label={t('common.name')} hint={t('machines.form.nameHint')} error={errorOf('name')} required>
          {(control) => <Input {...control} {...form.register('name')} />}
        </Field>
        <SizeField form={form} bounds={{ image, computer: capability }} errorOf={errorOf} />
        <KeysField form={form} error={errorOf('sshKeys')} />
        <Field
          label={t('machines.form.userData')}
          optional
          hint={image?.kind === 'cloud' ? t('machines.form.userDataCloud') : t('machines.form.userDataMicro')}
          error={errorOf('userData')}
        >
          {(control) => (
            <TextArea {...control} rows={3} dir="ltr" className="font-mono text-sm" {...form.register('userData')} />
          )}
        </Field>
        <Controller
          control={form.control}
          name="internet"
          render={({ field }) => (
            <Switch
              checked={field.value}
              onChange={field.onChange}
              label={t('machines.form.internet')}
              hint={t('machines.form.internetHint')}
            />
          )}
        />
        <Controller
          control={form.control}
          name="firewall"
          render={({ field }) => (
            <FirewallField value={field.value} onChange={field.onChange} error={errorOf('firewall')} />
          )}
        />
        <Controller
          control={form.control}
          name="autostart"
          render={({ field }) => (
            <Switch
              checked={field.value}
              onChange={field.onChange}
              label={t('machines.form.autostart')}
              hint={t('machines.form.autostartHint')}
            />
          )}
        />
      </form>
      <div className="flex flex-col min-[900px]:sticky min-[900px]:top-0 min-[900px]:max-h-[calc(100dvh-7.5rem)] min-[900px]:self-start min-[900px]:border-s min-[900px]:border-line min-[900px]:ps-6 min-[1100px]:ps-8">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <div tabIndex={0} className="min-h-0 overflow-y-auto">
          <PlanPanel plan={plan.data} failure={plan.error} />
        </div>
        {deploy.error && (
          <div className="pt-4">
            <ErrorPanel error={deploy.error} />
          </div>
        )}
        <div className="flex flex-col gap-2 pt-5">
          <Button
            type="submit"
            form="deploy"
            tone="primary"
            size="large"
            icon={icon}
            busy={deploy.isPending}
            disabled={!ready || blockers.length > 0}
          >
            {plan.data && plan.data.costPerDay > 0
              ? t('machines.form.deployFor', { name: values.name, cost: plan.data.costPerDay })
              : t('machines.form.deployHere', { name: values.name || t('machines.form.aMachine') })}
          </Button>
          {blockers.length > 0 && <span className="text-sm text-danger">{t('machines.form.blocked')}</span>}
        </div>
      </div>
    </div>
  );
}
