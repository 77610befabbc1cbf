import { type FormEvent, useState } from 'react';
import type { ItemId } from '#shared/model/ids.ts';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Select, Switch } from '../../../ui/choice.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Field } from '../../../ui/field.tsx';
import { shownName } from '../browse/shown-name.ts';

const dayMs = 86_400_000;
const terms = ['endless', 'day', 'week', 'month'] as const;
const days: Record<(typeof terms)[number], number | null> = { endless: null, day: 1, week: 7, month: 30 };

/** With whom, to do what, and until when. */
export function ShareDialog({ item, onClose }: { item: { id: ItemId; name: string }; onClose: () => void }) {
  const t = useT();
  const { data } = useAgentQuery('contacts.list', {});
  const people = (data?.contacts ?? []).filter(({ state, blocked }) => state === 'known' && !blocked);
  const [chosen, setChosen] = useState<string | null>(null);
  const [access, setAccess] = useState<'read' | 'write'>('read');
  const [term, setTerm] = useState<(typeof terms)[number]>('endless');
  const [sure, setSure] = useState(false);
  const share = useAgentMutation('vault.share', {
    quiet: true,
    done: ({ contact }) =>
      t('vault.shares.shared', {
        name: shownName(item.name),
        who: people.find(({ id }) => id === contact)?.petname ?? contact,
      }),
    onDone: onClose,
  });
  const person = people.find(({ id }) => id === chosen) ?? people[0];
  const unverified = person !== undefined && person.verifiedAt === null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (person === undefined) return;
    const after = days[term];
    share.mutate({
      item: item.id,
      contact: person.id,
      access,
      unverified: unverified && sure,
      ...(after === null ? {} : { expires: Date.now() + after * dayMs }),
    });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('vault.shares.shareTitle', { name: shownName(item.name) })}
      description={t('vault.shares.shareText')}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button
            tone="primary"
            type="submit"
            form="share-item"
            busy={share.isPending}
            disabled={person === undefined || (unverified && !sure)}
          >
            {t('vault.shares.share')}
          </Button>
        </>
      }
    >
      {data && people.length === 0 ? (
        <p className="text-sm text-ink-soft">{t('vault.shares.nobody')}</p>
      ) : (
        <form id="share-item" onSubmit={submit} noValidate className="flex flex-col gap-4">
          <Field label={t('vault.shares.with')}>
            {(control) => (
              <Select
                {...control}
                value={person?.id ?? ''}
                onChange={(id) => {
                  setChosen(id);
                  setSure(false);
                }}
                options={people.map(({ id, petname }) => ({ value: id as string, label: petname }))}
              />
            )}
          </Field>
          <Field label={t('vault.shares.access')}>
            {(control) => (
              <Select
                {...control}
                value={access}
                onChange={setAccess}
                options={(['read', 'write'] as const).map((value) => ({
                  value,
                  label: t(`vault.shares.accessIs.${value}`),
                  note: t(`vault.shares.accessNote.${value}`),
                }))}
              />
            )}
          </Field>
          <Field label={t('vault.shares.until')}>
            {(control) => (
              <Select
                {...control}
                value={term}
                onChange={setTerm}
                options={terms.map((value) => ({ value, label: t(`vault.shares.term.${value}`) }))}
              />
            )}
          </Field>
          {unverified && (
            <Switch
              checked={sure}
              onChange={setSure}
              label={t('vault.shares.unverified', { who: person.petname })}
              hint={t('vault.shares.unverifiedHint')}
            />
          )}
          {share.error && <ErrorPanel error={share.error} />}
        </form>
      )}
    </Dialog>
  );
}
