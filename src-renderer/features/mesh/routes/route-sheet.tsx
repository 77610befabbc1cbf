import type { Route } from '#shared/contract/mesh/index.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Copyable } from '../../../ui/copyable.tsx';
import { Facts } from '../../../ui/panel.tsx';
import { Sheet } from '../../../ui/sheet.tsx';
import { State } from '../../../ui/state.tsx';
import { NodeActions } from '../node-actions.tsx';
import { routeWords } from './route-words.ts';

/** One way to one node. */
export function RouteSheet({ route, onClose }: { route: Route; onClose: () => void }) {
  const t = useT();
  const format = useFormat();
  const { tone, word } = routeWords(route);
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={route.name ?? t('mesh.routes.node')}
      footer={<NodeActions address={route.address} />}
    >
      <div className="px-5 py-4">
        <Facts
          rows={[
            { label: t('mesh.peers.state'), value: <State tone={tone}>{t(word)}</State> },
            {
              label: t('mesh.peers.address'),
              value: <Copyable value={route.address} what={t('mesh.peers.address')} whole />,
            },
            {
              label: t('mesh.address.subnet'),
              value: <Copyable value={route.prefix} what={t('mesh.address.subnet')} whole />,
            },
            {
              label: t('mesh.address.key'),
              value: <Copyable value={route.publicKey} what={t('mesh.address.key')} />,
            },
            { label: t('mesh.routes.via'), value: <span className="font-mono wrap-anywhere">{route.via}</span> },
            {
              label: t('mesh.peers.cost'),
              value: route.cost === null ? t('common.unknown') : format.number(route.cost),
            },
          ]}
        />
      </div>
    </Sheet>
  );
}
