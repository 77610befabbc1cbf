import { Download } from 'lucide-react';
import type { ReactNode } from 'react';
import { useAgent, useLink } from '../../../lib/agent/provider.tsx';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { toast } from '../../../ui/toast.tsx';
import { shownName } from '../browse/shown-name.ts';
import { download } from '../inspect/download.ts';
import { Preview, previewKind, type Shown } from '../inspect/preview.tsx';
import type { PreviewFrom } from '../inspect/preview-from.ts';

/** A file that is not in the vault as it is now: looked at where it is, or saved as a browser saves. */
export function LookDialog({
  item,
  from,
  note,
  onClose,
}: {
  item: Shown & { readonly modified: number };
  from: PreviewFrom;
  /** Where it is looked at, in words. */
  note?: ReactNode;
  onClose: () => void;
}) {
  const t = useT();
  const format = useFormat();
  const { link } = useAgent();
  const ready = useLink().phase === 'ready';
  // A picture that is a program is not shown when somebody else made it.
  const shown = previewKind(item) !== 'none' && !(from.share !== undefined && item.mime === 'image/svg+xml');
  const save = () => {
    download(link.connection().client, [item.id], from).catch((error: unknown) => toast.failed(error));
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={shownName(item.name)}
      description={`${format.bytes(item.size)} · ${format.exact(item.modified)}`}
      width={shown ? 'wide' : 'normal'}
      footer={
        <>
          <Button icon={Download} disabled={!ready} onClick={save}>
            {t('vault.action.download')}
          </Button>
          <Button onClick={onClose}>{t('common.close')}</Button>
        </>
      }
    >
      {note && <p className="pb-2 text-sm text-ink-soft">{note}</p>}
      {shown ? (
        <Preview item={item} from={from} large />
      ) : (
        <p className="text-sm text-ink-soft">{t('vault.preview.noneSave')}</p>
      )}
    </Dialog>
  );
}
