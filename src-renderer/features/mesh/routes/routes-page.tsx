import { useDeferredValue, useState } from 'react';
import type { Route } from '#shared/contract/mesh/index.ts';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { useWanted } from '../../../state/use-wanted.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Checkbox, Input } from '../../../ui/field.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { MeshRoom } from '../mesh-room.tsx';
import { mostRoutes } from '../use-mesh.ts';
import { RouteSheet } from './route-sheet.tsx';
import { RouteTable } from './route-table.tsx';

export function RoutesPage() {
  useWanted('mesh.routes', () => {});
  return (
    <MeshRoom here="routes" fixed>
      {() => <Routes />}
    </MeshRoom>
  );
}

/** Every node that can be reached, and through whom. */
function Routes() {
  const t = useT();
  const format = useFormat();
  const [typed, setTyped] = useState('');
  const [all, setAll] = useState(false);
  const [shown, setShown] = useState<Route | null>(null);
  const find = useDeferredValue(typed.trim().slice(0, 200));
  const { data, error, refetch } = useAgentQuery(
    'mesh.routes',
    { find, all, limit: mostRoutes },
    { keepPrevious: true, everyMs: 10_000 },
  );
  if (error && !data && error.code !== 'DISCONNECTED') {
    return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  }
  const routes = data?.routes ?? [];
  return (
    <>
      <div className="flex shrink-0 flex-wrap items-center gap-x-5 gap-y-2 pb-3">
        <Input
          type="search"
          aria-label={t('mesh.routes.find')}
          placeholder={t('mesh.routes.find')}
          className="max-w-72"
          maxLength={200}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Checkbox checked={all} onChange={setAll}>
          {t('mesh.routes.all')}
        </Checkbox>
        <span role="status" className="ms-auto text-sm text-ink-soft">
          {data &&
            (data.total > routes.length
              ? t('mesh.routes.some', { shown: format.number(routes.length), count: data.total })
              : t('mesh.routes.count', { count: routes.length }))}
        </span>
      </div>
      {!data ? (
        <Skeleton className="h-60" />
      ) : routes.length > 0 ? (
        <RouteTable routes={routes} onOpen={setShown} />
      ) : find === '' ? (
        <EmptyState title={t('mesh.routes.none')}>{t('mesh.routes.noneText')}</EmptyState>
      ) : (
        <EmptyState title={t('mesh.routes.notFound')}>{t('mesh.routes.notFoundText')}</EmptyState>
      )}
      {shown && <RouteSheet route={shown} onClose={() => setShown(null)} />}
    </>
  );
}
