import type { PlaceKind } from '#shared/contract/vault.ts';
import { useT } from '../../../lib/i18n.ts';
import { Checkbox, Field, Input, PassphraseInput, TextArea } from '../../../ui/field.tsx';
import { type PlaceField, type PlaceKey, type PlaceValues, placeFields } from './place-form.ts';

export interface PlaceFieldsProps {
  kind: PlaceKind;
  values: PlaceValues;
  /** Keys that are needed and empty, once the person has tried to go on. */
  missing: readonly PlaceKey[];
  /** What is known of an existing place stays where a secret is left empty. */
  changing?: boolean;
  onChange: (values: PlaceValues) => void;
}

/** Long ones have the whole width. */
const wide: readonly PlaceKey[] = ['path', 'endpoint', 'privateKey', 'directory'];

/** What a place of a kind asks for: its address, and what opens it. */
export function PlaceFields({ kind, values, missing, changing = false, onChange }: PlaceFieldsProps) {
  const t = useT();
  const hintOf = ({ key, look }: PlaceField): string =>
    changing && look !== 'text' ? t('vault.place.keep') : t(`vault.place.hint.${key}`);
  return (
    <div className="grid grid-cols-1 gap-4 min-[520px]:grid-cols-2">
      {placeFields[kind].map((field, i) => {
        const { key, needed, look, usual } = field;
        const wanted = needed && !(changing && look !== 'text');
        return (
          <Field
            key={key}
            className={wide.includes(key) ? 'min-[520px]:col-span-2' : ''}
            label={t(`vault.place.field.${key}`)}
            hint={hintOf(field)}
            error={missing.includes(key) ? t('vault.place.needed') : undefined}
            required={wanted}
            optional={!wanted}
          >
            {(control) => {
              const common = {
                ...control,
                dir: 'ltr' as const,
                className: 'font-mono text-sm',
                value: values[key] ?? '',
                autoFocus: i === 0 && !changing,
              };
              const type = (value: string) => onChange({ ...values, [key]: value });
              if (look === 'area')
                return <TextArea {...common} rows={3} onChange={(event) => type(event.target.value)} />;
              if (look === 'secret')
                return <PassphraseInput {...common} onChange={(event) => type(event.target.value)} />;
              return (
                <Input
                  {...common}
                  placeholder={usual}
                  inputMode={key === 'port' || key === 'database' ? 'numeric' : undefined}
                  onChange={(event) => type(event.target.value)}
                />
              );
            }}
          </Field>
        );
      })}
      {kind === 'redis' && (
        <Checkbox checked={values.tls ?? false} onChange={(tls) => onChange({ ...values, tls })}>
          {t('vault.place.tls')}
        </Checkbox>
      )}
    </div>
  );
}

const marks = ['name', 'site', 'owner', 'limit'] as const;

/** What the person says about a place: what they call it, where it stands, whose it is, how much may be used. */
export function PlaceMarksFields({ values, onChange }: Pick<PlaceFieldsProps, 'values' | 'onChange'>) {
  const t = useT();
  return (
    <div className="grid grid-cols-1 gap-4 min-[520px]:grid-cols-2">
      {marks.map((key) => (
        <Field key={key} label={t(`vault.place.field.${key}`)} hint={t(`vault.place.hint.${key}`)} optional>
          {(control) => (
            <Input
              {...control}
              maxLength={64}
              inputMode={key === 'limit' ? 'decimal' : undefined}
              value={values[key] ?? ''}
              onChange={(event) => onChange({ ...values, [key]: event.target.value })}
            />
          )}
        </Field>
      ))}
    </div>
  );
}
