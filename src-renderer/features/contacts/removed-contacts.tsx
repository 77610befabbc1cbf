import { useAgentMutation, useAgentQuery } from '../../lib/agent/hooks.ts';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/panel.tsx';
import { toast } from '../../ui/toast.tsx';

/** Who was removed and can still be put back; nothing where there is nobody. */
export function RemovedContacts() {
  const t = useT();
  const { data } = useAgentQuery('contacts.list', { removed: true });
  const restore = useAgentMutation('contacts.restore', {
    onDone: ({ id, petname }) => toast.done(t('contacts.restored', { name: petname }), undefined, `contact ${id}`),
  });
  if (!data || data.contacts.length === 0) return null;
  return (
    <Section title={t('contacts.removedTitle')} note={t('contacts.removedNote')}>
      <ul>
        {data.contacts.map(({ id, petname }) => (
          <li
            key={id}
            className="flex items-center justify-between gap-3 border-b border-line py-1.5 text-sm last:border-b-0"
          >
            <bdi className="min-w-0 truncate">{petname}</bdi>
            <Button
              size="small"
              aria-label={`${t('contacts.restore')}: ${petname}`}
              onClick={() => restore.mutate({ contact: id })}
            >
              {t('contacts.restore')}
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
