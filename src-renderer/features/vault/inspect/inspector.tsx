import { Download, FileLock2, HardDriveDownload, History, Pencil } from 'lucide-react';
import type { VaultItem } from '#shared/contract/vault.ts';
import { type Out, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { useSafetyWords } from '../../../lib/safety.ts';
import { Button } from '../../../ui/button.tsx';
import { Facts } from '../../../ui/panel.tsx';
import { State } from '../../../ui/state.tsx';
import { Time } from '../../../ui/time.tsx';
import { shownName } from '../browse/shown-name.ts';
import { Preview } from './preview.tsx';
import { ShardHolders } from './shard-holders.tsx';

/** Everything about one file or folder: a look, how safe it is and why, facts. */
export function Inspector({
  item,
  onDownload,
  onSave,
  onLock,
  onRename,
  onHistory,
  withPreview = true,
}: {
  item: VaultItem;
  onDownload: (() => void) | null;
  onSave: (() => void) | null;
  onLock: (() => void) | null;
  onRename: (() => void) | null;
  onHistory: (() => void) | null;
  withPreview?: boolean;
}) {
  const t = useT();
  const { data } = useAgentQuery('vault.get', { item: item.id }, { keepPrevious: true });
  const more = data?.id === item.id ? data : null;
  return (
    <div className="flex flex-col gap-4 text-sm">
      {withPreview && (
        <div className="overflow-hidden rounded-lg border border-line">
          <Preview item={item} />
        </div>
      )}
      <div>
        <h2 className="text-base font-semibold break-words">
          <bdi className="whitespace-pre-wrap">{shownName(item.name)}</bdi>
        </h2>
        <div className="mt-2 flex flex-wrap gap-2">
          {onDownload && (
            <Button size="small" icon={Download} onClick={onDownload}>
              {t('vault.action.download')}
            </Button>
          )}
          {onRename && (
            <Button size="small" icon={Pencil} onClick={onRename}>
              {t('common.rename')}
            </Button>
          )}
          {onSave && (
            <Button size="small" icon={HardDriveDownload} onClick={onSave}>
              {t('vault.action.save')}
            </Button>
          )}
          {onLock && (
            <Button size="small" icon={FileLock2} onClick={onLock}>
              {t('vault.action.lock')}
            </Button>
          )}
          {onHistory && (
            <Button size="small" icon={History} onClick={onHistory}>
              {t('vault.action.history')}
            </Button>
          )}
        </div>
      </div>
      {(item.kind === 'file' || item.size > 0) && <SafetyPart item={item} more={more} />}
      <FactsPart item={item} more={more} />
    </div>
  );
}

type More = Out<'vault.get'> | null;

function SafetyPart({ item, more }: { item: VaultItem; more: More }) {
  const t = useT();
  const words = useSafetyWords()[item.safety];
  return (
    <section aria-label={t('vault.inspect.safety')} className="border-t border-line pt-3">
      <State tone={words.tone}>{t(words.word)}</State>
      <p className="mt-1">{t(words.meaning)}</p>
      {item.kind === 'file' && (
        <p className="mt-1 text-ink-soft">
          {item.verifiedAt === null ? (
            t('vault.inspect.neverVerified')
          ) : (
            <>
              {t('vault.inspect.verified')} <Time at={item.verifiedAt} />
            </>
          )}
        </p>
      )}
      {more && item.kind === 'file' && more.shards.length > 0 && <ShardHolders shards={more.shards} />}
    </section>
  );
}

function FactsPart({ item, more }: { item: VaultItem; more: More }) {
  const t = useT();
  const format = useFormat();
  const rows = [
    { label: t('vault.column.size'), value: format.bytes(item.size) },
    ...(more && item.kind === 'file'
      ? [
          {
            label: t('vault.inspect.stored'),
            value: t('vault.inspect.storedAs', { size: format.bytes(more.stored), count: more.chunks }),
          },
        ]
      : []),
    { label: t('vault.column.modified'), value: <Time at={item.modified} /> },
    { label: t('vault.inspect.added'), value: <Time at={item.added} /> },
    ...(item.kind === 'file' ? [{ label: t('vault.inspect.kind'), value: item.mime || t('common.unknown') }] : []),
    ...(more
      ? [{ label: t('vault.inspect.where'), value: <bdi className="break-all">{shownName(more.path)}</bdi> }]
      : []),
  ];
  return (
    <section aria-label={t('vault.inspect.facts')} className="border-t border-line pt-2">
      <Facts rows={rows} />
    </section>
  );
}
