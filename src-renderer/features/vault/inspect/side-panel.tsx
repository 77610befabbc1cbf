import { memo, useDeferredValue } from 'react';
import type { ItemId } from '#shared/model/ids.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import type { Row } from '../browse/rows.ts';
import { useStable } from '../browse/use-stable.ts';
import { Inspector } from './inspector.tsx';
import { useWide } from './use-wide.ts';

interface SidePanelProps {
  rows: readonly Row[];
  ready: boolean;
  onDownload: (rows: readonly Row[]) => void;
  onSave: (rows: readonly Row[]) => void;
  onLock: (row: Row) => void;
  onRename: (id: ItemId) => void;
  onHistory: (row: Row) => void;
}

/** Windows at least this wide have room for it, in CSS pixels. */
export const sidePanelFrom = 1180;

/** The inspector beside the list, where there is room; narrower windows open it as a dialog. */
export function SidePanel({ rows, ready, onDownload, onSave, onLock, onRename, onHistory }: SidePanelProps) {
  // Arrow keys must never wait for a preview: the panel follows when there is time.
  const later = useDeferredValue(rows);
  const on = useStable({ onDownload, onSave, onLock, onRename, onHistory });
  return useWide(sidePanelFrom) ? <Panel rows={later} ready={ready} {...on} /> : null;
}

const Panel = memo(function Panel({ rows, ready, onDownload, onSave, onLock, onRename, onHistory }: SidePanelProps) {
  const t = useT();
  const format = useFormat();
  const [one] = rows;
  return (
    <aside
      aria-label={t('vault.inspect.title')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="w-80 shrink-0 overflow-y-auto border-s border-line ps-5 pb-4"
    >
      {one === undefined ? (
        <p className="pt-2 text-sm text-ink-soft">{t('vault.inspect.nothing')}</p>
      ) : rows.length === 1 ? (
        <Inspector
          key={one.id}
          item={one}
          onDownload={ready && one.kind === 'file' ? () => onDownload([one]) : null}
          onSave={ready ? () => onSave([one]) : null}
          onLock={ready && one.kind === 'file' ? () => onLock(one) : null}
          onRename={ready && one.binnedAt === null ? () => onRename(one.id) : null}
          onHistory={ready && one.kind === 'file' ? () => onHistory(one) : null}
        />
      ) : (
        <p className="pt-2 text-sm">
          {t('common.selected', { count: rows.length })} · {format.bytes(rows.reduce((sum, row) => sum + row.size, 0))}
        </p>
      )}
    </aside>
  );
});
