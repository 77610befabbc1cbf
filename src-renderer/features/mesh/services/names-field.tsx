import { Field, TextArea } from '../../../ui/field.tsx';

interface NamesFieldProps {
  readonly label: string;
  readonly hint: string;
  /** What is wrong with what was typed, once it was tried. */
  readonly error: string | undefined;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** People by name or address, as many as wanted. */
export function NamesField({ label, hint, error, value, onChange }: NamesFieldProps) {
  return (
    <Field label={label} hint={hint} error={error} required>
      {(control) => (
        <TextArea
          {...control}
          rows={2}
          dir="ltr"
          className="font-mono text-sm!"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
