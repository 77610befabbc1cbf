import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useT } from '../../../lib/i18n.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { MeshRoom } from '../mesh-room.tsx';
import { usePeerEnds, usePeers } from '../use-mesh.ts';
import { AddPeer } from './add-peer.tsx';
import { PeerSheet } from './peer-sheet.tsx';
import { PeerTable } from './peer-table.tsx';

export function PeersPage() {
  const navigate = useNavigate();
  // By a link from outside: shown filled in, and connected only by a press of its button.
  const { ways } = useParams({ strict: false }) as { ways?: string };
  const given = ways === undefined ? undefined : `hypha://peer?${ways}`;
  return (
    <MeshRoom
      here="peers"
      action={
        <AddPeer
          key={given}
          tone="primary"
          given={given}
          onClose={() => given !== undefined && void navigate({ to: '/mesh/peers' })}
        />
      }
    >
      {() => <Peers />}
    </MeshRoom>
  );
}

function Peers() {
  const t = useT();
  const { data, error, refetch } = usePeers();
  const ends = usePeerEnds();
  const [shown, setShown] = useState<string | null>(null);
  if (error && !data && error.code !== 'DISCONNECTED') {
    return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  }
  if (!data) return <Skeleton className="h-60" />;
  if (data.peers.length === 0) return <EmptyState title={t('mesh.peers.none')}>{t('mesh.peers.noneText')}</EmptyState>;
  const peer = data.peers.find((one) => one.endpoint === shown);
  return (
    <>
      <PeerTable peers={data.peers} ends={ends} onOpen={setShown} />
      {data.peers.some((one) => one.origin !== 'added') && (
        <p className="pt-3 text-sm text-ink-soft">{t('mesh.peers.note')}</p>
      )}
      {peer && <PeerSheet peer={peer} end={ends.get(peer.endpoint)} onClose={() => setShown(null)} />}
    </>
  );
}
