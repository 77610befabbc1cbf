import { useT } from '../../../lib/i18n.ts';
import { RoomNav } from '../../../ui/room-nav.tsx';

const sides = { machines: '/machines', images: '/machines/images' } as const;

export function MachinesNav({ here }: { here: keyof typeof sides }) {
  const t = useT();
  return (
    <RoomNav
      label={t('machines.title')}
      here={sides[here]}
      sides={[
        { to: sides.machines, label: t('machines.nav.machines') },
        { to: sides.images, label: t('machines.nav.images') },
      ]}
      className="mb-4"
    />
  );
}
