import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setRealTimer } from '../../remote/testing/real-timer.ts';
import { connectZdb } from '../../remote/zdb/client.ts';
import { formatIp } from '../address.ts';
import { createBackends } from '../backends.ts';
import { parseConfig } from '../config.ts';
import { createEngine, type Engine } from '../engine.ts';
import { createObjects, type Objects } from '../objects.ts';
import { configText } from './config-text.ts';
import { type SmallZdb, startSmallZdb } from './small-zdb.ts';

/** Four 0-dbs for metadata and some for data, and the objects on them. */
export interface Deployment {
  readonly metadata: SmallZdb[];
  readonly data: SmallZdb[];
  readonly config: string;
  readonly objects: Objects;
  /** The same, over an engine that does something else. */
  objectsWith(change: (engine: Engine) => Engine): Objects;
  /** What lies in the directory for what is under way. */
  left(): Promise<string[]>;
  close(): Promise<void>;
}

export const deploymentKey = Uint8Array.from({ length: 32 }, (_, i) => 255 - i);

/** @param groups how many backends each group of data has */
export async function startDeployment(
  k: number,
  parity: number,
  groups: readonly number[],
  thread = false,
): Promise<Deployment> {
  const directory = await mkdtemp(join(tmpdir(), 'hypha-zstor-'));
  const metadata = await Promise.all([1, 2, 3, 4].map(() => startSmallZdb('user')));
  const byGroup = await Promise.all(
    groups.map((n) => Promise.all(Array.from({ length: n }, () => startSmallZdb('sequential')))),
  );
  const config = configText({ k, parity, key: deploymentKey, metadata, groups: byGroup, redundantNodes: 0 });
  const random = (n: number): Uint8Array => crypto.getRandomValues(new Uint8Array(n));
  const backends = createBackends(({ address, namespace, password }) =>
    connectZdb(
      { host: formatIp(address.ip), port: address.port },
      { namespace: namespace ?? undefined, password: password ?? undefined, setTimer: setRealTimer, connectMs: 2000 },
    ),
  );
  const engine = createEngine(thread);
  let names = 0;
  const spool = { directory, name: () => join(directory, `s${++names}`) };
  const data = byGroup.flat();
  const objectsWith = (change: (engine: Engine) => Engine): Objects =>
    createObjects({ config: parseConfig(config), backends, engine: change(engine), random, spool });
  return {
    metadata,
    data,
    config,
    objects: objectsWith((same) => same),
    objectsWith,
    left: () => readdir(directory),
    async close() {
      await backends.close();
      await engine.close();
      await Promise.all([...metadata, ...data].map((zdb) => zdb.close().catch(() => {})));
      await rm(directory, { recursive: true, force: true });
    },
  };
}
