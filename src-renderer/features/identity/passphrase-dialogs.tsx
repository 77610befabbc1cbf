import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import { useAgentMutation } from '../../lib/agent/hooks.ts';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Field, PassphraseInput } from '../../ui/field.tsx';
import { toast } from '../../ui/toast.tsx';

export function ChangePassphraseDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const schema = z
    .object({
      current: z.string().min(1, t('settings.passphrase.currentMissing')),
      passphrase: z.string().min(8, t('onboarding.protect.short')).max(1024),
      again: z.string(),
    })
    .refine((v) => v.passphrase === v.again, { path: ['again'], message: t('onboarding.protect.differs') });
  const form = useForm({
    resolver: zodResolver(schema),
    mode: 'onTouched',
    defaultValues: { current: '', passphrase: '', again: '' },
  });
  const { errors } = form.formState;
  const change = useAgentMutation('identity.changePassphrase', {
    quiet: true,
    onDone: () => {
      toast.done(t('settings.passphrase.changed'));
      onClose();
    },
  });
  return (
    <Dialog
      open
      width="narrow"
      onOpenChange={(open) => !open && onClose()}
      title={t('settings.passphrase.change')}
      description={t('settings.passphrase.note')}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button tone="primary" type="submit" form="change-passphrase" busy={change.isPending}>
            {t('settings.passphrase.change')}
          </Button>
        </>
      }
    >
      <form
        id="change-passphrase"
        noValidate
        className="flex flex-col gap-4 pb-2"
        onSubmit={form.handleSubmit(({ current, passphrase }) => change.mutate({ current, passphrase }))}
      >
        {change.error && <ErrorPanel error={change.error} />}
        <Field label={t('settings.passphrase.current')} error={errors.current?.message}>
          {(control) => <PassphraseInput {...control} {...form.register('current')} autoComplete="current-password" />}
        </Field>
        <Field
          label={t('settings.passphrase.new')}
          hint={t('onboarding.protect.passphraseHint')}
          error={errors.passphrase?.message}
        >
          {(control) => <PassphraseInput {...control} {...form.register('passphrase')} autoComplete="new-password" />}
        </Field>
        <Field label={t('onboarding.protect.again')} error={errors.again?.message}>
          {(control) => <PassphraseInput {...control} {...form.register('again')} autoComplete="new-password" />}
        </Field>
      </form>
    </Dialog>
  );
}

export function SecondFactorDialog({ on, onClose }: { on: boolean; onClose: () => void }) {
  const t = useT();
  const [passphrase, setPassphrase] = useState('');
  const set = useAgentMutation('identity.setSecondFactor', { quiet: true, onDone: onClose });
  const title = on ? t('settings.factor.turnOn') : t('settings.factor.turnOff');
  return (
    <Dialog
      open
      width="narrow"
      onOpenChange={(open) => !open && onClose()}
      title={title}
      description={on ? t('settings.factor.onMeans') : t('settings.factor.offMeans')}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button tone="primary" type="submit" form="second-factor" busy={set.isPending} disabled={passphrase === ''}>
            {title}
          </Button>
        </>
      }
    >
      <form
        id="second-factor"
        className="flex flex-col gap-4 pb-2"
        onSubmit={(event) => {
          event.preventDefault();
          set.mutate({ on, passphrase });
        }}
      >
        {set.error && <ErrorPanel error={set.error} />}
        <Field label={t('onboarding.lock.passphrase')}>
          {(control) => (
            <PassphraseInput
              {...control}
              autoFocus
              value={passphrase}
              onChange={(event) => setPassphrase(event.target.value)}
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
}
