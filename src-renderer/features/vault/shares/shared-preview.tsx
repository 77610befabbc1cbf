import { useEffect, useState } from 'react';
import type { SharedItem } from '#shared/contract/vault.ts';
import type { Failure } from '#shared/rpc/fail.ts';
import { useAgent } from '../../../lib/agent/provider.tsx';
import { toFailure } from '../../../lib/failure.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Dialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { shownName } from '../browse/shown-name.ts';
import { previewKind } from '../inspect/preview.tsx';
import { headBytes } from '../inspect/text-head.ts';

/** Images up to this size are fetched for a look; larger ones are to be saved first. */
const imageMost = 16 * 1024 * 1024;
type Shown = { readonly text: string } | { readonly image: string };

/** A text or picture of somebody else's, fetched as far as is looked at; nothing of it is kept. */
export function SharedPreview({ share, item, onClose }: { share: string; item: SharedItem; onClose: () => void }) {
  const t = useT();
  const format = useFormat();
  const { link } = useAgent();
  const [shown, setShown] = useState<Shown | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const kind = previewKind(item);
  // A picture that is a program (SVG) is not run in this window.
  const image = kind === 'image' && item.size <= imageMost && item.mime !== 'image/svg+xml';
  const can = kind === 'text' || image;
  useEffect(() => {
    if (!can) return;
    const abort = new AbortController();
    let url: string | null = null;
    const read = async () => {
      const length = image ? item.size : Math.min(item.size, headBytes);
      const pieces: Uint8Array<ArrayBuffer>[] = [];
      const client = link.connection().client;
      const wanted = { share, item: item.id, offset: 0, length };
      for await (const bytes of client['vault.readShared'](wanted, { signal: abort.signal })) {
        pieces.push(new Uint8Array(bytes));
      }
      const blob = new Blob(pieces, { type: image ? item.mime : 'text/plain' });
      if (abort.signal.aborted) return;
      if (!image) return setShown({ text: await blob.text() });
      url = URL.createObjectURL(blob);
      setShown({ image: url });
    };
    read().catch((error: unknown) => {
      if (!abort.signal.aborted) setFailure(toFailure(error));
    });
    return () => {
      abort.abort();
      if (url !== null) URL.revokeObjectURL(url);
    };
  }, [link, share, item, image, can]);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={shownName(item.name)}
      description={format.bytes(item.size)}
      width={can ? 'wide' : 'normal'}
    >
      {failure ? (
        <ErrorPanel error={failure} />
      ) : !can ? (
        <p className="text-sm text-ink-soft">{t('vault.shares.noPreview')}</p>
      ) : shown === null ? (
        <Skeleton className="h-56" />
      ) : 'text' in shown ? (
        <pre
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          className="h-[62vh] overflow-auto bg-surface-sunk p-3 font-mono text-xs break-words whitespace-pre-wrap"
        >
          {shown.text || t('vault.preview.empty')}
        </pre>
      ) : (
        <div className="flex h-[62vh] items-center justify-center bg-surface-sunk">
          <img
            src={shown.image}
            alt={t('vault.preview.of', { name: shownName(item.name) })}
            className="max-h-full max-w-full object-contain"
          />
        </div>
      )}
    </Dialog>
  );
}
