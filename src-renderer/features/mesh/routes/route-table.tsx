import type { Route } from '#shared/contract/mesh/index.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { State } from '../../../ui/state.tsx';
import { Table } from '../../../ui/table.tsx';
import { shortEndpoint } from '../words.ts';
import { routeWords } from './route-words.ts';

/** Up to 5,000 routes; only those in sight are made. */
export function RouteTable({ routes, onOpen }: { routes: readonly Route[]; onOpen: (route: Route) => void }) {
  const t = useT();
  const format = useFormat();
  return (
    <div className="min-h-0 grow">
      <Table
        virtual
        label={t('mesh.nav.routes')}
        rows={routes}
        rowKey={(route) => `${route.prefix} ${route.via} ${route.cost}`}
        onOpen={onOpen}
        columns={[
          {
            key: 'node',
            header: t('mesh.routes.node'),
            cell: (route) => (
              <span title={route.address}>
                {route.name && <bdi className="me-2 font-medium">{route.name}</bdi>}
                <bdi className={route.name ? 'font-mono text-xs text-ink-soft' : 'font-mono text-xs'}>
                  {route.address}
                </bdi>
              </span>
            ),
          },
          {
            key: 'via',
            header: t('mesh.routes.via'),
            width: '16rem',
            wideOnly: true,
            cell: (route) => <bdi className="font-mono text-xs">{shortEndpoint(route.via)}</bdi>,
          },
          {
            key: 'state',
            header: t('mesh.peers.state'),
            width: '8.5rem',
            phone: '2.5rem',
            cell: (route) => {
              const { tone, word } = routeWords(route);
              return (
                <State small tone={tone}>
                  {t(word)}
                </State>
              );
            },
          },
          {
            key: 'cost',
            header: t('mesh.peers.cost'),
            width: '5rem',
            align: 'end',
            cell: (route) => (route.cost === null ? '–' : format.number(route.cost)),
          },
        ]}
      />
    </div>
  );
}
