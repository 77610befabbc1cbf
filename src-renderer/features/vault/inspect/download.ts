import type { AgentClient } from '#shared/contract/agent.ts';
import type { ItemId } from '#shared/model/ids.ts';
import { inputOf, now, type PreviewFrom } from './preview-from.ts';

/** Save files the way a browser saves: the shell streams them, nothing is held in this window. One after another. */
export async function download(
  client: Pick<AgentClient, 'vault.ticket'>,
  items: readonly ItemId[],
  from: PreviewFrom = now,
): Promise<void> {
  for (const item of items) {
    const { url } = await client['vault.ticket']({ item, ...inputOf(from), disposition: 'attachment' });
    const anchor = document.createElement('a');
    anchor.href = url;
    anchor.download = '';
    anchor.click();
  }
}
