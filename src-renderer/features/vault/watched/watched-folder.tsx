import { Pause, Play, RefreshCw, X } from 'lucide-react';
import { useState } from 'react';
import type { Watched } from '#shared/contract/vault.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { ConfirmDialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Facts, Notice, Section } from '../../../ui/panel.tsx';
import { ProgressBar } from '../../../ui/progress.tsx';
import { State, type Tone } from '../../../ui/state.tsx';
import { Time } from '../../../ui/time.tsx';
import { IgnoreDialog } from './ignore-dialog.tsx';
import { LeftOut } from './left-out.tsx';

const tones: Record<Watched['state'], Tone> = {
  looking: 'active',
  working: 'active',
  current: 'ok',
  waiting: 'waiting',
  asking: 'attention',
  stopped: 'attention',
  paused: 'paused',
};

/** One of them: how it stands, what it asks, what it leaves out. */
export function WatchedFolder({ folder, ready }: { folder: Watched; ready: boolean }) {
  const t = useT();
  const [stopping, setStopping] = useState(false);
  const [ignoring, setIgnoring] = useState(false);
  const watched = folder.id;
  const change = useAgentMutation('vault.changeWatched', { quiet: true });
  const look = useAgentMutation('vault.syncWatched', { quiet: true });
  const stop = useAgentMutation('vault.unwatch', { quiet: true, onDone: () => setStopping(false) });
  const paused = folder.state === 'paused';
  const error = change.error ?? look.error;
  return (
    <Section
      title={folder.directory}
      actions={
        <>
          <Button size="small" icon={RefreshCw} disabled={!ready || paused} onClick={() => look.mutate({ watched })}>
            {t('vault.watched.now')}
          </Button>
          <Button
            size="small"
            icon={paused ? Play : Pause}
            disabled={!ready || change.isPending}
            onClick={() => change.mutate({ watched, paused: !paused })}
          >
            {t(paused ? 'vault.watched.resume' : 'vault.watched.pause')}
          </Button>
          <Button size="small" icon={X} disabled={!ready} onClick={() => setStopping(true)}>
            {t('vault.watched.stop')}
          </Button>
        </>
      }
    >
      <div className="flex max-w-3xl flex-col gap-4">
        <Facts
          rows={[
            { label: t('vault.watched.state'), value: <Standing folder={folder} /> },
            { label: t('vault.watched.folder'), value: <bdi>{folder.folder}</bdi> },
            { label: t('vault.watched.files'), value: t('vault.watched.count', { count: folder.files }) },
            {
              label: t('vault.watched.agreedAt'),
              value: folder.agreedAt === null ? t('vault.watched.notYet') : <Time at={folder.agreedAt} />,
            },
            {
              label: t('vault.watched.ignored'),
              value: (
                <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
                  <bdi className="min-w-0 font-mono text-xs break-words">
                    {folder.ignore.length === 0 ? t('vault.watched.ignoreNone') : folder.ignore.join(', ')}
                  </bdi>
                  <Button size="small" disabled={!ready} onClick={() => setIgnoring(true)}>
                    {t('vault.watched.ignoreDo')}
                  </Button>
                </span>
              ),
            },
          ]}
        />
        {folder.state === 'working' && (
          <ProgressBar
            share={folder.total > 0 ? folder.done / folder.total : null}
            label={t('vault.watched.is.working')}
          />
        )}
        {folder.problem && (
          <Notice tone="attention">
            <p className="font-medium">{t(`vault.watched.halt.${folder.problem.code}.text`)}</p>
            <p>{t(`vault.watched.halt.${folder.problem.code}.next`)}</p>
          </Notice>
        )}
        {folder.question && <Question folder={folder} ready={ready} />}
        {folder.slow !== undefined && <Notice>{t('vault.watched.slow')}</Notice>}
        {error && <ErrorPanel error={error} />}
        <LeftOut problems={folder.problems} count={folder.problemCount} />
      </div>
      {ignoring && <IgnoreDialog folder={folder} onClose={() => setIgnoring(false)} />}
      <ConfirmDialog
        open={stopping}
        onOpenChange={setStopping}
        title={t('vault.watched.askStop')}
        description={t('vault.watched.askStopText')}
        action={t('vault.watched.stop')}
        onConfirm={() => stop.mutateAsync({ watched })}
      />
    </Section>
  );
}

function Standing({ folder }: { folder: Watched }) {
  const t = useT();
  return (
    <>
      <State tone={tones[folder.state]}>{t(`vault.watched.is.${folder.state}`)}</State>
      {folder.busy > 0 && <p className="text-ink-soft">{t('vault.watched.busy', { count: folder.busy })}</p>}
    </>
  );
}

/** Much would be deleted: nothing is done before the person said what. */
function Question({ folder, ready }: { folder: Watched; ready: boolean }) {
  const t = useT();
  const answer = useAgentMutation('vault.answerWatched', { quiet: true });
  const { question } = folder;
  if (!question) return null;
  const say = (what: 'delete' | 'keep') => answer.mutate({ watched: folder.id, answer: what });
  return (
    <Notice tone="attention">
      <p className="font-medium">{t(`vault.watched.ask.${question.side}`, { count: question.files })}</p>
      <p>{t('vault.watched.ask.text', { examples: question.examples.join(', ') })}</p>
      {answer.error && <ErrorPanel error={answer.error} />}
      <div className="mt-3 flex flex-wrap gap-2">
        <Button size="small" tone="primary" disabled={!ready || answer.isPending} onClick={() => say('keep')}>
          {t('vault.watched.ask.keep')}
        </Button>
        <Button size="small" disabled={!ready || answer.isPending} onClick={() => say('delete')}>
          {t(`vault.watched.ask.delete.${question.side}`)}
        </Button>
      </div>
    </Notice>
  );
}
