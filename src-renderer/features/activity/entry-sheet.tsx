import type { ActivityEntry } from '#shared/contract/activity.ts';
import { useAgentMutation } from '../../lib/agent/hooks.ts';
import { useFormat } from '../../lib/format.ts';
import { type MessageKey, useT } from '../../lib/i18n.ts';
import { useMethodWords } from '../../lib/method-words.ts';
import { Button } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Facts } from '../../ui/panel.tsx';
import { Sheet } from '../../ui/sheet.tsx';
import { faceWords } from '../consent/consent-dialog.tsx';
import { Outcome } from './activity-list.tsx';

/** Everything the log holds of one entry. */
export function EntrySheet({ entry, onClose }: { entry: ActivityEntry; onClose: () => void }) {
  const t = useT();
  const format = useFormat();
  const { text, core } = useMethodWords().tell(entry.method, entry.summary);
  const undo = useAgentMutation('activity.undo', { done: () => t('common.undone'), onDone: onClose });
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('activity.entry', { seq: entry.seq })}
      footer={
        entry.undo.possible && (
          <Button tone="primary" busy={undo.isPending} onClick={() => undo.mutate({ seq: entry.seq })}>
            {t('activity.undoThis')}
          </Button>
        )
      }
    >
      <div className="flex flex-col gap-4 p-5">
        <div>
          <p className="text-lg font-semibold break-words">{text}</p>
          {core !== null && (
            <p lang="en" className="text-sm break-words text-ink-soft">
              {core}
            </p>
          )}
        </div>
        <Facts
          rows={[
            { label: t('activity.result'), value: <Outcome entry={entry} /> },
            { label: t('activity.who'), value: `${entry.caller.name} (${t(faceWords[entry.caller.face])})` },
            { label: t('activity.authority'), value: t(`activity.authorities.${entry.authority}` as MessageKey) },
            { label: t('activity.effect'), value: t(`activity.effects.${entry.effect}` as MessageKey) },
            { label: t('activity.method'), value: <span className="font-mono">{entry.method}</span> },
            { label: t('activity.when'), value: format.exact(entry.at) },
            ...(entry.endedAt === null ? [] : [{ label: t('activity.ended'), value: format.exact(entry.endedAt) }]),
            {
              label: t('activity.canUndo'),
              value: entry.undo.possible ? t('common.yes') : <NoUndo reason={entry.undo.reason} />,
            },
            { label: t('activity.hash'), value: <Copyable value={entry.hash} what={t('activity.hash')} /> },
          ]}
        />
        {entry.failure && <ErrorPanel error={entry.failure} />}
      </div>
    </Sheet>
  );
}

/** The core gives its reason in English, beginning with what the row says already. */
function NoUndo({ reason }: { reason: string }) {
  const t = useT();
  const why = reason.replace(/^Cannot be undone: /, '');
  return (
    <>
      {t('common.no')}
      {why !== '' && <span lang="en">{`. ${why}`}</span>}
    </>
  );
}
