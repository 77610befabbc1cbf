import { Dialog as Radix } from 'radix-ui';
import { Suspense, useEffect, useState } from 'react';
import { agentContract } from '#shared/contract/agent.ts';
import { useAgent } from '../../lib/agent/provider.tsx';
import { type MessageKey, useT } from '../../lib/i18n.ts';
import { useUi } from '../../state/ui.ts';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { keepFocus } from '../../ui/keep-focus.ts';
import { toast } from '../../ui/toast.tsx';
import { lazyPage } from '../lazy-page.ts';
import type { Command } from './commands.ts';
import type { PaletteBodyProps } from './palette-body.tsx';
import { fieldLook, PaletteField } from './palette-field.tsx';

const PaletteBody = lazyPage(async () => (await import('./palette-body.tsx')).PaletteBody);
const titleKey = (command: Command) => `frame.commands.${command.method}` as MessageKey;

/** Go anywhere, do anything, find a file: one field. Ctrl or Command with K. */
export function Palette() {
  const t = useT();
  const open = useUi((s) => s.paletteOpen);
  const setOpen = useUi((s) => s.setPaletteOpen);
  const [query, setQuery] = useState('');
  useEffect(() => {
    if (!open) setQuery('');
  }, [open]);
  const [asking, setAsking] = useState<Command | null>(null);
  const run = useRun();
  return (
    <>
      <Radix.Root open={open} onOpenChange={setOpen}>
        <Radix.Portal>
          <Radix.Overlay onMouseDown={keepFocus} className="appear fixed inset-0 z-40 bg-veil" />
          <Radix.Content
            aria-describedby={undefined}
            className="appear-float fixed inset-x-4 top-[12vh] z-40 mx-auto max-w-[620px] overflow-hidden rounded-lg border border-line bg-surface-raised shadow-float"
          >
            <Radix.Title className="sr-only">{t('frame.search')}</Radix.Title>
            <Suspense fallback={<Waiting query={query} onQuery={setQuery} />}>
              <PaletteBody query={query} onQuery={setQuery} onAsk={setAsking} run={run} />
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

/** The field alone, until the rest of the palette has come: what is typed meanwhile is kept. */
function Waiting({ query, onQuery }: Pick<PaletteBodyProps, 'query' | 'onQuery'>) {
  const t = useT();
  return (
    <PaletteField>
      <input
        // biome-ignore lint/a11y/noAutofocus: the palette is opened to type into it
        autoFocus
        aria-label={t('frame.search')}
        aria-busy
        autoComplete="off"
        spellCheck={false}
        value={query}
        onChange={(event) => onQuery(event.target.value)}
        placeholder={t('frame.palette.placeholder')}
        className={fieldLook}
      />
    </PaletteField>
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
