import { Download, FolderInput, HardDriveDownload, Info, Share2, Trash2 } from 'lucide-react';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import type { Row } from './rows.ts';

export interface SelectionBarProps {
  rows: readonly Row[];
  total: number;
  disabled: boolean;
  /** One file, saved as a browser saves. */
  onDownload: () => void;
  /** Folders and any number of files, written to a directory. */
  onSave: () => void;
  onMove: () => void;
  /** One file or folder, with a contact. */
  onShare: () => void;
  onBin: () => void;
  onDetails: () => void;
}

/** What is selected and what can be done with it; with nothing selected, how much there is. Its height never changes. */
export function SelectionBar(props: SelectionBarProps) {
  const t = useT();
  const format = useFormat();
  const { rows } = props;
  const size = rows.reduce((sum, row) => sum + row.size, 0);
  const oneFile = rows.length === 1 && rows[0]?.kind === 'file';
  return (
    <div className="flex h-9 shrink-0 items-center gap-1 text-sm">
      {rows.length === 0 ? (
        <span className="text-ink-soft">{props.total > 0 && t('vault.items', { count: props.total })}</span>
      ) : (
        <>
          <span className="me-2 whitespace-nowrap">
            {t('common.selected', { count: rows.length })} · {format.bytes(size)}
          </span>
          {oneFile ? (
            <Button size="small" tone="quiet" icon={Download} disabled={props.disabled} onClick={props.onDownload}>
              {t('vault.action.download')}
            </Button>
          ) : (
            <Button size="small" tone="quiet" icon={HardDriveDownload} disabled={props.disabled} onClick={props.onSave}>
              {t('vault.action.save')}
            </Button>
          )}
          <Button size="small" tone="quiet" icon={FolderInput} disabled={props.disabled} onClick={props.onMove}>
            {t('vault.action.move')}
          </Button>
          {rows.length === 1 && (
            <Button size="small" tone="quiet" icon={Share2} disabled={props.disabled} onClick={props.onShare}>
              {t('vault.action.share')}
            </Button>
          )}
          <Button size="small" tone="quiet" icon={Trash2} disabled={props.disabled} onClick={props.onBin}>
            {t('vault.action.bin')}
          </Button>
          {rows.length === 1 && (
            <Button size="small" tone="quiet" icon={Info} onClick={props.onDetails} className="min-[1180px]:hidden">
              {t('common.details')}
            </Button>
          )}
        </>
      )}
    </div>
  );
}
