import { useParams } from '@tanstack/react-router';
import { PenLine } from 'lucide-react';
import { useState } from 'react';
import type { MeshMessage } from '#shared/contract/mesh/index.ts';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { useWanted } from '../../../state/use-wanted.ts';
import { Button } from '../../../ui/button.tsx';
import { Segments } from '../../../ui/choice.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { LinkButton } from '../../../ui/link-button.tsx';
import { Notice } from '../../../ui/panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { MeshRoom } from '../mesh-room.tsx';
import { MessageSheet } from './message-sheet.tsx';
import { MessageTable } from './message-table.tsx';
import { type Draft, WriteDialog } from './write-dialog.tsx';

const page = 100;
type Box = 'in' | 'out' | 'all';

/** Letters between nodes: kept here until they arrived, and readable also off the mesh. */
export function MessagesPage() {
  const t = useT();
  const { to } = useParams({ strict: false }) as { to?: string };
  const ready = useLink().phase === 'ready';
  const [draft, setDraft] = useState<Draft | null>(to === undefined ? null : { to });
  useWanted('mesh.send', () => setDraft({}));
  return (
    <MeshRoom
      here="messages"
      always
      action={
        <Button tone="primary" icon={PenLine} disabled={!ready} onClick={() => setDraft({})}>
          {t('mesh.messages.write')}
        </Button>
      }
    >
      {(status) => (
        <>
          {status.state === 'off' && (
            <div className="pb-4">
              <Notice action={<LinkButton to="/mesh">{t('mesh.join.title')}</LinkButton>}>
                {t('mesh.messages.offline')}
              </Notice>
            </div>
          )}
          <Messages onReply={(message) => setDraft({ to: message.name ?? message.address, replyTo: message })} />
          {draft && <WriteDialog draft={draft} onClose={() => setDraft(null)} />}
        </>
      )}
    </MeshRoom>
  );
}

function Messages({ onReply }: { onReply: (message: MeshMessage) => void }) {
  const t = useT();
  const [box, setBox] = useState<Box>('in');
  const [after, setAfter] = useState<string | null>(null);
  const [shown, setShown] = useState<MeshMessage | null>(null);
  const { data, error, refetch } = useAgentQuery(
    'mesh.messages',
    { box, limit: page, ...(after === null ? {} : { after }) },
    { keepPrevious: true },
  );
  const markRead = useAgentMutation('mesh.markRead', { quiet: true });
  useWanted('mesh.messages', () => setBox('in'));
  const open = (message: MeshMessage) => {
    setShown(message);
    if (message.state === 'new') markRead.mutate({ ids: [message.id] });
  };
  const messages = data?.messages ?? [];
  const next = data?.next ?? null;
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-5 gap-y-2 pb-3">
        <Segments
          label={t('mesh.messages.box')}
          value={box}
          onChange={(next) => {
            setBox(next);
            setAfter(null);
          }}
          options={(['in', 'out', 'all'] as const).map((one) => ({ value: one, label: t(`mesh.messages.${one}`) }))}
        />
        <span role="status" className="text-sm text-ink-soft">
          {data && t('mesh.messages.unread', { count: data.unread })}
        </span>
        <span className="ms-auto">
          <LinkButton to="/mesh/messages/rules">{t('mesh.messages.rules')}</LinkButton>
        </span>
      </div>
      {!data ? (
        error && error.code !== 'DISCONNECTED' ? (
          <ErrorPanel error={error} onRetry={() => void refetch()} />
        ) : (
          <Skeleton className="h-60" />
        )
      ) : messages.length === 0 && after === null ? (
        <EmptyState title={t('mesh.messages.none')}>{t('mesh.messages.noneText')}</EmptyState>
      ) : (
        <>
          <MessageTable messages={messages} box={box} onOpen={open} />
          <div className="flex gap-2 pt-3">
            {next !== null && <Button onClick={() => setAfter(next)}>{t('mesh.messages.older')}</Button>}
            {after !== null && <Button onClick={() => setAfter(null)}>{t('mesh.messages.newest')}</Button>}
          </div>
        </>
      )}
      {shown && (
        <MessageSheet
          message={messages.find((one) => one.id === shown.id) ?? shown}
          onReply={() => {
            setShown(null);
            onReply(shown);
          }}
          onClose={() => setShown(null)}
        />
      )}
    </>
  );
}
