import { useEffect } from 'react';
import type { Machine } from '#shared/contract/machines.ts';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { OpeningsSection } from './openings-section.tsx';
import { PlaceSection } from './place-section.tsx';
import { TrafficSection } from './traffic-section.tsx';

/** A machine on the mesh: where it is, who reaches it, what went over it. */
export function MeshTab({ machine: told }: { machine: Machine }) {
  const { data: status, error, refetch } = useAgentQuery('mesh.status', {});
  const now = useAgentQuery('machines.get', { machine: told.id });
  const node = status?.state;
  const again = now.refetch;
  // The node going on or off gives machines their addresses or takes them, of which no event of theirs tells.
  useEffect(() => {
    if (node !== undefined) void again();
  }, [node, again]);
  const machine = now.data?.machine ?? told;
  return (
    <div className="flex max-w-[760px] flex-col gap-6">
      {node !== undefined ? (
        <PlaceSection machine={machine} node={node} />
      ) : error && error.code !== 'DISCONNECTED' ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : (
        <Skeleton className="h-24" />
      )}
      <OpeningsSection machine={machine} />
      <TrafficSection machine={machine} />
    </div>
  );
}
