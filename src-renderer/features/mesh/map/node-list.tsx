import { useDeferredValue, useMemo, useState } from 'react';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Copyable } from '../../../ui/copyable.tsx';
import { Input } from '../../../ui/field.tsx';
import { Table } from '../../../ui/table.tsx';
import { NodeActions } from '../node-actions.tsx';
import { shortEndpoint } from '../words.ts';
import type { MapPoint } from './layout.ts';

export interface NodeListProps {
  points: readonly MapPoint[];
  chosen: string | null;
  onChoose: (id: string | null) => void;
}

const titleOf = (point: MapPoint) => point.name ?? point.address ?? shortEndpoint(point.id);

/** Everything on the map as a list, for the keyboard, for screen readers, and to find somebody in it. */
export function NodeList({ points, chosen, onChoose }: NodeListProps) {
  const t = useT();
  const format = useFormat();
  const [typed, setTyped] = useState('');
  const find = useDeferredValue(typed.trim().toLowerCase());
  const rows = useMemo(() => {
    const said = (point: MapPoint) => `${point.name ?? ''} ${point.address ?? ''} ${point.id}`.toLowerCase();
    return points
      .filter((point) => point.kind !== 'me' && (find === '' || said(point).includes(find)))
      .sort((a, b) => (a.cost ?? 1e9) - (b.cost ?? 1e9));
  }, [points, find]);
  const point = points.find((one) => one.id === chosen);
  return (
    <section aria-label={t('mesh.map.list')} className="flex min-h-0 flex-col gap-3">
      <Input
        type="search"
        aria-label={t('mesh.map.find')}
        placeholder={t('mesh.map.find')}
        className="shrink-0"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {rows.length === 0 ? (
        <p className="text-sm text-ink-soft">{t(find === '' ? 'mesh.map.nobody' : 'mesh.routes.notFound')}</p>
      ) : (
        <div className="min-h-0 grow">
          <Table
            virtual
            label={t('mesh.map.list')}
            rows={rows}
            rowKey={(row) => row.id}
            selected={new Set(chosen === null ? [] : [chosen])}
            onSelect={(next) => onChoose([...next].at(-1) ?? null)}
            onOpen={(row) => onChoose(row.id)}
            columns={[
              {
                key: 'node',
                header: t('mesh.routes.node'),
                cell: (row) => (
                  <bdi title={row.address ?? row.id} className={row.name ? 'font-medium' : 'font-mono text-xs'}>
                    {titleOf(row)}
                  </bdi>
                ),
              },
              {
                key: 'kind',
                header: t('mesh.map.kind'),
                width: '6.5rem',
                cell: (row) => <span className="text-ink-soft">{t(`mesh.map.kinds.${row.kind}`)}</span>,
              },
              {
                key: 'cost',
                header: t('mesh.peers.cost'),
                width: '4rem',
                align: 'end',
                cell: (row) => (row.cost === null ? '–' : format.number(row.cost)),
              },
            ]}
          />
        </div>
      )}
      {/* Below the list: above it, rows would move away under the pointer. */}
      {point && <Chosen point={point} />}
    </section>
  );
}

/** The one that is chosen: who it is, how far, through whom. */
function Chosen({ point }: { point: MapPoint }) {
  const t = useT();
  const format = useFormat();
  return (
    <div role="status" className="shrink-0 rounded-lg border border-line bg-surface-raised p-3 text-sm">
      {(point.name ?? point.address === null) && (
        <p className="truncate font-semibold" title={titleOf(point)}>
          {titleOf(point)}
        </p>
      )}
      {point.address && (
        <Copyable value={point.address} what={t('mesh.peers.address')} whole className="text-xs! text-ink-soft" />
      )}
      <p className="text-ink-soft">
        {t(`mesh.map.kinds.${point.kind}`)}
        {point.cost !== null && ` · ${t('mesh.map.costs', { cost: format.number(point.cost) })}`}
      </p>
      {point.kind === 'node' && point.via && (
        <p className="wrap-anywhere text-ink-soft">{t('mesh.map.through', { peer: shortEndpoint(point.via) })}</p>
      )}
      {point.address && (
        <div className="mt-2 flex flex-wrap gap-2">
          <NodeActions address={point.address} />
        </div>
      )}
    </div>
  );
}
