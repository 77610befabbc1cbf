import type { ItemId } from '#shared/model/ids.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useAgent } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { toast } from '../../../ui/toast.tsx';
import { download } from '../inspect/download.ts';
import type { Target } from '../upload/job.ts';
import type { Row } from './rows.ts';
import { shownName } from './shown-name.ts';

/** What can be done with files. All but download can be undone, so nothing is asked first. */
export function useFileActions() {
  const t = useT();
  const { link } = useAgent();
  const bin = useAgentMutation('vault.bin', { done: (input) => t('vault.binned', { count: input.items.length }) });
  const rename = useAgentMutation('vault.rename', {
    done: (input) => t('vault.renamed', { name: shownName(input.name) }),
  });
  const move = useAgentMutation('vault.move', { done: (input) => t('vault.moved', { count: input.items.length }) });
  return {
    bin: (items: readonly ItemId[]) => items.length > 0 && bin.mutate({ items: [...items] }),
    rename: (row: Row, name: string) => rename.mutate({ item: row.id, name }),
    move: (items: readonly ItemId[], into: Target) => items.length > 0 && move.mutate({ items: [...items], into }),
    download: (items: readonly Row[]) => {
      const files = items.filter((row) => row.kind === 'file').map((row) => row.id);
      void download(link.connection().client, files).catch((error: unknown) => toast.failed(error));
    },
  };
}
