import { useEffect, useRef } from 'react';
import type { Task } from '#shared/contract/tasks.ts';
import { useAgentMutation, useAgentQuery } from '../../lib/agent/hooks.ts';
import { useT } from '../../lib/i18n.ts';
import { useUi } from '../../state/ui.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Sheet } from '../../ui/sheet.tsx';
import { toast } from '../../ui/toast.tsx';
import { inOrder, newlyFailed } from './progress.ts';
import { TaskRow } from './task-row.tsx';

/** The progress centre: everything that takes time, with its number, its end and what to do next. */
export function TasksDrawer() {
  const t = useT();
  const open = useUi((s) => s.tasksOpen);
  const setOpen = useUi((s) => s.setTasksOpen);
  const { data } = useAgentQuery('tasks.list', {});
  const dismiss = useAgentMutation('tasks.dismiss');
  const tasks = inOrder(data?.tasks ?? []);
  const before = useRef<readonly Task[]>([]);
  useEffect(() => {
    const now = data?.tasks ?? [];
    if (!open) for (const task of newlyFailed(before.current, now)) if (task.failure) toast.failed(task.failure);
    before.current = now;
  }, [data, open]);
  return (
    <Sheet
      open={open}
      onOpenChange={setOpen}
      title={t('frame.tasks.title')}
      footer={
        tasks.some((task) => task.state !== 'running') && (
          <Button onClick={() => dismiss.mutate({})}>{t('frame.tasks.dismissAll')}</Button>
        )
      }
    >
      {tasks.length === 0 ? (
        <EmptyState title={t('frame.tasks.empty')}>{t('frame.tasks.emptyText')}</EmptyState>
      ) : (
        <ul>
          {tasks.map((task) => (
            <TaskRow key={task.id} task={task} onLeave={() => setOpen(false)} />
          ))}
        </ul>
      )}
    </Sheet>
  );
}
