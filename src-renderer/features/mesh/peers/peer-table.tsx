import { Trash2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { Peer } from '#shared/contract/mesh/index.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useCoreWords } from '../../../lib/core-words.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { IconButton } from '../../../ui/button.tsx';
import { Sparkline } from '../../../ui/sparkline.tsx';
import { State } from '../../../ui/state.tsx';
import { type Sort, Table } from '../../../ui/table.tsx';
import type { Known } from '../use-mesh.ts';
import { formatMs, peerWords, shortEndpoint } from '../words.ts';
import { rateOf, sortPeers, topRate } from './peer-order.ts';

export interface PeerTableProps {
  peers: readonly Peer[];
  ends: ReadonlyMap<string, Known>;
  onOpen: (endpoint: string) => void;
}

/** Who this node is connected to, or tries to be. */
export function PeerTable({ peers, ends, onOpen }: PeerTableProps) {
  const t = useT();
  const format = useFormat();
  const said = useCoreWords();
  const ready = useLink().phase === 'ready';
  const [sort, setSort] = useState<Sort>({ key: 'state', descending: false });
  const remove = useAgentMutation('mesh.removePeer', {
    done: ({ endpoint }) => t('mesh.peers.removed', { endpoint: shortEndpoint(endpoint) }),
  });
  const rows = useMemo(
    () => sortPeers(peers, sort, (peer) => ends.get(peer.endpoint)?.name ?? shortEndpoint(peer.endpoint)),
    [peers, sort, ends],
  );
  const top = topRate(peers);
  return (
    <Table
      label={t('mesh.nav.peers')}
      rows={rows}
      rowKey={(peer) => peer.endpoint}
      onOpen={(peer) => onOpen(peer.endpoint)}
      sort={sort}
      onSort={setSort}
      columns={[
        {
          key: 'peer',
          header: t('mesh.peers.peer'),
          sortable: true,
          cell: (peer) => {
            const name = ends.get(peer.endpoint)?.name;
            return (
              <span title={peer.endpoint}>
                {name && <bdi className="me-2 font-medium">{name}</bdi>}
                <bdi className={name ? 'font-mono text-xs text-ink-soft' : 'font-mono text-xs'}>
                  {shortEndpoint(peer.endpoint)}
                </bdi>
                {peer.reason !== null && (
                  <span className="block truncate text-xs text-ink-soft">{said('mesh.said.peer', peer.reason)}</span>
                )}
              </span>
            );
          },
        },
        {
          key: 'state',
          header: t('mesh.peers.state'),
          width: '9.5rem',
          phone: '2.5rem',
          sortable: true,
          cell: (peer) => {
            const { tone, word } = peerWords(peer);
            return (
              <State small tone={tone}>
                {t(word)}
              </State>
            );
          },
        },
        {
          key: 'origin',
          header: t('mesh.peers.origin'),
          width: '8rem',
          wideOnly: true,
          cell: (peer) => t(`mesh.origin.${peer.origin}`),
        },
        {
          key: 'transport',
          header: t('mesh.peers.transport'),
          width: '5.5rem',
          wideOnly: true,
          cell: (peer) => t(`mesh.transport.${peer.transport}`),
        },
        {
          key: 'rtt',
          header: t('mesh.peers.rtt'),
          width: '6rem',
          phone: '4.5rem',
          align: 'end',
          sortable: true,
          cell: (peer) => (peer.rtt === null ? '–' : formatMs(peer.rtt, format.number)),
        },
        {
          key: 'cost',
          header: t('mesh.peers.cost'),
          width: '5rem',
          align: 'end',
          wideOnly: true,
          sortable: true,
          cell: (peer) => (peer.cost === null ? '–' : format.number(peer.cost)),
        },
        {
          key: 'traffic',
          header: t('mesh.peers.traffic'),
          width: '12rem',
          phone: false,
          align: 'end',
          sortable: true,
          cell: (peer) => (
            <span className="inline-flex items-center justify-end gap-3 align-middle">
              {t('common.perSecond', { value: format.bytes(rateOf(peer)) })}
              <Sparkline values={peer.traffic.map((one) => one.received + one.sent)} top={top} />
            </span>
          ),
        },
        {
          key: 'act',
          header: t('common.moreActions'),
          headerHidden: true,
          width: '3rem',
          align: 'end',
          cell: (peer) =>
            // The others come and go by themselves; the settings say whether.
            peer.origin === 'added' && (
              <IconButton
                icon={Trash2}
                size="small"
                label={t('mesh.peers.remove', { endpoint: shortEndpoint(peer.endpoint) })}
                disabled={!ready || remove.isPending}
                onClick={(event) => {
                  event.stopPropagation();
                  remove.mutate({ endpoint: peer.endpoint });
                }}
              />
            ),
        },
      ]}
    />
  );
}
