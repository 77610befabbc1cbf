import { wipe } from '#core/crypto/wipe.ts';
import type { Core } from '../core.ts';
import { dialTcp } from '../remote/resp/dial.ts';
import { connectZdb } from '../remote/zdb/client.ts';
import { pacedDial, pacedZdb } from '../traffic/traffic.ts';
import { formatIp } from '../zstor/address.ts';
import { createBackends } from '../zstor/backends.ts';
import type { ConfigFile } from '../zstor/config-file.ts';
import { createEngine } from '../zstor/engine.ts';
import { createObjects, type Objects } from '../zstor/objects.ts';
import type { DialZdb } from '../zstor/ports.ts';
import { openSpoolRoom } from '../zstor/spool-room.ts';

/** Work with the objects of a deployment; its connections, its thread and what it kept on the disk end with the work. */
export async function withObjects<T>(
  core: Core,
  { config }: ConfigFile,
  work: (objects: Objects) => Promise<T>,
): Promise<T> {
  const { host, home, workers, traffic } = core.deps;
  const dial: DialZdb = ({ address, namespace, password }) => {
    const to = { host: formatIp(address.ip), port: address.port };
    const options = { namespace: namespace ?? undefined, password: password ?? undefined, setTimer: host.setTimer };
    if (traffic === undefined) return connectZdb(to, options);
    return pacedZdb(traffic, connectZdb({ dial: pacedDial(traffic, dialTcp(to)) }, options));
  };
  const room = await openSpoolRoom(home, host.random);
  const backends = createBackends(dial);
  const engine = createEngine(workers !== 0);
  try {
    return await work(createObjects({ config, backends, engine, random: host.random, spool: room }));
  } finally {
    await backends.close();
    await engine.close();
    room.close();
    wipe(config.key);
  }
}
