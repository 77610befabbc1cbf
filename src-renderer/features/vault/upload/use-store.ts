import { useCallback, useState } from 'react';
import { useAgent } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { toast } from '../../../ui/toast.tsx';
import type { ClashDialogProps } from './clash-dialog.tsx';
import type { ClashChoices } from './clashes.ts';
import type { Target, UploadSource } from './job.ts';
import { type Gathered, gatherDropped, gatherInput, takeDropped } from './sources.ts';
import { storeFiles } from './store-files.ts';
import { useUploadQueue } from './use-uploads.ts';

/**
 * Store what was chosen or dropped. Drops must be handed over within their event. `asking` holds the question of
 * the moment, to be shown as a ClashDialog; further ones wait for their turn.
 */
export function useStore() {
  const queue = useUploadQueue();
  const { link } = useAgent();
  const t = useT();
  const [questions, setQuestions] = useState<readonly ClashDialogProps[]>([]);
  const ask = useCallback(
    (clashing: readonly UploadSource[]) =>
      new Promise<ClashChoices | null>((resolve) => {
        const question: ClashDialogProps = {
          clashing,
          onDecided: (choices) => {
            setQuestions((all) => all.filter((one) => one !== question));
            resolve(choices);
          },
        };
        setQuestions((all) => [...all, question]);
      }),
    [],
  );
  const take = useCallback(
    async (found: Gathered, into: Target) => {
      try {
        if (found.unreadable.length > 0) toast.failed(unreadable(found, t('vault.upload.unreadable')));
        await storeFiles(queue, link.connection().client, found, into, ask);
      } catch (error) {
        toast.failed(error);
      }
    },
    [queue, link, t, ask],
  );
  return {
    asking: questions[0] ?? null,
    chosen: (files: Iterable<File>, into: Target) => void take(gatherInput(files), into),
    dropped: (transfer: DataTransfer, into: Target) => {
      const dropped = takeDropped(transfer);
      void gatherDropped(dropped).then((found) => take(found, into));
    },
  };
}

const unreadable = (found: Gathered, message: string) => ({
  code: 'UNREADABLE',
  message: `${message} ${found.unreadable
    .map((one) => one.path)
    .slice(0, 3)
    .join(', ')}`,
});
