import { useId, useState } from 'react';
import type { Contact } from '#shared/contract/contacts.ts';
import { useT } from '../../../lib/i18n.ts';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Checkbox, Input } from '../../../ui/field.tsx';
import { LinkButton } from '../../../ui/link-button.tsx';
import { Notice } from '../../../ui/panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { mostContacts } from './opening.ts';
import type { KnownContacts } from './use-contacts.ts';

/** From here on a name is looked for faster than it is found by eye. */
const manyContacts = 8;

/** Why somebody cannot be let in; null when they can. */
const against = ({ blocked, state }: Contact): 'blocked' | 'waiting' | null =>
  blocked ? 'blocked' : state === 'waiting' ? 'waiting' : null;

/** People to be chosen by what the person calls them. */
export function ContactsField({
  known: { contacts, loading, error: failure },
  chosen,
  error,
  onChange,
}: {
  known: KnownContacts;
  chosen: readonly string[];
  /** What is wrong with the choice, once it was tried. */
  error: string | undefined;
  onChange: (chosen: readonly string[]) => void;
}) {
  const t = useT();
  const noteId = useId();
  const [search, setSearch] = useState('');
  if (failure) return <ErrorPanel error={failure} />;
  if (loading) return <Skeleton className="h-20" />;
  if (contacts.length === 0) {
    return (
      <div>
        <Notice action={<LinkButton to="/contacts">{t('machines.mesh.toContacts')}</LinkButton>}>
          {t('machines.mesh.noContacts')}
        </Notice>
        {error && (
          <p role="alert" className="mt-1.5 text-sm text-danger">
            {error}
          </p>
        )}
      </div>
    );
  }
  const looked = search.trim().toLowerCase();
  const shown = contacts
    .filter((one) => looked === '' || `${one.petname} ${one.label}`.toLowerCase().includes(looked))
    .toSorted(
      (a, b) => Number(against(a) !== null) - Number(against(b) !== null) || a.petname.localeCompare(b.petname),
    );
  const full = chosen.length >= mostContacts;
  const choose = (id: string, on: boolean) => onChange(on ? [...chosen, id] : chosen.filter((one) => one !== id));
  return (
    <fieldset aria-describedby={noteId}>
      <legend className="mb-1.5 text-sm font-medium">{t('machines.mesh.chooseContacts')}</legend>
      {contacts.length > manyContacts && (
        <Input
          type="search"
          aria-label={t('machines.mesh.searchContacts')}
          placeholder={t('machines.mesh.searchContacts')}
          className="mb-1.5"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      )}
      <ul className="flex max-h-44 flex-col gap-0.5 overflow-y-auto rounded-md border border-line-strong bg-surface-raised px-2.5 py-1.5">
        {shown.map((contact) => (
          <ContactChoice
            key={contact.id}
            contact={contact}
            chosen={chosen.includes(contact.id)}
            full={full}
            onChange={(on) => choose(contact.id, on)}
          />
        ))}
        {shown.length === 0 && <li className="py-1 text-sm text-ink-soft">{t('machines.mesh.noneFound')}</li>}
      </ul>
      <p
        id={noteId}
        role={error ? 'alert' : undefined}
        className={error ? 'mt-1.5 text-sm text-danger' : 'mt-1.5 text-sm text-ink-soft'}
      >
        {error ?? t('machines.mesh.contactsHint')}
      </p>
    </fieldset>
  );
}

function ContactChoice({
  contact,
  chosen,
  full,
  onChange,
}: {
  contact: Contact;
  chosen: boolean;
  full: boolean;
  onChange: (on: boolean) => void;
}) {
  const t = useT();
  const why = against(contact);
  const doubt = contact.verifiedAt === null ? t('machines.mesh.notVerified') : null;
  const note = why === null ? doubt : t(`machines.mesh.against.${why}`);
  return (
    <li className="py-1">
      <Checkbox checked={chosen} disabled={!chosen && (why !== null || full)} onChange={onChange}>
        <span className="flex flex-wrap items-baseline gap-x-2">
          <span className={why === null ? 'wrap-anywhere' : 'wrap-anywhere text-ink-soft'}>{contact.petname}</span>
          {note && <span className="text-sm text-ink-soft">{note}</span>}
        </span>
      </Checkbox>
    </li>
  );
}
