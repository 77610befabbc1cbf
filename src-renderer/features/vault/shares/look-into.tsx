import { HardDriveDownload, Save } from 'lucide-react';
import { useState } from 'react';
import type { SharedItem, TakenShare } from '#shared/contract/vault.ts';
import type { ItemId } from '#shared/model/ids.ts';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { shownName } from '../browse/shown-name.ts';
import { LookDialog } from '../look/look-dialog.tsx';
import { LookInto } from '../look/look-into.tsx';
import { ExportSharedDialog } from './export-shared.tsx';
import { SaveSharedDialog } from './save-shared.tsx';

interface Taking {
  readonly where: 'vault' | 'computer';
  readonly items: readonly ItemId[];
}

/** A folder (or the one file) of a share, as it is on its owner's device now. */
export function LookIntoShare({ share, onBack }: { share: TakenShare; onBack: () => void }) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const [item, setItem] = useState<ItemId | null>(null);
  const [taking, setTaking] = useState<Taking | null>(null);
  const [peek, setPeek] = useState<SharedItem | null>(null);
  const { data, error, refetch } = useAgentQuery(
    'vault.lookShared',
    { share: share.id, ...(item === null ? {} : { item }) },
    { keepPrevious: true },
  );
  const rows = data ? (data.item.kind === 'file' ? [data.item] : data.items) : null;
  const take = (where: Taking['where'], selected: readonly SharedItem[]) =>
    setTaking({ where, items: (selected.length > 0 ? selected : data ? [data.item] : []).map(({ id }) => id) });
  return (
    <>
      <LookInto
        back={t('vault.shares.back')}
        onBack={onBack}
        title={
          <>
            <bdi>{shownName(share.name)}</bdi>
            <span className="ms-2 font-normal text-ink-soft">
              {t('vault.shares.ofWho', { who: share.who ?? '–' })} · {t(`vault.shares.accessIs.${share.access}`)}
            </span>
          </>
        }
        path={data?.path ?? []}
        onGo={(to) => setItem(to as ItemId)}
        onFile={setPeek}
        actions={(selected) => {
          const none = !ready || rows === null || rows.length === 0;
          return (
            <>
              <Button
                size="small"
                tone="quiet"
                icon={HardDriveDownload}
                disabled={none}
                onClick={() => take('computer', selected)}
              >
                {t('vault.action.save')}
              </Button>
              <Button size="small" icon={Save} disabled={none} onClick={() => take('vault', selected)}>
                {selected.length > 0
                  ? t('vault.shares.saveSome', { count: selected.length })
                  : t('vault.shares.saveAll')}
              </Button>
            </>
          );
        }}
        rows={rows}
        total={data?.item.kind === 'file' ? 1 : (data?.total ?? 0)}
        error={error}
        onRetry={() => void refetch()}
        label={t('vault.shares.contents', { name: shownName(data?.item.name ?? share.name) })}
        empty={t('vault.shares.nothing')}
      />
      {taking?.where === 'vault' && (
        <SaveSharedDialog share={share} items={taking.items} onClose={() => setTaking(null)} />
      )}
      {taking?.where === 'computer' && (
        <ExportSharedDialog share={share} items={taking.items} onClose={() => setTaking(null)} />
      )}
      {peek && (
        <LookDialog
          item={peek}
          from={{ share: share.id }}
          note={t('vault.shares.fromWho', { who: share.who ?? '–' })}
          onClose={() => setPeek(null)}
        />
      )}
    </>
  );
}
