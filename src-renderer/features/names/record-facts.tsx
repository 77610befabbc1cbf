import type { NameEntry } from '#shared/contract/names.ts';
import { useT } from '../../lib/i18n.ts';
import { Copyable } from '../../ui/copyable.tsx';
import { Facts } from '../../ui/panel.tsx';
import { Time } from '../../ui/time.tsx';

/** What a name points to, and who holds it. */
export function RecordFacts({ entry }: { entry: NameEntry }) {
  const t = useT();
  const { record, owner, expiresAt, depositText } = entry;
  const person = record?.person ?? null;
  const rows = [
    owner !== null && { label: t('names.fact.owner'), value: <Copyable value={owner} what={t('names.fact.owner')} /> },
    expiresAt !== null && { label: t('names.fact.until'), value: <Time at={expiresAt} /> },
    depositText !== null && { label: t('names.fact.deposit'), value: depositText },
    person !== null && {
      label: t('names.fact.person'),
      value: (
        <span className="flex flex-col">
          <span>{person.contact === null ? t(`names.person.${person.is}`) : <bdi>{person.contact}</bdi>}</span>
          <Copyable value={person.id} what={t('names.fact.person')} />
        </span>
      ),
    },
    ...(record?.mesh ?? []).map((address) => ({
      id: address,
      label: t('names.fact.mesh'),
      value: <Copyable value={address} what={t('names.fact.mesh')} whole />,
    })),
    record !== null &&
      record.wallet !== null && {
        label: t('names.fact.wallet'),
        value: <Copyable value={record.wallet} what={t('names.fact.wallet')} />,
      },
    ...(record?.services ?? []).map(({ name, url }) => ({
      id: `${name} ${url}`,
      label: <bdi>{name}</bdi>,
      value: <Copyable value={url} what={name} whole />,
    })),
  ];
  return (
    <div className="flex flex-col gap-2">
      <Facts rows={rows.filter((row) => row !== false)} />
      {entry.recordState === 'unreadable' && <p className="text-sm text-ink-soft">{t('names.unreadable')}</p>}
      {entry.recordState === 'kept' && entry.seenAt !== null && (
        <p className="text-sm text-ink-soft">
          {t('names.kept')} <Time at={entry.seenAt} />
        </p>
      )}
    </div>
  );
}
