import type { In } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Select } from '../../../ui/choice.tsx';
import { Field } from '../../../ui/field.tsx';

export type Clash = NonNullable<In<'vault.restoreFrom'>['clash']>;

/** What becomes of names that are there already. */
export function ClashField({ value, onChange }: { value: Clash; onChange: (value: Clash) => void }) {
  const t = useT();
  return (
    <Field label={t('vault.snapshots.clash')}>
      {(control) => (
        <Select
          {...control}
          value={value}
          onChange={onChange}
          options={[
            { value: 'both', label: t('vault.snapshots.clashBoth') },
            { value: 'replace', label: t('vault.snapshots.clashReplace') },
            { value: 'skip', label: t('vault.snapshots.clashSkip') },
          ]}
        />
      )}
    </Field>
  );
}
