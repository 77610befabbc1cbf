import { Eye, GitCompareArrows, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import type { VaultItem } from '#shared/contract/vault.ts';
import { type Out, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useFormat } from '../../../lib/format.ts';
import { type Translate, useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { shownName } from '../browse/shown-name.ts';
import { previewKind } from '../inspect/preview.tsx';
import { LookDialog } from '../look/look-dialog.tsx';
import { BringBackDialog } from '../snapshots/bring-back-dialog.tsx';
import { Compare } from './compare.tsx';

export type Version = Out<'vault.history'>['versions'][number];

/** What lay where a file lies, over time: look at each, compare two of a text, bring one back. */
export function HistoryDialog({ item, onClose }: { item: VaultItem; onClose: () => void }) {
  const t = useT();
  const [comparing, setComparing] = useState<{ older: Version; newer: Version } | null>(null);
  const { data, error, refetch } = useAgentQuery('vault.history', { item: item.id });
  const versions = data?.versions ?? null;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('vault.history.title', { name: shownName(item.name) })}
      description={t('vault.history.text')}
      width="wide"
      footer={
        <>
          {comparing && <Button onClick={() => setComparing(null)}>{t('vault.history.back')}</Button>}
          <Button onClick={onClose}>{t('common.close')}</Button>
        </>
      }
    >
      {error && !data ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : versions === null ? (
        <Skeleton className="h-40" />
      ) : comparing ? (
        <Compare versions={versions} {...comparing} onChange={setComparing} />
      ) : (
        <Versions item={item} versions={versions} onCompare={setComparing} />
      )}
    </Dialog>
  );
}

/** Where a version is, in a few words. */
function standing({ now, snapshots }: Version, t: Translate): string {
  if (now === 'there') return t('vault.history.there');
  if (now === 'binned') return t('vault.history.binned');
  if (snapshots === null) return t('vault.history.gone');
  const { first, last } = snapshots;
  return first.number === last.number
    ? t('vault.history.inOne', { number: last.number })
    : t('vault.history.inSome', { from: first.number, to: last.number });
}

function Versions({
  item,
  versions,
  onCompare,
}: {
  item: VaultItem;
  versions: readonly Version[];
  onCompare: (two: { older: Version; newer: Version }) => void;
}) {
  const t = useT();
  const format = useFormat();
  const ready = useLink().phase === 'ready';
  const [peek, setPeek] = useState<Version | null>(null);
  const [bringing, setBringing] = useState<Version | null>(null);
  const isText = previewKind(item) === 'text';
  const nameOf = ({ path }: Version): string => path.split('/').at(-1) ?? item.name;
  return (
    <>
      {versions.length < 2 && <p className="pb-2 text-sm text-ink-soft">{t('vault.history.only')}</p>}
      <ul aria-label={t('vault.history.list')} className="flex flex-col divide-y divide-line text-sm">
        {versions.map((version, i) => {
          const when = format.exact(version.added);
          const other = i === 0 ? versions[1] : versions[0];
          const [older, newer] = i === 0 ? [other, version] : [version, other];
          return (
            <li key={version.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2">
              <span className="min-w-0 grow basis-56">
                <span className="font-medium">{when}</span>{' '}
                <span className="text-ink-soft">
                  {format.bytes(version.size)} · {standing(version, t)}
                </span>
                {version.path !== versions[0]?.path && (
                  <bdi className="block truncate text-ink-soft">{shownName(version.path)}</bdi>
                )}
              </span>
              <span className="-ms-2 flex flex-wrap gap-1">
                <Button
                  size="small"
                  icon={Eye}
                  tone="quiet"
                  aria-label={t('vault.history.look', { when })}
                  disabled={!ready || (version.now !== 'there' && version.snapshots === null)}
                  onClick={() => setPeek(version)}
                >
                  {t('vault.history.lookDo')}
                </Button>
                {isText && older && newer && (
                  <Button
                    size="small"
                    icon={GitCompareArrows}
                    tone="quiet"
                    aria-label={t(i === 0 ? 'vault.history.compareBefore' : 'vault.history.compareNow', { when })}
                    disabled={!ready}
                    onClick={() => onCompare({ older, newer })}
                  >
                    {t('vault.history.compareDo')}
                  </Button>
                )}
                {version.now !== 'there' && version.snapshots !== null && (
                  <Button
                    size="small"
                    icon={RotateCcw}
                    tone="quiet"
                    aria-label={t('vault.history.bring', { when })}
                    disabled={!ready}
                    onClick={() => setBringing(version)}
                  >
                    {t('vault.snapshots.bring')}
                  </Button>
                )}
              </span>
            </li>
          );
        })}
      </ul>
      {peek && (
        <LookDialog
          item={{ ...peek, kind: 'file', name: nameOf(peek), mime: item.mime }}
          from={peek.now === 'there' || peek.snapshots === null ? {} : { snapshot: peek.snapshots.last.number }}
          note={standing(peek, t)}
          onClose={() => setPeek(null)}
        />
      )}
      {bringing?.snapshots && (
        <BringBackDialog
          snapshot={bringing.snapshots.last.number}
          items={[{ id: bringing.id, name: nameOf(bringing) }]}
          onClose={() => setBringing(null)}
        />
      )}
    </>
  );
}
