import { ArrowDownLeft, ArrowUpRight } from 'lucide-react';
import type { MeshMessage } from '#shared/contract/mesh/index.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { cx } from '../../../ui/cx.ts';
import { State } from '../../../ui/state.tsx';
import { Table } from '../../../ui/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { isOnSome, messageTone } from './message-words.ts';

export interface MessageTableProps {
  messages: readonly MeshMessage[];
  box: 'in' | 'out' | 'all';
  onOpen: (message: MeshMessage) => void;
}

/** Newest first, in one line each; what is new stands out. */
export function MessageTable({ messages, box, onOpen }: MessageTableProps) {
  const t = useT();
  const format = useFormat();
  return (
    <Table
      label={t('mesh.messages.list')}
      rows={messages}
      rowKey={(message) => message.id}
      onOpen={onOpen}
      columns={[
        {
          key: 'who',
          header: t(box === 'in' ? 'mesh.messages.from' : box === 'out' ? 'mesh.messages.to' : 'mesh.messages.who'),
          width: '13rem',
          phone: '8rem',
          cell: (message) => {
            const Arrow = message.box === 'in' ? ArrowDownLeft : ArrowUpRight;
            return (
              <span title={message.address} className={cx(message.state === 'new' && 'font-semibold')}>
                {box === 'all' && (
                  <>
                    <Arrow aria-hidden className="me-1.5 inline size-3.5 text-ink-soft" strokeWidth={2} />
                    <span className="sr-only">{t(`mesh.messages.${message.box}`)}: </span>
                  </>
                )}
                <bdi className={message.name ? undefined : 'font-mono text-xs'}>{message.name ?? message.address}</bdi>
              </span>
            );
          },
        },
        {
          key: 'text',
          header: t('mesh.messages.text'),
          cell: (message) => (
            <span className={cx(message.state === 'new' && 'font-semibold')}>
              {message.topic !== '' && (
                <bdi className="me-2 rounded-sm bg-surface-sunk px-1.5 py-0.5 text-xs font-normal text-ink-soft">
                  {message.topic}
                </bdi>
              )}
              <bdi className={message.text === null ? 'text-ink-soft' : undefined}>
                {message.text ?? t('mesh.messages.notText', { size: format.bytes(message.size) })}
              </bdi>
            </span>
          ),
        },
        {
          key: 'state',
          header: t('mesh.messages.state'),
          width: '9rem',
          phone: '2.5rem',
          cell: (message) => (
            <State small tone={messageTone[message.state]}>
              {isOnSome(message) && message.state === 'received'
                ? t('mesh.messages.onSome', { ...message.devices })
                : t(`mesh.messages.states.${message.state}`)}
            </State>
          ),
        },
        {
          key: 'at',
          header: t('mesh.messages.at'),
          width: '8rem',
          wideOnly: true,
          align: 'end',
          cell: (message) => <Time at={message.at} className="text-ink-soft" />,
        },
      ]}
    />
  );
}
