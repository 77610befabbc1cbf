import type { Peer } from '#shared/contract/mesh/index.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Copyable } from '../../../ui/copyable.tsx';
import { Facts } from '../../../ui/panel.tsx';
import { Sheet } from '../../../ui/sheet.tsx';
import { State } from '../../../ui/state.tsx';
import { Time } from '../../../ui/time.tsx';
import { NodeActions } from '../node-actions.tsx';
import type { Known } from '../use-mesh.ts';
import { formatMs, peerWords, shortEndpoint } from '../words.ts';

/** Everything that is known about one peer. */
export function PeerSheet({ peer, end, onClose }: { peer: Peer; end: Known | undefined; onClose: () => void }) {
  const t = useT();
  const format = useFormat();
  const { tone, word } = peerWords(peer);
  const measured = (value: string | null) => value ?? t('common.unknown');
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={end?.name ?? shortEndpoint(peer.endpoint)}
      footer={end && <NodeActions address={end.address} />}
    >
      <div className="px-5 py-4">
        <Facts
          rows={[
            { label: t('mesh.peers.state'), value: <State tone={tone}>{t(word)}</State> },
            ...(peer.connectedAt === null
              ? []
              : [{ label: t('mesh.peers.connectedAt'), value: <Time at={peer.connectedAt} /> }]),
            ...(peer.failures === 0 ? [] : [{ label: t('mesh.peers.failures'), value: format.number(peer.failures) }]),
            {
              label: t('mesh.peers.endpoint'),
              value: <Copyable value={peer.endpoint} what={t('mesh.peers.endpoint')} whole />,
            },
            ...(end
              ? [
                  {
                    label: t('mesh.peers.address'),
                    value: <Copyable value={end.address} what={t('mesh.peers.address')} whole />,
                  },
                ]
              : []),
            { label: t('mesh.peers.origin'), value: t(`mesh.origin.${peer.origin}`) },
            { label: t('mesh.peers.direction'), value: t(`mesh.direction.${peer.direction}`) },
            { label: t('mesh.peers.transport'), value: t(`mesh.transport.${peer.transport}`) },
            {
              label: t('mesh.peers.rtt'),
              value: measured(peer.rtt === null ? null : formatMs(peer.rtt, format.number)),
            },
            { label: t('mesh.peers.cost'), value: measured(peer.cost === null ? null : format.number(peer.cost)) },
            { label: t('mesh.peers.received'), value: format.bytes(peer.received) },
            { label: t('mesh.peers.sent'), value: format.bytes(peer.sent) },
            { label: t('mesh.peers.dropped'), value: format.number(peer.dropped) },
          ]}
        />
      </div>
    </Sheet>
  );
}
