import { ListChecks } from 'lucide-react';
import type { MeshStatus } from '#shared/contract/mesh/index.ts';
import { useAgentQuery } from '../../lib/agent/hooks.ts';
import { useLink } from '../../lib/agent/provider.tsx';
import { useT } from '../../lib/i18n.ts';
import { vaultWord } from '../../lib/safety.ts';
import { useUi } from '../../state/ui.ts';
import { State, type Tone } from '../../ui/state.tsx';

/** A thin line of truths: the agent, the vault, the mesh, machines, tasks. */
export function StatusStrip() {
  const t = useT();
  const phase = useLink().phase;
  const { data: vault } = useAgentQuery('vault.status', {});
  const { data: machines } = useAgentQuery('machines.list', {});
  const { data: mesh } = useAgentQuery('mesh.status', {});
  const { data: tasks } = useAgentQuery('tasks.list', {});
  const setTasksOpen = useUi((s) => s.setTasksOpen);
  const running = machines?.machines.filter((m) => m.state === 'running').length ?? 0;
  const busy = tasks?.tasks.filter((task) => task.state === 'running').length ?? 0;
  const word = vault && vaultWord(vault);
  return (
    <section
      aria-label={t('frame.status')}
      className="flex h-8 shrink-0 items-center gap-5 overflow-hidden border-t border-line bg-surface-sunk px-4 text-sm text-ink-soft"
    >
      {phase !== 'ready' && <State tone="attention">{t('frame.agentAway')}</State>}
      {word && <State tone={word.tone}>{t('frame.vaultIs', { word: t(word.word) })}</State>}
      {mesh && <MeshLine status={mesh} />}
      {running > 0 && (
        <span className="whitespace-nowrap max-[699px]:hidden">{t('frame.machinesRunning', { count: running })}</span>
      )}
      <button
        type="button"
        onClick={() => setTasksOpen(true)}
        className="ms-auto flex h-6 min-w-6 shrink-0 items-center gap-1.5 rounded-sm px-1.5 whitespace-nowrap hover:bg-hover hover:text-ink"
      >
        <ListChecks aria-hidden className="size-3.5" strokeWidth={2} />
        <span className="max-[479px]:sr-only">
          {busy === 0 ? t('frame.noTasks') : t('frame.tasksRunning', { count: busy })}
        </span>
        {busy > 0 && (
          <span aria-hidden className="min-[480px]:hidden">
            {busy}
          </span>
        )}
      </button>
    </section>
  );
}

/** Nothing for who has not joined. */
function MeshLine({ status }: { status: MeshStatus }) {
  const t = useT();
  const { state, peers } = status;
  if (state === 'off' || state === 'no-identity') return null;
  const [tone, words]: [Tone, string] =
    state === 'failed'
      ? ['failed', t('frame.meshFailed')]
      : state === 'starting'
        ? ['waiting', t('frame.meshStarting')]
        : peers.connected === 0
          ? ['attention', t('frame.meshAlone')]
          : ['active', t('frame.meshOn', { count: peers.connected })];
  return (
    <State tone={tone} small>
      {words}
    </State>
  );
}
