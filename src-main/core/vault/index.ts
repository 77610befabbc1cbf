import type { Checks, Handlers, Naming } from '#core/broker/handlers.ts';
import type { vaultContract } from '#shared/contract/vault.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { createAsking } from './asking/asking.ts';
import { createCore } from './core.ts';
import { createDevices } from './devices/devices.ts';
import { createOwnDevices } from './devices/own-devices.ts';
import { createHosting } from './hosting/hosting.ts';
import { createLending } from './lending/lending.ts';
import type { VaultDeps } from './ports.ts';
import { createRotation } from './rotation/rotation.ts';
import { createUpkeep } from './scrub/upkeep.ts';
import { createSearch, type FoundPassage, type IndexStatus } from './search/search.ts';
import { vaultChecks, vaultNaming } from './service/before-asking.ts';
import { browseHandlers } from './service/browse.ts';
import { changeHandlers } from './service/change.ts';
import { createDescriber } from './service/describe.ts';
import { devicesChecks, devicesHandlers, devicesNaming } from './service/devices.ts';
import { exportHandlers } from './service/export.ts';
import { exportAgeHandlers } from './service/export-age.ts';
import { createFiles, type VaultFiles } from './service/files.ts';
import { lendChecks, lendHandlers } from './service/lend.ts';
import { placeHandlers } from './service/places.ts';
import { putHandlers } from './service/put.ts';
import { readHandlers } from './service/read.ts';
import { createRecovery } from './service/recovery.ts';
import { roomChecks, roomHandlers, roomNaming } from './service/rooms.ts';
import { searchHandlers } from './service/search.ts';
import { shareChecks, shareHandlers, shareNaming } from './service/share.ts';
import { ticketHandlers } from './service/tickets.ts';
import { trafficHandlers } from './service/traffic.ts';
import { createUnfinishedExports } from './service/unfinished-exports.ts';
import { upkeepHandlers } from './service/upkeep.ts';
import { createUploads } from './service/uploads.ts';
import { versionHandlers } from './service/versions.ts';
import { watchedChecks, watchedHandlers } from './service/watched.ts';
import { webdavHandlers } from './service/webdav.ts';
import { zstorExportHandler } from './service/zstor-export.ts';
import { zstorImportHandler } from './service/zstor-import.ts';
import { createSharing } from './sharing/sharing.ts';

import { createTickets } from './tickets.ts';
import { createTraffic, pacedDevices, pacedStreams } from './traffic/traffic.ts';
import { createVersions } from './versions/versions.ts';
import { createWatchedFolders } from './watched/watched.ts';
import { createDiskSwitch } from './webdav/switch.ts';
import { createSeenConfigs } from './zstor/seen-configs.ts';

export type { ShardStore, VaultDeps, VaultKeySource } from './ports.ts';
export type { FoundPassage } from './search/search.ts';

export interface VaultService {
  readonly handlers: Handlers<typeof vaultContract>;
  readonly checks: Checks<typeof vaultContract>;
  readonly naming: Naming<typeof vaultContract>;
  /** Open the catalogue, look at the places, clean up what a crash left; opens the vault when keys are there. */
  start(): Promise<void>;
  /** Finish what is under way, copy the catalogue to the places, close. */
  stop(): Promise<void>;
  /**
   * The passages of the person's files that fit words best, one of a file, best first: what the assistant reads and cites. Any of the
   * words counts. @throws Fail LOCKED, NO_VAULT
   */
  passages(words: string, limit: number): Promise<readonly FoundPassage[]>;
  /** Answers when the search index has everything that is in the vault now, or waits for room. */
  indexed(): Promise<IndexStatus>;
  /** What the vault does by itself is done as far as it is due now. */
  tend(): Promise<void>;
  /** What other parts of Hypha keep here. */
  readonly files: VaultFiles;
  /** A connection has ended; what it was sending is given up. */
  disconnected(connection: string): void;
  /** What the person should know about this start: restored, rebuilt. */
  notices(): readonly { readonly code: string; readonly text: string }[];
}

/** The vault: one person's files, sealed and spread over places that may fail. */
export function createVault(given: VaultDeps): VaultService {
  const traffic = createTraffic(given, () => given.emit({ topic: 'vault', ids: [] }));
  const { streams, ownDevices } = given;
  const deps: VaultDeps = {
    ...{ ...given, traffic },
    ...(streams ? { streams: pacedStreams(traffic, streams) } : {}),
    ...(ownDevices ? { ownDevices: pacedDevices(traffic, ownDevices) } : {}),
  };
  const core = createCore(deps);
  const describe = createDescriber();
  const tickets = createTickets(deps.host);
  core.onLock(() => tickets.clear());
  const unfinished = createUnfinishedExports(core);
  const uploads = createUploads(core, describe);
  const search = createSearch(core);
  const browse = browseHandlers(core, describe, search);
  const disk = createDiskSwitch(core);
  const zstor = createSeenConfigs(deps.host);
  const lending = createLending(deps, () => core.changed([], false));
  const hosting = createHosting(deps, () => core.changed([], false));
  core.forOthers.push(lending.directories, hosting.directories);
  const asking = createAsking(deps, () => core.changed([], false));
  const versions = createVersions(core);
  const upkeep = createUpkeep(core);
  const places = placeHandlers(core, describe, browse['vault.status']);
  const recovery = createRecovery(core, versions, places['vault.setup'], browse['vault.status']);
  const sharing = createSharing(core);
  const watched = createWatchedFolders(core);
  const devices = createOwnDevices(core, createDevices(core));
  const rotation = createRotation(core);
  core.onSession((session) => {
    rotation.goOn(session).catch((error: unknown) => {
      // Locked meanwhile, or no place could be told: the next unlock goes on.
      if (!session.signal.aborted && !isFail(error, 'LOCKED'))
        deps.log.warn({ error: String(error) }, 'keys could not be wrapped anew');
    });
  });
  return {
    handlers: {
      ...browse,
      async 'vault.status'(input, context) {
        const { on, address } = disk.view();
        return { ...(await browse['vault.status'](input, context)), ...(on && address ? { disk: address } : {}) };
      },
      ...searchHandlers(core, describe, search),
      ...changeHandlers(core, describe),
      ...putHandlers(core),
      ...uploads.handlers,
      ...readHandlers(core, versions),
      ...ticketHandlers(core, tickets, versions, sharing),
      ...exportHandlers(core, unfinished),
      ...exportAgeHandlers(core, unfinished),
      ...places,
      ...watchedHandlers(core, watched),
      ...webdavHandlers(core, disk),
      'vault.importZstor': zstorImportHandler(core, zstor),
      'vault.exportZstor': zstorExportHandler(core, zstor),
      ...lendHandlers(lending),
      ...trafficHandlers(traffic),
      ...roomHandlers(core, asking, hosting),
      ...versionHandlers(core, versions),
      ...upkeepHandlers(core, upkeep),
      ...recovery.handlers,
      ...shareHandlers(core, sharing, unfinished),
      ...devicesHandlers(devices),
      'vault.rotateKeys': (_, context) => rotation.rotate(context),
    },
    checks: {
      ...vaultChecks(core, zstor),
      ...lendChecks(lending),
      ...watchedChecks(core),
      ...shareChecks(core, sharing),
      ...roomChecks(core, hosting),
      ...devicesChecks(devices),
    },
    naming: {
      ...vaultNaming(core, zstor),
      ...shareNaming(core, sharing),
      ...roomNaming(core),
      ...devicesNaming(devices),
    },
    async start() {
      await traffic.start();
      await recovery.start();
      rotation.start();
      await core.start();
      await disk.start();
      await lending.start();
      await hosting.start();
      await asking.start();
      versions.start();
      upkeep.start();
      await sharing.start();
      watched.start();
      await devices.start();
      // A drive or network that does not answer keeps nobody waiting.
      unfinished.sweep().catch((error: unknown) => {
        deps.log.warn({ error: String(error) }, 'what unfinished exports left could not be removed');
      });
    },
    async stop() {
      await devices.stop();
      await sharing.stop();
      await asking.stop();
      await hosting.stop();
      await lending.stop();
      await disk.stop();
      await upkeep.stop();
      await watched.stop();
      await versions.stop();
      await rotation.stop();
      await core.stop();
      await search.stop();
      traffic.stop();
    },
    passages: async (words, limit) => search.passages(await core.session(), words, limit),
    async indexed() {
      await search.settled();
      return search.status();
    },
    tend: upkeep.tend,
    files: createFiles({ ...uploads.handlers, ...readHandlers(core, versions) }),
    disconnected: uploads.disconnected,
    notices: () => [
      ...core.notices(),
      ...sharing.notices(),
      ...traffic.notices(),
      ...lending.notices(),
      ...devices.notices(),
    ],
  };
}
