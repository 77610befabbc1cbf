import { Check, Eye, EyeOff } from 'lucide-react';
import { Checkbox as RadixCheckbox } from 'radix-ui';
import { type ComponentProps, type ReactNode, useId, useState } from 'react';
import { useT } from '../lib/i18n.ts';
import { cx } from './cx.ts';

/** What a control inside a {@link Field} must carry so that label, hint and error belong to it. */
export interface FieldControl {
  id: string;
  'aria-describedby'?: string;
  'aria-invalid'?: true;
  'aria-required'?: true;
}

export interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  /** Why the value cannot be used, in the words of its schema. Shown after blur or submit, never while first typing. */
  error?: string | undefined;
  optional?: boolean;
  required?: boolean;
  className?: string;
  children: (control: FieldControl) => ReactNode;
}

/** Label above, control, then hint or error. The error takes the hint's line, so nothing below jumps. */
export function Field({ label, hint, error, optional, required, className, children }: FieldProps) {
  const t = useT();
  const id = useId();
  const noteId = `${id}-note`;
  const note = error ?? hint;
  return (
    <div className={cx('flex flex-col gap-1.5', className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
        {optional && <span className="ms-1.5 font-normal text-ink-soft">{t('common.optional')}</span>}
      </label>
      {children({
        id,
        ...(note ? { 'aria-describedby': noteId } : {}),
        ...(error ? { 'aria-invalid': true as const } : {}),
        ...(required ? { 'aria-required': true as const } : {}),
      })}
      {note && (
        <p
          id={noteId}
          role={error ? 'alert' : undefined}
          className={cx('text-sm', error ? 'text-danger' : 'text-ink-soft')}
        >
          {note}
        </p>
      )}
    </div>
  );
}

const box =
  'w-full rounded-md border border-line-strong bg-surface-raised px-2.5 text-base text-ink transition-colors duration-150 focus-visible:outline-offset-0 aria-invalid:border-danger disabled:bg-surface-sunk disabled:text-ink-soft';

export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return <input type="text" autoComplete="off" spellCheck={false} {...rest} className={cx(box, 'h-8', className)} />;
}

export function TextArea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea spellCheck={false} rows={4} {...rest} className={cx(box, 'min-h-20 resize-y py-1.5', className)} />;
}

/** A passphrase: hidden, with an eye. Browsers are told not to remember it. */
export function PassphraseInput({ className, ...rest }: Omit<ComponentProps<'input'>, 'type'>) {
  const t = useT();
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;
  return (
    <div className="relative">
      <Input autoComplete="off" {...rest} type={shown ? 'text' : 'password'} className={cx('pe-9', className)} />
      <button
        type="button"
        aria-label={shown ? t('common.hidePassphrase') : t('common.showPassphrase')}
        aria-pressed={shown}
        onClick={() => setShown(!shown)}
        className="absolute inset-y-0 end-0 flex w-8 items-center justify-center rounded-md text-ink-soft hover:text-ink"
      >
        <Icon aria-hidden className="size-4" strokeWidth={1.75} />
      </button>
    </div>
  );
}

export interface CheckboxProps {
  checked: boolean | 'indeterminate';
  onChange: (checked: boolean) => void;
  children: ReactNode;
  disabled?: boolean;
  /** Only screen readers read the label (in tables). */
  labelHidden?: boolean;
}

export function Checkbox({ checked, onChange, children, disabled, labelHidden }: CheckboxProps) {
  const id = useId();
  return (
    <div className="flex items-start gap-2.5">
      <RadixCheckbox.Root
        id={id}
        checked={checked}
        disabled={disabled}
        onCheckedChange={(value) => onChange(value === true)}
        className="mt-0.5 flex size-4.5 shrink-0 items-center justify-center rounded-sm border border-line-strong bg-surface-raised data-[state=checked]:border-accent data-[state=checked]:bg-accent data-[state=checked]:text-accent-ink"
      >
        <RadixCheckbox.Indicator>
          <Check aria-hidden className="size-3.5" strokeWidth={2.5} />
        </RadixCheckbox.Indicator>
      </RadixCheckbox.Root>
      <label htmlFor={id} className={labelHidden ? 'sr-only' : 'text-base select-none'}>
        {children}
      </label>
    </div>
  );
}
