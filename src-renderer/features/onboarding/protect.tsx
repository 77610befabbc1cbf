import { zodResolver } from '@hookform/resolvers/zod';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { Switch } from '../../ui/choice.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Field, PassphraseInput } from '../../ui/field.tsx';
import { StepFrame } from './step-frame.tsx';

export interface ProtectProps {
  at?: { at: number; of: number };
  /** Offer to set the vault up here. */
  withVault: boolean;
  /** An identity that is brought back has a vault elsewhere, most likely: a new one is not made unless asked for. */
  restoring?: boolean;
  /** Ask for a passphrase; off when the identity exists already. */
  withPassphrase: boolean;
  busy: boolean;
  error: unknown;
  submitLabel: string;
  title: string;
  text: string;
  onSubmit: (choice: { passphrase: string; vault: boolean }) => void;
  onBack?: () => void;
  onSkip?: () => void;
}

/** Screen four: what keeps this computer's keystore shut, and where files will live. */
export function Protect(props: ProtectProps) {
  const {
    at,
    withVault,
    restoring = false,
    withPassphrase,
    busy,
    error,
    submitLabel,
    title,
    text,
    onSubmit,
    onBack,
    onSkip,
  } = props;
  const t = useT();
  const schema = z
    .object({
      passphrase: withPassphrase ? z.string().min(8, t('onboarding.protect.short')).max(1024) : z.string(),
      again: z.string(),
      vault: z.boolean(),
    })
    .refine((v) => !withPassphrase || v.passphrase === v.again, {
      path: ['again'],
      message: t('onboarding.protect.differs'),
    });
  const form = useForm({
    resolver: zodResolver(schema),
    mode: 'onTouched',
    defaultValues: { passphrase: '', again: '', vault: withVault && !restoring },
  });
  const { errors } = form.formState;
  return (
    <StepFrame
      {...(at ? { at } : {})}
      title={title}
      text={text}
      onSubmit={form.handleSubmit(({ passphrase, vault }) => onSubmit({ passphrase, vault: withVault && vault }))}
      actions={
        <>
          <Button tone="primary" type="submit" busy={busy}>
            {submitLabel}
          </Button>
          {onBack && (
            <Button onClick={onBack} disabled={busy}>
              {t('common.back')}
            </Button>
          )}
          {onSkip && (
            <Button tone="quiet" onClick={onSkip} disabled={busy}>
              {t('common.skip')}
            </Button>
          )}
        </>
      }
    >
      {error ? <ErrorPanel error={error} /> : null}
      {withPassphrase && (
        <>
          <Field
            label={t('onboarding.protect.passphrase')}
            hint={t('onboarding.protect.passphraseHint')}
            error={errors.passphrase?.message}
            required
          >
            {(control) => (
              <PassphraseInput {...control} {...form.register('passphrase')} autoFocus autoComplete="new-password" />
            )}
          </Field>
          <Field label={t('onboarding.protect.again')} error={errors.again?.message} required>
            {(control) => <PassphraseInput {...control} {...form.register('again')} autoComplete="new-password" />}
          </Field>
        </>
      )}
      {withVault && (
        <div className="border-t border-line pt-5">
          {withPassphrase ? (
            <>
              {restoring && <p className="mb-3 text-sm text-ink-soft">{t('onboarding.protect.oldPlaces')}</p>}
              <Switch
                checked={form.watch('vault')}
                onChange={(on) => form.setValue('vault', on)}
                label={restoring ? t('onboarding.protect.newVault') : t('onboarding.protect.vault')}
                hint={t('onboarding.protect.vaultHint')}
              />
            </>
          ) : (
            <p className="text-sm text-ink-soft">{t('onboarding.protect.vaultHint')}</p>
          )}
          <p className="mt-3 text-sm text-ink-soft">{t('onboarding.protect.honest')}</p>
        </div>
      )}
    </StepFrame>
  );
}
