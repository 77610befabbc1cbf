import { useEffect, useState } from 'react';
import type { VaultItem } from '#shared/contract/vault.ts';
import type { Failure } from '#shared/rpc/fail.ts';
import { useAgent } from '../../../lib/agent/provider.tsx';
import { toFailure } from '../../../lib/failure.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { cx } from '../../../ui/cx.ts';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { FileIcon } from '../browse/file-icon.tsx';
import { shownName } from '../browse/shown-name.ts';
import { now, type PreviewFrom } from './preview-from.ts';
import { headBytes, readHead, type TextHead } from './text-head.ts';
import { useTicket } from './use-ticket.ts';

/** What a dialog has left beside its title, a line of words and its buttons. */
const largeHeight = 'h-[calc(76vh-12rem)] min-h-40';

type PreviewKind = 'image' | 'pdf' | 'audio' | 'video' | 'text' | 'none';

/** A file as it is now, as a snapshot has it, or as a contact shares it. */
export type Shown = Pick<VaultItem, 'id' | 'kind' | 'name' | 'size' | 'mime'> & Partial<Pick<VaultItem, 'safety'>>;

/** How a file can be looked at, by its type. */
export function previewKind(item: Pick<VaultItem, 'mime' | 'kind'>): PreviewKind {
  if (item.kind === 'folder') return 'none';
  const { mime } = item;
  if (mime === 'application/pdf') return 'pdf';
  if (/^image\/(png|jpeg|gif|webp|avif|bmp|svg\+xml|x-icon)$/.test(mime)) return 'image';
  if (mime.startsWith('audio/')) return 'audio';
  if (mime.startsWith('video/')) return 'video';
  if (/^text\/|^application\/(json|xml|javascript|toml|yaml|x-sh)$/.test(mime)) return 'text';
  return 'none';
}

/** Look at a file where it is: nothing of it is kept. `large` fills a dialog. */
export function Preview({ item, from = now, large = false }: { item: Shown; from?: PreviewFrom; large?: boolean }) {
  const t = useT();
  const kind = previewKind(item);
  if (item.safety === 'damaged') return <Nothing item={item} text={t('vault.preview.damaged')} large={large} />;
  if (item.kind === 'folder') return <Nothing item={item} text={null} large={large} />;
  if (kind === 'none') return <Nothing item={item} text={t('vault.preview.none')} large={large} />;
  if (kind === 'text') return <TextPreview item={item} from={from} large={large} />;
  return <MediaPreview item={item} from={from} kind={kind} large={large} />;
}

function Nothing({ item, text, large }: { item: Shown; text: string | null; large: boolean }) {
  return (
    <div className={cx('flex flex-col items-center justify-center gap-2 bg-surface-sunk', large ? 'h-60' : 'h-28')}>
      <FileIcon item={item} className="size-8" />
      {text && <p className="px-4 text-center text-sm text-ink-soft">{text}</p>}
    </div>
  );
}

interface PreviewProps {
  item: Shown;
  from: PreviewFrom;
  large: boolean;
}

function MediaPreview({ item, from, kind, large }: PreviewProps & { kind: PreviewKind }) {
  const t = useT();
  const { url, failure, renew } = useTicket(item.id, from);
  const [broken, setBroken] = useState(0);
  const onError = () => {
    setBroken((n) => n + 1);
    renew();
  };
  if (failure) return <ErrorPanel error={failure} onRetry={renew} />;
  if (broken > 1) return <Nothing item={item} text={t('vault.preview.failed')} large={large} />;
  const height = large ? largeHeight : 'h-56';
  if (url === null) return <Skeleton className={kind === 'audio' ? 'h-14' : height} />;
  const label = t('vault.preview.of', { name: shownName(item.name) });
  if (kind === 'image') {
    return (
      <div className={cx('flex items-center justify-center bg-surface-sunk', height)}>
        <img src={url} alt={label} onError={onError} className="max-h-full max-w-full object-contain" />
      </div>
    );
  }
  if (kind === 'pdf') return <iframe src={url} title={label} className={cx('w-full bg-surface-sunk', height)} />;
  if (kind === 'audio') {
    // biome-ignore lint/a11y/useMediaCaption: captions of a person's own recordings do not exist
    return <audio src={url} controls preload="metadata" aria-label={label} onError={onError} className="w-full" />;
  }
  return (
    // biome-ignore lint/a11y/useMediaCaption: captions of a person's own recordings do not exist
    <video
      src={url}
      controls
      preload="metadata"
      aria-label={label}
      onError={onError}
      className={cx('w-full', height)}
    />
  );
}

function TextPreview({ item, from, large }: PreviewProps) {
  const t = useT();
  const format = useFormat();
  const { link } = useAgent();
  const { snapshot, share } = from;
  const [head, setHead] = useState<TextHead | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    setHead(null);
    setFailure(null);
    const wanted = { item: item.id, size: item.size, snapshot, share };
    const read = async () => setHead(await readHead(link.connection().client, wanted, abort.signal));
    read().catch((error: unknown) => {
      if (!abort.signal.aborted) setFailure(toFailure(error));
    });
    return () => abort.abort();
  }, [link, item.id, item.size, snapshot, share]);
  if (failure) return <ErrorPanel error={failure} />;
  const height = large ? largeHeight : 'h-56';
  if (head === null) return <Skeleton className={height} />;
  return (
    <div>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className={cx('overflow-auto bg-surface-sunk p-3 font-mono text-xs break-words whitespace-pre-wrap', height)}
      >
        {head.text || t('vault.preview.empty')}
      </pre>
      {head.cut && (
        <p className="px-3 py-1.5 text-xs text-ink-soft">{t('vault.preview.cut', { size: format.bytes(headBytes) })}</p>
      )}
    </div>
  );
}
