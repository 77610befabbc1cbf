import type { VaultItem } from '#shared/contract/vault.ts';
import type { ItemId } from '#shared/model/ids.ts';

const itemsType = 'application/x-hypha-items';

/** Items of the vault on their way to another folder, and, for one file, out of the window. */
export function fillDrag(
  transfer: DataTransfer,
  ids: readonly string[],
  file: { item: VaultItem; url: string } | null,
) {
  transfer.effectAllowed = 'copyMove';
  transfer.setData(itemsType, JSON.stringify(ids));
  if (file === null) return;
  // Chromium saves what is dropped on a desktop or folder from here ("DownloadURL": type, name, absolute address).
  const address = new URL(file.url, window.location.href).href;
  const type = file.item.mime || 'application/octet-stream';
  transfer.setData('DownloadURL', `${type}:${file.item.name.replaceAll(':', '_')}:${address}`);
}

export const carriesItems = (transfer: DataTransfer): boolean => transfer.types.includes(itemsType);
/** Files of the computer; while dragging, only their presence is told. */
export const carriesFiles = (transfer: DataTransfer): boolean =>
  transfer.types.includes('Files') && !carriesItems(transfer);

export function droppedItems(transfer: DataTransfer): ItemId[] {
  try {
    const ids: unknown = JSON.parse(transfer.getData(itemsType));
    return Array.isArray(ids) ? ids.filter((id): id is ItemId => typeof id === 'string') : [];
  } catch {
    return [];
  }
}
