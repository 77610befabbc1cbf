import { useMemo, useRef, useState } from 'react';
import type { MeshStatus, Peer, Route } from '#shared/contract/mesh/index.ts';
import { useT } from '../../../lib/i18n.ts';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { MeshRoom } from '../mesh-room.tsx';
import { useAllRoutes, usePeers } from '../use-mesh.ts';
import { layoutMap } from './layout.ts';
import { MapCanvas } from './map-canvas.tsx';
import { NodeList } from './node-list.tsx';
import { steady } from './steady.ts';
import { topologyOf } from './topology.ts';

export function MapPage() {
  return (
    <MeshRoom here="map" fixed width="full">
      {(status) => <MeshMap status={status} />}
    </MeshRoom>
  );
}

const nobody: readonly Peer[] = [];
const nowhere: readonly Route[] = [];

/** The picture, and beside it the same as a list. */
function MeshMap({ status }: { status: MeshStatus }) {
  const t = useT();
  const { data: known, error, refetch } = usePeers();
  const { data: ways } = useAllRoutes();
  const [chosen, setChosen] = useState<string | null>(null);
  const remembered = useRef(new Map<string, number>());
  const peers = known?.peers ?? nobody;
  const routes = ways?.routes ?? nowhere;
  const topology = useMemo(() => steady(topologyOf(peers, routes), remembered.current), [peers, routes]);
  // Drawn anew only when something would be elsewhere: traffic alone changes the links' width.
  const shape = useMemo(
    () => JSON.stringify([topology.peers.map(({ rate: _, ...rest }) => rest), [...topology.beyond]]),
    [topology],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` stands for what of the topology has a place
  const layout = useMemo(() => layoutMap(topology), [shape]);
  const rates = useMemo(() => new Map(topology.peers.map((peer) => [peer.endpoint, peer.rate])), [topology]);
  if (error && !known && error.code !== 'DISCONNECTED') {
    return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  }
  const others = layout.points.filter((point) => point.kind === 'node').length;
  return (
    <div className="grid min-h-0 grow grid-cols-1 grid-rows-[minmax(20rem,1fr)_26rem] gap-4 overflow-y-auto min-[1000px]:grid-cols-[minmax(0,1fr)_22rem] min-[1000px]:grid-rows-1 min-[1000px]:overflow-visible">
      {known ? (
        <MapCanvas
          layout={layout}
          rates={rates}
          chosen={chosen}
          onChoose={setChosen}
          me={t('mesh.map.me')}
          summary={t('mesh.map.summary', {
            peers: t('mesh.map.peers', { count: status.peers.connected }),
            nodes: t('mesh.map.nodes', { count: others }),
          })}
        />
      ) : (
        <Skeleton className="h-full" />
      )}
      <NodeList points={layout.points} chosen={chosen} onChoose={setChosen} />
    </div>
  );
}
