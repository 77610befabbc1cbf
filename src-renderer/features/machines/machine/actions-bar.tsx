import { MoreHorizontal, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Machine } from '#shared/contract/machines.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { ConfirmDialog } from '../../../ui/dialog.tsx';
import { Menu, type MenuEntry } from '../../../ui/menu.tsx';
import { actionsIn, type MachineAction } from './actions.ts';
import { DeleteDialog } from './delete-dialog.tsx';
import { actionLooks, useMachineActions } from './use-machine-actions.ts';

/** What can be done now: the likely action as a button, all of them in the menu. `compact` for lists. */
export function ActionsBar({ machine, compact = false }: { machine: Machine; compact?: boolean }) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const { run, busy } = useMachineActions(machine);
  const [asking, setAsking] = useState<'off' | 'delete' | null>(null);
  const actions = actionsIn(machine.state);
  const { name } = machine.spec;
  const act = (action: MachineAction) => {
    // Failures are shown as they come; nothing is left to do here.
    if (action === 'forceOff') askAfterMenu('off');
    else run(action).catch(() => {});
  };
  // A closing menu gives the focus back to its button; a dialog opened in the same moment would lose it.
  const askAfterMenu = (what: 'off' | 'delete') => setTimeout(() => setAsking(what), 30);
  const [first] = actions.filter((action) => action !== 'forceOff');
  const entries: MenuEntry[] = [
    ...actions
      .filter((action) => action !== first)
      .map((action) => ({
        label: t(actionLooks[action].word),
        icon: actionLooks[action].icon,
        disabled: !ready || busy,
        onSelect: () => act(action),
      })),
    ...(actions.length > 1 ? (['line'] as const) : []),
    {
      label: t('machines.action.delete'),
      icon: Trash2,
      danger: true,
      disabled: !ready,
      onSelect: () => askAfterMenu('delete'),
    },
  ];
  return (
    <div className="flex shrink-0 items-center gap-1">
      {first && (
        <Button
          icon={actionLooks[first].icon}
          busy={busy}
          disabled={!ready}
          size={compact ? 'small' : 'normal'}
          aria-label={compact ? t('machines.action.named', { action: t(actionLooks[first].word), name }) : undefined}
          onClick={() => act(first)}
        >
          {t(actionLooks[first].word)}
        </Button>
      )}
      <Menu items={entries}>
        <IconButton icon={MoreHorizontal} label={t('machines.action.more', { name })} />
      </Menu>
      <ConfirmDialog
        open={asking === 'off'}
        onOpenChange={(open) => !open && setAsking(null)}
        title={t('machines.askOff.title', { name })}
        description={t('machines.askOff.text')}
        action={t('machines.askOff.action', { name })}
        onConfirm={() => run('forceOff')}
      />
      {asking === 'delete' && <DeleteDialog machine={machine} onClose={() => setAsking(null)} />}
    </div>
  );
}
