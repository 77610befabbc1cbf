import { backendConformance } from '../../places/backend-conformance.ts';
import { openServer } from '../../zdb-server/testing/bench.ts';
import { realDeps } from '../testing/deps.ts';
import { zdbGround } from '../testing/zdb-ground.ts';
import { connectZdb } from './client.ts';

backendConformance('0-db, served by a Hypha', {
  async prepare() {
    const bench = await openServer({ datasize: 4 * 1024 * 1024 });
    const admin = connectZdb({ host: '127.0.0.1', port: bench.port }, { setTimer: realDeps.host.setTimer });
    await admin.command('NSNEW', 'vault');
    await admin.command('NSSET', 'vault', 'password', 'secret');
    await admin.command('NSSET', 'vault', 'public', '0');
    return zdbGround(bench.port, { namespace: 'vault', password: 'secret' }, admin, () => bench.stop());
  },
});
