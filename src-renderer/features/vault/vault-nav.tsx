import { useT } from '../../lib/i18n.ts';
import { RoomNav } from '../../ui/room-nav.tsx';

const sides = {
  files: '/vault',
  places: '/vault/places',
  rooms: '/vault/rooms',
  snapshots: '/vault/snapshots',
  watched: '/vault/watched',
  devices: '/vault/devices',
  shares: '/vault/shares',
  disk: '/vault/disk',
  bin: '/vault/bin',
} as const;

type Side = keyof typeof sides;
const order = Object.keys(sides) as Side[];

/**
 * The sides of the vault: what is in it, what holds it, what it holds for others, how it was, what follows it, which devices have the same, who reads it, how
 * programs use it, what was thrown away.
 */
export function VaultNav({ here }: { here: Side }) {
  const t = useT();
  return (
    <RoomNav
      label={t('vault.nav.label')}
      here={sides[here]}
      sides={order.map((side) => ({ to: sides[side], label: t(`vault.nav.${side}`) }))}
      className="mb-3"
    />
  );
}
