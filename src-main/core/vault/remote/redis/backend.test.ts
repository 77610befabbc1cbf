import { identityFile } from '../../format/place-identity.ts';
import { backendConformance } from '../../places/backend-conformance.ts';
import { connect } from '../resp/client.ts';
import { realDeps } from '../testing/deps.ts';
import { noRedis, startRedis } from '../testing/redis-server.ts';
import { createRedisBackend } from './backend.ts';

backendConformance('Redis', {
  skip: noRedis,
  async prepare() {
    const server = await startRedis('--save', '', '--appendonly', 'yes', '--appendfsync', 'always');
    const address = { host: '127.0.0.1', port: server.port };
    const admin = connect(address, { setTimer: realDeps.host.setTimer });
    return {
      open: () => createRedisBackend(address, realDeps),
      litter: async () => void (await admin.command('SET', 'letter', 'not ours')),
      scrawl: async (bytes) => void (await admin.command('SET', identityFile, bytes)),
      fill: async () => void (await admin.command('CONFIG', 'SET', 'maxmemory', 1)),
      makeRoom: async () => void (await admin.command('CONFIG', 'SET', 'maxmemory', 0)),
      cut: async () => void (await admin.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')),
      async end() {
        await admin.close();
        await server.end();
      },
    };
  },
});
