import { setRealTimer } from '../../remote/testing/real-timer.ts';
import { connectZdb } from '../../remote/zdb/client.ts';
import { openServer, type ServerBench } from '../../zdb-server/testing/bench.ts';

export const lentPassword = 'lent';

/** Hypha's own 0-db server with one namespace for zstor's metadata and one for its data, as an owner lends them out. */
export async function startLentStorage(): Promise<ServerBench> {
  const bench = await openServer({ admin: 'owner', sync: { kind: 'rotate' } });
  const owner = connectZdb({ host: '127.0.0.1', port: bench.port }, { setTimer: setRealTimer });
  await owner.command('AUTH', 'owner');
  for (const [name, mode] of [
    ['meta', 'user'],
    ['data', 'seq'],
  ] as const) {
    await owner.command('NSNEW', name);
    await owner.command('NSSET', name, 'mode', mode);
    await owner.command('NSSET', name, 'password', lentPassword);
    await owner.command('NSSET', name, 'public', '0');
  }
  await owner.close();
  return bench;
}

/** Where the metadata and the data of a deployment on these lie: each server is a backend of both, the first four of metadata. */
export function onLentStorage(ports: readonly number[]) {
  const at = (namespace: string) => ports.map((port) => ({ port, namespace, password: lentPassword }));
  return { metadata: at('meta').slice(0, 4), groups: [at('data')] };
}
