import { useT } from '../../lib/i18n.ts';
import { RoomNav } from '../../ui/room-nav.tsx';

const sides = {
  overview: '/mesh',
  map: '/mesh/map',
  peers: '/mesh/peers',
  routes: '/mesh/routes',
  services: '/mesh/services',
  messages: '/mesh/messages',
  diagnose: '/mesh/diagnose',
  settings: '/mesh/settings',
} as const;

export type MeshPart = keyof typeof sides;
const order = Object.keys(sides) as MeshPart[];

export function MeshNav({ here }: { here: MeshPart }) {
  const t = useT();
  return (
    <RoomNav
      label={t('mesh.title')}
      here={sides[here]}
      sides={order.map((part) => ({ to: sides[part], label: t(`mesh.nav.${part}`) }))}
    />
  );
}
