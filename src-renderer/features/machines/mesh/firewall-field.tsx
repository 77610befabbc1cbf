import { useState } from 'react';
import { useT } from '../../../lib/i18n.ts';
import { openingOf } from './opening.ts';
import { OpeningDialog } from './opening-dialog.tsx';
import { OpeningsList } from './openings-list.tsx';
import { useContacts } from './use-contacts.ts';

/** What a machine that is being deployed lets in over the mesh: nothing, unless something is opened. */
export function FirewallField({
  value,
  onChange,
  error,
}: {
  value: readonly string[];
  onChange: (rules: string[]) => void;
  error: string | undefined;
}) {
  const t = useT();
  const [adding, setAdding] = useState(false);
  const { contacts } = useContacts();
  const openings = value.map((rule) => openingOf(rule, contacts));
  return (
    <fieldset className="min-w-0">
      <legend className="text-sm font-medium">
        {t('machines.form.mesh')}
        <span className="ms-1.5 font-normal text-ink-soft">{t('common.optional')}</span>
      </legend>
      <p className="mb-2 text-sm text-ink-soft">{t('machines.form.meshHint')}</p>
      <OpeningsList
        openings={openings}
        onAdd={() => setAdding(true)}
        onClose={(rule) => onChange(value.filter((one) => one !== rule))}
      />
      {error && (
        <p role="alert" className="mt-1.5 text-sm text-danger">
          {error}
        </p>
      )}
      {adding && (
        <OpeningDialog
          openings={openings}
          onOpen={(rule) => {
            onChange([...value, rule]);
            setAdding(false);
          }}
          onClose={() => setAdding(false)}
        />
      )}
    </fieldset>
  );
}
