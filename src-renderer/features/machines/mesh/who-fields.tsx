import { useT } from '../../../lib/i18n.ts';
import { Segments } from '../../../ui/choice.tsx';
import { Field, TextArea } from '../../../ui/field.tsx';
import { ContactsField } from './contacts-field.tsx';
import { DevicesField } from './devices-field.tsx';
import { readPeers } from './opening.ts';
import type { KnownContacts } from './use-contacts.ts';
import type { FieldsProps } from './what-fields.tsx';

/** To whom it is opened: people, own devices, addresses, or everybody. */
export function WhoFields({ draft, tried, known, onChange }: FieldsProps & { known: KnownContacts }) {
  const t = useT();
  const { who, names, contacts, devices } = draft;
  const read = readPeers(names);
  const wrong = tried && 'problem' in read ? t(`machines.mesh.namesProblem.${read.problem}`) : undefined;
  return (
    <>
      <div className="flex flex-col items-start gap-1.5">
        <span className="text-sm font-medium">{t('machines.mesh.who')}</span>
        <Segments
          label={t('machines.mesh.who')}
          value={who}
          onChange={(wanted) => onChange({ who: wanted })}
          options={[
            { value: 'contacts', label: t('machines.mesh.people') },
            { value: 'devices', label: t('machines.mesh.devices') },
            { value: 'addresses', label: t('machines.mesh.addresses') },
            { value: 'everybody', label: t('machines.mesh.all') },
          ]}
        />
      </div>
      {who === 'contacts' && (
        <ContactsField
          known={known}
          chosen={contacts}
          error={tried && contacts.length === 0 ? t('machines.mesh.nobodyChosen') : undefined}
          onChange={(wanted) => onChange({ contacts: wanted })}
        />
      )}
      {who === 'devices' && (
        <DevicesField
          chosen={devices}
          error={tried && devices.length === 0 ? t('machines.mesh.noDeviceChosen') : undefined}
          onChange={(wanted) => onChange({ devices: wanted })}
        />
      )}
      {who === 'addresses' && (
        <Field label={t('machines.mesh.names')} hint={t('machines.mesh.namesHint')} error={wrong} required>
          {(control) => (
            <TextArea
              {...control}
              rows={2}
              dir="ltr"
              className="font-mono text-sm!"
              value={names}
              onChange={(event) => onChange({ names: event.target.value })}
            />
          )}
        </Field>
      )}
    </>
  );
}
