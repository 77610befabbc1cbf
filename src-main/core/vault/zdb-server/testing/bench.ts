import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { createZdbServer, type ZdbServer, type ZdbServerOptions } from '../server.ts';
import { connectRaw, type RawClient } from './raw-client.ts';

/** A server on loopback for one test, with its own directory. */
export interface ServerBench {
  readonly directory: string;
  readonly server: ZdbServer;
  readonly port: number;
  connect(): Promise<RawClient>;
  /** Close and open again on the same directory. */
  again(options?: Partial<ZdbServerOptions>): Promise<ServerBench>;
  stop(): Promise<void>;
}

const realTimer = (ms: number, fire: () => void): (() => void) => {
  const timer = setTimeout(fire, ms).unref();
  return () => clearTimeout(timer);
};

/** Checking a password takes next to nothing. */
export const cheapPasswords = { passes: 1, memoryKiB: 8 };

export const serverDefaults: Omit<ZdbServerOptions, 'directory'> = {
  now: Date.now,
  random: seededRandom(7),
  setTimer: realTimer,
  log: silentLog,
  passwordCost: cheapPasswords,
};

export async function openServer(options: Partial<ZdbServerOptions> = {}): Promise<ServerBench> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'hypha-zdb-')));
  const server = await createZdbServer({ ...serverDefaults, ...options, directory });
  const port = await server.listen({ port: 0 });
  const clients: RawClient[] = [];
  const close = async (): Promise<void> => {
    for (const client of clients) client.close();
    await server.close();
  };
  return {
    directory,
    server,
    port,
    async connect() {
      const client = await connectRaw(port);
      clients.push(client);
      return client;
    },
    async again(changed = {}) {
      await close();
      return openServer({ ...options, ...changed, directory });
    },
    async stop() {
      await close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
