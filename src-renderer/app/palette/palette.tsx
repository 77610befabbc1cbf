import { Dialog as Radix } from 'radix-ui';
import { Suspense, useState } from 'react';
import { agentContract } from '#shared/contract/agent.ts';
import { useAgent } from '../../lib/agent/provider.tsx';
import { type MessageKey, useT } from '../../lib/i18n.ts';
import { useUi } from '../../state/ui.ts';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { toast } from '../../ui/toast.tsx';
import { lazyPage } from '../lazy-page.ts';
import type { Command } from './commands.ts';

const PaletteBody = lazyPage(async () => (await import('./palette-body.tsx')).PaletteBody);
const titleKey = (command: Command) => `frame.commands.${command.method}` as MessageKey;

/** Go anywhere, do anything, find a file: one field. Ctrl or Command with K. */
export function Palette() {
  const t = useT();
  const open = useUi((s) => s.paletteOpen);
  const setOpen = useUi((s) => s.setPaletteOpen);
  const [asking, setAsking] = useState<Command | null>(null);
  const run = useRun();
  return (
    <>
      <Radix.Root open={open} onOpenChange={setOpen}>
        <Radix.Portal>
          <Radix.Overlay className="appear fixed inset-0 z-40 bg-veil" />
          <Radix.Content
            aria-describedby={undefined}
            className="appear-float fixed inset-x-4 top-[12vh] z-40 mx-auto max-w-[620px] overflow-hidden rounded-lg border border-line bg-surface-raised shadow-float"
          >
            <Radix.Title className="sr-only">{t('frame.search')}</Radix.Title>
            <Suspense fallback={<div className="h-12" />}>
              <PaletteBody onAsk={setAsking} run={run} />
            </Suspense>
          </Radix.Content>
        </Radix.Portal>
      </Radix.Root>
      {asking && (
        <ConfirmDialog
          open
          onOpenChange={(on) => !on && setAsking(null)}
          title={t(titleKey(asking))}
          description={neverOf(asking)}
          action={t(titleKey(asking))}
          onConfirm={() => run(asking)}
        />
      )}
    </>
  );
}

function neverOf(command: Command): string {
  const undo = agentContract[command.method].undo;
  return undo && 'never' in undo ? undo.never : '';
}

function useRun(): (command: Command) => Promise<void> {
  const { link } = useAgent();
  const setTasksOpen = useUi((s) => s.setTasksOpen);
  return async (command) => {
    try {
      await link.connection().call(command.method, {});
      if (agentContract[command.method].kind === 'task') setTasksOpen(true);
    } catch (error) {
      toast.failed(error);
    }
  };
}
