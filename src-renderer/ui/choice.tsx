import { Check, ChevronDown } from 'lucide-react';
import { Select as RadixSelect, Switch as RadixSwitch, ToggleGroup } from 'radix-ui';
import { type ReactNode, useId } from 'react';
import { cx } from './cx.ts';
import type { FieldControl } from './field.tsx';

export interface Option<V extends string = string> {
  value: V;
  label: string;
  /** A second line. */
  note?: string;
  disabled?: boolean;
}

export interface SelectProps<V extends string> extends Partial<FieldControl> {
  value: V;
  options: readonly Option<V>[];
  onChange: (value: V) => void;
  /** Needed when it stands outside a Field. */
  label?: string;
  disabled?: boolean;
  className?: string;
}

export function Select<V extends string>({
  value,
  options,
  onChange,
  label,
  disabled,
  className,
  ...control
}: SelectProps<V>) {
  return (
    <RadixSelect.Root value={value} onValueChange={(v) => onChange(v as V)} disabled={disabled ?? false}>
      <RadixSelect.Trigger
        {...control}
        aria-label={label}
        className={cx(
          'inline-flex h-8 items-center justify-between gap-2 rounded-md border border-line-strong bg-surface-raised px-2.5 text-start text-base hover:bg-hover disabled:text-ink-soft',
          className,
        )}
      >
        <span className="truncate">
          <RadixSelect.Value />
        </span>
        <RadixSelect.Icon>
          <ChevronDown aria-hidden className="size-4 text-ink-soft" strokeWidth={1.75} />
        </RadixSelect.Icon>
      </RadixSelect.Trigger>
      <RadixSelect.Portal>
        <RadixSelect.Content
          position="popper"
          sideOffset={4}
          collisionPadding={8}
          className="appear z-50 max-h-(--radix-select-content-available-height) min-w-(--radix-select-trigger-width) overflow-hidden rounded-lg border border-line bg-surface-raised p-1 shadow-float"
        >
          <RadixSelect.Viewport>
            {options.map((option) => (
              <RadixSelect.Item
                key={option.value}
                value={option.value}
                disabled={option.disabled ?? false}
                className="flex min-h-8 items-center gap-2 rounded-md px-2 py-1 outline-none data-[disabled]:text-ink-soft data-[highlighted]:bg-hover"
              >
                <span className="flex size-4 shrink-0">
                  <RadixSelect.ItemIndicator>
                    <Check aria-hidden className="size-4" strokeWidth={1.75} />
                  </RadixSelect.ItemIndicator>
                </span>
                <span className="flex flex-col">
                  <RadixSelect.ItemText>{option.label}</RadixSelect.ItemText>
                  {option.note && <span className="text-sm text-ink-soft">{option.note}</span>}
                </span>
              </RadixSelect.Item>
            ))}
          </RadixSelect.Viewport>
        </RadixSelect.Content>
      </RadixSelect.Portal>
    </RadixSelect.Root>
  );
}

export interface SwitchProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  label: ReactNode;
  hint?: ReactNode;
  disabled?: boolean;
}

/** On or off, at once. Label at the start, switch at the end. */
export function Switch({ checked, onChange, label, hint, disabled }: SwitchProps) {
  const id = useId();
  const noteId = `${id}-note`;
  return (
    <div className="flex items-start justify-between gap-4">
      <div>
        <label htmlFor={id} className="text-sm font-medium">
          {label}
        </label>
        {hint && (
          <p id={noteId} className="text-sm text-ink-soft">
            {hint}
          </p>
        )}
      </div>
      <RadixSwitch.Root
        id={id}
        checked={checked}
        onCheckedChange={onChange}
        disabled={disabled}
        aria-describedby={hint ? noteId : undefined}
        className="relative mt-0.5 h-5 w-9 shrink-0 rounded-full border border-line-strong bg-surface-sunk transition-colors duration-150 disabled:opacity-45 data-[state=checked]:border-accent data-[state=checked]:bg-accent"
      >
        <RadixSwitch.Thumb className="block size-3.5 translate-x-0.5 rounded-full bg-ink-soft transition-transform duration-150 data-[state=checked]:translate-x-[17px] data-[state=checked]:bg-accent-ink rtl:-translate-x-0.5 rtl:data-[state=checked]:-translate-x-[17px]" />
      </RadixSwitch.Root>
    </div>
  );
}

/** One of two to five, all seen at once. */
export function Segments<V extends string>({ value, options, onChange, label }: SelectProps<V> & { label: string }) {
  return (
    <ToggleGroup.Root
      type="single"
      value={value}
      onValueChange={(v) => v && onChange(v as V)}
      aria-label={label}
      className="inline-flex max-w-full flex-wrap rounded-md border border-line-strong bg-surface-raised p-0.5"
    >
      {options.map((option) => (
        <ToggleGroup.Item
          key={option.value}
          value={option.value}
          disabled={option.disabled ?? false}
          className="h-6.5 rounded-sm px-2.5 text-sm text-ink-soft hover:text-ink data-[state=on]:bg-hover data-[state=on]:font-medium data-[state=on]:text-ink"
        >
          {option.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
