import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backendConformance } from '../../../places/backend-conformance.ts';
import { password, startRealZdb } from '../../../zstor/interop/real-zdb.ts';
import { realDeps } from '../../testing/deps.ts';
import { zdbGround } from '../../testing/zdb-ground.ts';
import { connectZdb } from '../client.ts';

/* A place in a namespace of the real 0-db (2.0.7): `ZDB_BIN=FILE npm run test:interop`. */

const binary = process.env.ZDB_BIN ?? '';

backendConformance('0-db, the real one', {
  skip: binary === '' ? 'ZDB_BIN names no 0-db' : undefined,
  async prepare() {
    const directory = await mkdtemp(join(tmpdir(), 'hypha-zdb-'));
    const server = await startRealZdb(binary, directory, { vault: 'user' });
    const admin = connectZdb({ host: '127.0.0.1', port: server.port }, { setTimer: realDeps.host.setTimer });
    await admin.command('AUTH', 'adm');
    return zdbGround(server.port, { namespace: 'vault', password }, admin, async () => {
      await server.kill();
      await rm(directory, { recursive: true, force: true });
    });
  },
});
