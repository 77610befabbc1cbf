import { type FormEvent, useState } from 'react';
import type { Failure } from '#shared/rpc/fail.ts';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Select } from '../../../ui/choice.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Field, Input } from '../../../ui/field.tsx';

/** Who, and how much: for asking a contact or another device of the person for room, for offering some, and for agreeing to what was asked. */
export function RoomDialog({
  title,
  text,
  action,
  contact,
  gib: usual,
  busy,
  error,
  onDone,
  onClose,
}: {
  title: string;
  text: string;
  action: string;
  /** As it is meant already, `@ID` or `LABEL.me`; left out, one is chosen. */
  contact?: string;
  gib: string;
  busy: boolean;
  error: Failure | null;
  onDone: (contact: string, gib: number) => void;
  onClose: () => void;
}) {
  const t = useT();
  const { data } = useAgentQuery('contacts.list', {}, { enabled: contact === undefined });
  const devices = useAgentQuery('identity.devices', {}, { enabled: contact === undefined }).data?.devices ?? [];
  const options = [
    ...devices.flatMap(({ name, label, current, revokedAt }) =>
      label === null || current || revokedAt !== null
        ? []
        : [{ value: `${label}.me`, label: t('vault.rooms.ownDevice', { name }) }],
    ),
    ...(data?.contacts ?? []).flatMap(({ id, petname, blocked }) =>
      blocked ? [] : [{ value: `@${id}`, label: petname }],
    ),
  ];
  const [chosen, setChosen] = useState('');
  const [gib, setGib] = useState(usual);
  const [tried, setTried] = useState(false);
  const who = contact ?? chosen;
  const much = Number(gib.replace(',', '.'));
  const wrong = !Number.isFinite(much) || much < 0.1;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (who !== '' && !wrong) onDone(who, much);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={title}
      description={text}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button tone="primary" type="submit" form="room" busy={busy}>
            {action}
          </Button>
        </>
      }
    >
      <form id="room" noValidate onSubmit={submit} className="flex flex-col gap-4">
        {contact === undefined && (
          <Field
            label={t('vault.rooms.contact')}
            hint={data && options.length === 0 ? t('vault.rooms.noContacts') : undefined}
            error={tried && who === '' ? t('vault.place.needed') : undefined}
            required
          >
            {(control) => (
              <Select
                {...control}
                value={chosen}
                options={[{ value: '', label: t('vault.rooms.chooseContact') }, ...options]}
                onChange={setChosen}
              />
            )}
          </Field>
        )}
        <Field
          label={t('vault.rooms.gib')}
          hint={t('vault.rooms.gibHint')}
          error={tried && wrong ? t('vault.place.needed') : undefined}
          required
        >
          {(control) => (
            <Input {...control} inputMode="decimal" value={gib} onChange={(event) => setGib(event.target.value)} />
          )}
        </Field>
        {error && <ErrorPanel error={error} />}
      </form>
    </Dialog>
  );
}
