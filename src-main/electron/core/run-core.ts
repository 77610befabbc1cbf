import type { Caller } from '#core/broker/handlers.ts';
import type { Host, Logger } from '#core/host.ts';
import { makeDirectory } from '#core/store/make-directory.ts';
import type { Dispatcher } from '#shared/rpc/dispatcher.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Transport } from '#shared/rpc/transport.ts';
import { createConnections, type Decide } from '../../local/connections.ts';
import { serveLocalSocket } from '../../local/local-socket.ts';
import { lockHome } from '../../local/lock.ts';
import { removePointer, writePointer } from '../../local/pointer.ts';
import { ownRuntimeDirectory, socketAddress } from '../../local/socket-path.ts';

export interface CoreOptions {
  readonly home: string;
  readonly version: string;
  readonly host: Host;
  readonly log: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
  makeAgent(): Promise<{ readonly dispatcher: Dispatcher<Caller>; start(): Promise<void>; stop(): Promise<void> }>;
}

export interface RunningCore {
  readonly socket: string;
  /** Serve a port that main handed over. */
  serve(transport: Transport, face: 'ui' | 'shell'): void;
  stop(): Promise<void>;
}

/** Main says whose port it is; what the other side says of itself must agree. */
const decidePort =
  (face: 'ui' | 'shell'): Decide =>
  ({ role }) =>
    role.face === face
      ? { face, person: face === 'ui', name: face === 'ui' ? 'Hypha window' : 'Hypha app' }
      : fail('FORBIDDEN', `This port is for the face ${face}.`);

/**
 * Run the agent in Electron's utility process: lock, agent, local socket, and last the pointer by which others find
 * it. Null when another process owns the data directory.
 */
export async function runCore(options: CoreOptions): Promise<RunningCore | null> {
  const { home, version, host, log, env } = options;
  await makeDirectory(home);
  const lock = lockHome(home);
  if (!lock) return null;
  const undo: (() => void | Promise<void>)[] = [() => lock.release()];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        log.error({ error }, 'a step of stopping failed');
      }
    }
  };
  try {
    const agent = await options.makeAgent();
    undo.push(() => agent.stop());
    await agent.start();
    const connections = createConnections({ dispatcher: agent.dispatcher, host, log, checkOutputs: false });
    const address = socketAddress({
      home,
      platform: process.platform,
      runtimeDirectory: ownRuntimeDirectory(env),
      random: host.random,
    });
    const local = await serveLocalSocket(address, connections);
    undo.push(() => local.close());
    undo.push(() =>
      connections.closeAll(fail('DISCONNECTED', 'Hypha is being quit.', { next: 'Start Hypha again to go on.' })),
    );
    await writePointer(home, { pid: process.pid, socket: address, port: null, version, startedAt: host.now() });
    undo.push(() => removePointer(home));
    log.info({ pid: process.pid, version }, 'started in the app');
    return {
      socket: address,
      serve: (transport, face) => void connections.add(transport, decidePort(face)),
      stop,
    };
  } catch (error) {
    log.error({ error }, 'the agent could not start');
    await stop();
    throw error;
  }
}
