import type { AgentClient } from '#shared/contract/agent.ts';
import type { ItemId } from '#shared/model/ids.ts';
import type { PreviewFrom } from './preview-from.ts';

/** As much of a text as a person looks at in a preview. */
export const headBytes = 128 * 1024;

export interface TextHead {
  readonly text: string;
  /** There is more of it than shown. */
  readonly cut: boolean;
}

/** The beginning of a text file. Bytes that are no UTF-8 show as replacement signs, never as a failure. */
export async function readHead(
  client: Pick<AgentClient, 'vault.read' | 'vault.readShared'>,
  { item, size, snapshot, share }: PreviewFrom & { readonly item: ItemId; readonly size: number },
  signal: AbortSignal,
): Promise<TextHead> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: false });
  let text = '';
  const length = Math.min(size, headBytes);
  if (length === 0) return { text, cut: false };
  const wanted = { item, offset: 0, length };
  const pieces =
    share === undefined
      ? client['vault.read']({ ...wanted, ...(snapshot === undefined ? {} : { snapshot }) }, { signal })
      : client['vault.readShared']({ ...wanted, share }, { signal });
  for await (const bytes of pieces) {
    text += decoder.decode(bytes, { stream: true });
  }
  // A cut inside a character would leave a replacement sign; what is pending is dropped instead.
  if (length === size) text += decoder.decode();
  return { text, cut: length < size };
}
