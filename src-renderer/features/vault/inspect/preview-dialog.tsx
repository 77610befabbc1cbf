import { Download } from 'lucide-react';
import type { VaultItem } from '#shared/contract/vault.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { shownName } from '../browse/shown-name.ts';
import { Inspector } from './inspector.tsx';
import { Preview, previewKind } from './preview.tsx';
import { useWide } from './use-wide.ts';

/** A file, large; in a narrow window with what the panel beside the list would have said. */
export function PreviewDialog({
  item,
  onClose,
  onDownload,
  onHistory,
}: {
  item: VaultItem;
  onClose: () => void;
  onDownload: () => void;
  onHistory: () => void;
}) {
  const t = useT();
  const wide = useWide(1180);
  const shown = item.kind === 'file' && previewKind(item) !== 'none';
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={shownName(item.name)}
      width={shown ? 'wide' : 'normal'}
      footer={
        item.kind === 'file' && (
          <Button icon={Download} onClick={onDownload}>
            {t('vault.action.download')}
          </Button>
        )
      }
    >
      {wide || shown ? <Preview item={item} large /> : null}
      {!wide && (
        <div className="pt-4">
          <Inspector
            item={item}
            onDownload={null}
            onSave={null}
            onLock={null}
            onRename={null}
            onHistory={item.kind === 'file' ? onHistory : null}
            withPreview={!shown}
          />
        </div>
      )}
    </Dialog>
  );
}
