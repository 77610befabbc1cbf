import { identityFile } from '../../format/place-identity.ts';
import { backendConformance } from '../../places/backend-conformance.ts';
import { openServer } from '../../zdb-server/testing/bench.ts';
import { dialTcp } from '../resp/dial.ts';
import { realDeps } from '../testing/deps.ts';
import { createZdbBackend } from './backend.ts';
import { connectZdb } from './client.ts';

backendConformance('0-db', {
  async prepare() {
    const bench = await openServer({ datasize: 4 * 1024 * 1024 });
    const address = { host: '127.0.0.1', port: bench.port };
    const admin = connectZdb(address, { setTimer: realDeps.host.setTimer });
    await admin.command('NSNEW', 'vault');
    await admin.command('NSSET', 'vault', 'password', 'secret');
    await admin.command('NSSET', 'vault', 'public', '0');
    const options = { namespace: 'vault', password: 'secret' };
    const friend = connectZdb(address, { setTimer: realDeps.host.setTimer, ...options });
    const streams = new Set<{ destroy(): void }>();
    return {
      open: () =>
        createZdbBackend(
          { ...address, ...options },
          {
            ...realDeps,
            dial: async (signal) => {
              const stream = await dialTcp(address)(signal);
              streams.add(stream);
              return stream;
            },
          },
        ),
      litter: async () => void (await friend.set('letter', Buffer.from('not ours'))),
      scrawl: async (bytes) => void (await friend.set(`${identityFile}/0123456789abcdef`, bytes)),
      fill: async () => void (await admin.command('NSSET', 'vault', 'maxsize', 2_000_000)),
      makeRoom: async () => void (await admin.command('NSSET', 'vault', 'maxsize', 0)),
      cut() {
        for (const stream of streams) stream.destroy();
        streams.clear();
      },
      async end() {
        await Promise.all([admin.close(), friend.close()]);
        await bench.stop();
      },
    };
  },
});
