import { identityFile } from '../../format/place-identity.ts';
import type { Ground } from '../../places/backend-conformance.ts';
import { dialTcp } from '../resp/dial.ts';
import { createZdbBackend } from '../zdb/backend.ts';
import { connectZdb, type ZdbClient } from '../zdb/client.ts';
import { cuttable } from './cuttable.ts';
import { realDeps } from './deps.ts';

/** Ground for a place in a namespace in user mode, of a 0-db that `admin` may set up. `end` ends the server too. */
export function zdbGround(
  port: number,
  namespace: { readonly namespace: string; readonly password: string },
  admin: ZdbClient,
  end: () => Promise<void>,
): Ground {
  const address = { host: '127.0.0.1', port };
  const { dial, cut } = cuttable(dialTcp(address));
  const friend = connectZdb(address, { setTimer: realDeps.host.setTimer, ...namespace });
  return {
    open: () => createZdbBackend({ ...address, ...namespace }, { ...realDeps, dial }),
    litter: async () => void (await friend.set('letter', Buffer.from('not ours'))),
    scrawl: async (bytes) => void (await friend.set(`${identityFile}/0123456789abcdef`, bytes)),
    fill: async () => void (await admin.command('NSSET', namespace.namespace, 'maxsize', 2_000_000)),
    makeRoom: async () => void (await admin.command('NSSET', namespace.namespace, 'maxsize', 0)),
    cut,
    async end() {
      await Promise.all([admin.close(), friend.close()]);
      await end();
    },
  };
}
