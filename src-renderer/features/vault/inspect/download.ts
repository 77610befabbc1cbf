import type { AgentClient } from '#shared/contract/agent.ts';
import type { ItemId } from '#shared/model/ids.ts';

/** Save files the way a browser saves: the shell streams them, nothing is held in this window. One after another. */
export async function download(client: Pick<AgentClient, 'vault.ticket'>, items: readonly ItemId[]): Promise<void> {
  for (const item of items) {
    const { url } = await client['vault.ticket']({ item, disposition: 'attachment' });
    const anchor = document.createElement('a');
    anchor.href = url;
    anchor.download = '';
    anchor.click();
  }
}
