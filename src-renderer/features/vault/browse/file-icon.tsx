import { File, FileAudio, FileImage, FileText, FileVideo, Folder, type LucideIcon } from 'lucide-react';
import type { VaultItem } from '#shared/contract/vault.ts';
import { cx } from '../../../ui/cx.ts';

const kinds: readonly (readonly [RegExp, LucideIcon])[] = [
  [/^image\//, FileImage],
  [/^audio\//, FileAudio],
  [/^video\//, FileVideo],
  [/^text\/|pdf|json|xml/, FileText],
];

/** A small sign of the kind; the name says the rest. */
export function FileIcon({ item, className }: { item: Pick<VaultItem, 'kind' | 'mime'>; className?: string }) {
  const Icon = item.kind === 'folder' ? Folder : (kinds.find(([type]) => type.test(item.mime))?.[1] ?? File);
  return <Icon aria-hidden className={cx('size-4 shrink-0 text-ink-soft', className)} strokeWidth={1.75} />;
}
