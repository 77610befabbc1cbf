import type { PlaceAddress, PlaceSecret } from '#shared/contract/vault.ts';
import type { VaultDeps } from '../ports.ts';
import { createFriendBackend } from '../remote/friend/backend.ts';
import { dialFriend } from '../remote/friend/dial.ts';
import { createRedisBackend } from '../remote/redis/backend.ts';
import { dialTcp, type TcpAddress } from '../remote/resp/dial.ts';
import { createS3Backend } from '../remote/s3/backend.ts';
import { createSftpBackend } from '../remote/sftp/backend.ts';
import { createZdbBackend } from '../remote/zdb/backend.ts';
import { pacedDial, pacedStore } from '../traffic/traffic.ts';
import type { PlaceBackend } from './backend.ts';
import { createDirectoryBackend } from './directory/backend.ts';
import { friendDevice } from './failure-domain.ts';

/** An address and what opens it. `secret` is empty where nothing is needed. */
export interface Spot {
  readonly address: PlaceAddress;
  readonly secret: PlaceSecret;
}

/** What getting at places stands on. */
export type SpotDeps = Pick<VaultDeps, 'host' | 'openRemote' | 'streams' | 'traffic'>;

/** The place at an address, of whatever kind. Nothing is asked of it yet. @throws Fail BAD_INPUT for what cannot be right */
export function openBackend(deps: SpotDeps, spot: Spot): PlaceBackend {
  const given = deps.openRemote?.(spot.address, spot.secret);
  if (given) return given;
  const backend = backendAt(deps, spot);
  const { traffic } = deps;
  if (traffic === undefined || spot.address.kind === 'directory') return backend;
  return { ...backend, store: pacedStore(traffic, backend.store) };
}

function backendAt({ host, streams, traffic }: SpotDeps, { address, secret }: Spot): PlaceBackend {
  const dial = (to: TcpAddress) => (traffic === undefined ? undefined : pacedDial(traffic, dialTcp(to)));
  const { password } = secret;
  switch (address.kind) {
    case 'directory':
      return createDirectoryBackend(address.path);
    case 'redis': {
      const { host: name, port, database, tls, user } = address;
      const account = user === '' ? undefined : user;
      return createRedisBackend(
        { host: name, port, database, user: account, password, ...(tls ? { tls: {} } : {}) },
        { host, dial: dial({ host: name, port }) },
      );
    }
    case 's3':
      return createS3Backend({ ...address, secretAccessKey: secret.secretKey ?? '' }, host, { traffic });
    case 'zdb': {
      const { host: name, port, namespace } = address;
      return createZdbBackend({ host: name, port, namespace, password }, { host, dial: dial({ host: name, port }) });
    }
    case 'sftp': {
      const { privateKey, keyPassword } = secret;
      const { host: name, port, user, directory, fingerprint } = address;
      const how = { user, password, privateKey, passphrase: keyPassword };
      return createSftpBackend({ host: name, port, ...how, path: directory, hostKey: fingerprint }, host, {
        dial: dial({ host: name, port }),
      });
    }
    case 'friend': {
      const { contact: friend, hostKey, room: grant } = address;
      const target = { friend, grant, secret: password ?? '', dial: dialFriend(streams, hostKey) };
      return createFriendBackend(target, friendDevice(hostKey), host);
    }
  }
}
