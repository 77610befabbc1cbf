import { Download, Reply, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { MeshMessage } from '#shared/contract/mesh/index.ts';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useAgent, useLink } from '../../../lib/agent/provider.tsx';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Copyable } from '../../../ui/copyable.tsx';
import { ConfirmDialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Facts } from '../../../ui/panel.tsx';
import { Sheet } from '../../../ui/sheet.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { State } from '../../../ui/state.tsx';
import { toast } from '../../../ui/toast.tsx';
import { isOnSome, messageTone, textOf } from './message-words.ts';
import { saveBytes } from './save-bytes.ts';

export interface MessageSheetProps {
  message: MeshMessage;
  onReply: () => void;
  onClose: () => void;
}

/** One message whole. */
export function MessageSheet({ message, onReply, onClose }: MessageSheetProps) {
  const t = useT();
  const format = useFormat();
  const ready = useLink().phase === 'ready';
  const [asking, setAsking] = useState(false);
  const remove = useAgentMutation('mesh.deleteMessage', { onDone: onClose });
  const incoming = message.box === 'in';
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      width="wide"
      title={message.name ?? message.address}
      footer={
        <>
          <Button icon={Trash2} disabled={!ready} onClick={() => setAsking(true)}>
            {t('common.delete')}
          </Button>
          {incoming && (
            <Button tone="primary" icon={Reply} disabled={!ready} onClick={onReply}>
              {t('mesh.messages.reply')}
            </Button>
          )}
        </>
      }
    >
      <div className="flex flex-col gap-5 px-5 py-4">
        <Facts
          rows={[
            {
              label: t(incoming ? 'mesh.messages.from' : 'mesh.messages.to'),
              value: <Copyable value={message.address} what={t('mesh.peers.address')} whole />,
            },
            {
              label: t('mesh.messages.state'),
              value: <State tone={messageTone[message.state]}>{t(`mesh.messages.states.${message.state}`)}</State>,
            },
            ...(isOnSome(message)
              ? [{ label: t('mesh.messages.devices'), value: t('mesh.messages.devicesSome', { ...message.devices }) }]
              : []),
            { label: t('mesh.messages.at'), value: format.exact(message.at) },
            { label: t('mesh.messages.topic'), value: message.topic || t('mesh.messages.noTopic') },
            { label: t('mesh.messages.size'), value: format.bytes(message.size) },
            ...(message.replyTo === null
              ? []
              : [{ label: t('mesh.messages.replies'), value: t('mesh.messages.answers') }]),
          ]}
        />
        <Content message={message} />
      </div>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('mesh.messages.askDelete')}
        description={t(
          `mesh.messages.${message.state === 'waiting' ? 'askDeleteWaiting' : isOnSome(message) ? 'askDeleteSome' : 'askDeleteText'}`,
        )}
        action={t('mesh.messages.delete')}
        onConfirm={() => remove.mutateAsync({ id: message.id })}
      />
    </Sheet>
  );
}

function Content({ message }: { message: MeshMessage }) {
  const t = useT();
  const format = useFormat();
  const { data, error, refetch } = useAgentQuery('mesh.message', { id: message.id });
  if (error && !data) return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton className="h-32" />;
  // Of one that comes in parts no part is text by itself.
  const whole = data.next === null;
  const text = whole ? textOf(data.data) : null;
  return (
    <section aria-label={t('mesh.messages.content')}>
      {text === null ? (
        <>
          <p className="pb-3 text-sm text-ink-soft">
            {t(whole ? 'mesh.messages.notText' : 'mesh.messages.tooLongToShow', { size: format.bytes(message.size) })}
          </p>
          <Save message={message} first={data.data} next={data.next} />
        </>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <p tabIndex={0} dir="auto" className="max-h-[55vh] overflow-y-auto text-base break-words whitespace-pre-wrap">
          {text}
        </p>
      )}
    </section>
  );
}

/** @param next where the part behind the first begins, if there is one */
function Save({ message, first, next }: { message: MeshMessage; first: Uint8Array; next: number | null }) {
  const t = useT();
  const { link } = useAgent();
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      const parts = [first];
      for (let at = next; at !== null; ) {
        const part: { data: Uint8Array; next: number | null } = await link
          .connection()
          .client['mesh.message']({ id: message.id, at });
        parts.push(part.data);
        at = part.next;
      }
      saveBytes(`message-${message.id}.bin`, parts);
    } catch (error) {
      toast.failed(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button icon={Download} busy={busy} onClick={() => void save()}>
      {t('mesh.messages.save')}
    </Button>
  );
}
