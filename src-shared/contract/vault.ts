import { vaultAgeContract } from './vault/age.ts';
import { vaultChangeContract } from './vault/change.ts';
import { vaultDevicesContract } from './vault/devices.ts';
import { vaultKeysContract } from './vault/keys.ts';
import { vaultLendContract } from './vault/lend.ts';
import { vaultLookContract } from './vault/look.ts';
import { vaultPlacesContract } from './vault/places.ts';
import { vaultReadContract } from './vault/read.ts';
import { vaultRecoveryContract } from './vault/recovery.ts';
import { vaultRoomsContract } from './vault/rooms.ts';
import { vaultShareContract } from './vault/share.ts';
import { vaultStoreContract } from './vault/store.ts';
import { vaultTrafficContract } from './vault/traffic.ts';
import { vaultUpkeepContract } from './vault/upkeep.ts';
import { vaultVersionsContract } from './vault/versions.ts';
import { vaultWatchedContract } from './vault/watched.ts';
import { vaultWebdavContract } from './vault/webdav.ts';
import { vaultZstorContract } from './vault/zstor.ts';

export type { OwnDevice, OwnDevices } from './vault/devices.ts';
export type { Lending, Lent } from './vault/lend.ts';
export * from './vault/model.ts';
export type { PlaceTest } from './vault/new-place.ts';
export * from './vault/place-address.ts';
export type { KitPlace, KitView, RecoveryKit, Rehearsal } from './vault/recovery.ts';
export type { AskedRoom, HostedRoom, Hosting } from './vault/rooms.ts';
export type { GivenShare, ShareArrival, SharedItem, TakenShare } from './vault/share.ts';
export type { Traffic, TrafficLimits } from './vault/traffic.ts';
export type { Upkeep } from './vault/upkeep.ts';
export type { VaultSnapshot } from './vault/versions.ts';
export type { Watched, WatchedProblem } from './vault/watched.ts';
export type { Webdav } from './vault/webdav.ts';

/** The vault: one person’s files, sealed and spread over places that may fail. */
export const vaultContract = {
  ...vaultLookContract,
  ...vaultStoreContract,
  ...vaultChangeContract,
  ...vaultReadContract,
  ...vaultAgeContract,
  ...vaultPlacesContract,
  ...vaultUpkeepContract,
  ...vaultVersionsContract,
  ...vaultRecoveryContract,
  ...vaultWatchedContract,
  ...vaultWebdavContract,
  ...vaultZstorContract,
  ...vaultLendContract,
  ...vaultTrafficContract,
  ...vaultShareContract,
  ...vaultKeysContract,
  ...vaultRoomsContract,
  ...vaultDevicesContract,
} as const;
