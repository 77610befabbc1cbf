import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Caller } from '#core/broker/handlers.ts';
import type { Host, Logger } from '#core/host.ts';
import { makeDirectory } from '#core/store/make-directory.ts';
import type { WebSessions } from '#core/system.ts';
import type { Dispatcher } from '#shared/rpc/dispatcher.ts';
import { fail } from '#shared/rpc/fail.ts';
import { removeBrowserPage } from '../local/browser.ts';
import { createConnections } from '../local/connections.ts';
import { serveLocalSocket } from '../local/local-socket.ts';
import { lockHome } from '../local/lock.ts';
import { removePointer, writePointer } from '../local/pointer.ts';
import { ownRuntimeDirectory, socketAddress } from '../local/socket-path.ts';
import { openAuth } from './auth.ts';
import { createHttpServer } from './http.ts';
import { listenOnLoopback } from './port.ts';
import { decideWeb, noSession } from './web-role.ts';
import { attachWebSocket } from './websocket.ts';

/** The agent as the daemon sees it; `createAgent` of the core makes one. */
export interface RunningAgent {
  readonly dispatcher: Dispatcher<Caller>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface DaemonOptions {
  readonly home: string;
  /** Port asked for; null: the one of the last start, or any. */
  readonly port: number | null;
  readonly version: string;
  /** Directory of the built interface. */
  readonly renderer: string;
  readonly host: Host;
  readonly log: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Check answers against the contract; for development and tests. */
  readonly checkOutputs: boolean;
  /** `link` makes a fresh one-time URL of the interface. */
  makeAgent(shell: { link(): string; sessions: WebSessions }): Promise<RunningAgent>;
}

export interface Daemon {
  readonly port: number;
  readonly socket: string;
  /** Lines the person should see about this start. */
  readonly notices: readonly string[];
  /** A fresh one-time URL. */
  link(): string;
  /** End connections, flush the agent, release the data directory. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Run an agent on a data directory: lock, agent, local socket, web server, and last the pointer by which others find it.
 *
 * @returns null when another process owns the data directory.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon | null> {
  const { home, version, host, log } = options;
  await makeDirectory(home);
  const lock = lockHome(home);
  if (!lock) return null;
  // Undone in reverse order, when stopping as when a step of starting fails.
  const undo: (() => void | Promise<void>)[] = [() => lock.release()];
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      const errors: unknown[] = [];
      for (const step of undo.splice(0).reverse()) {
        try {
          await step();
        } catch (error) {
          errors.push(error);
          log.error({ error }, 'a step of stopping failed');
        }
      }
      log.info({ failed: errors.length }, 'stopped');
    })();
    return stopping;
  };

  try {
    // Left over from a crash: who follows it meanwhile would find an agent that is only half up, under another's number.
    await removePointer(home);
    const auth = await openAuth({ path: join(home, 'sessions.json'), now: host.now, random: host.random });
    const link = () => `http://127.0.0.1:${port()}/#token=${auth.newLink()}`;
    let dropEnded = () => {};
    const sessions: WebSessions = {
      list: auth.list,
      async end(ids) {
        const ended = await auth.end(ids);
        // After the answer: the page that asked may be one of those it ends.
        setImmediate(() => dropEnded());
        return ended;
      },
    };
    const agent = await options.makeAgent({ link, sessions });
    undo.push(() => agent.stop());
    await agent.start();

    const makeConnections = () =>
      createConnections({ dispatcher: agent.dispatcher, host, log, checkOutputs: options.checkOutputs });
    // Counted apart: another account can open loopback ports, and must not use up what the local socket has.
    const localConnections = makeConnections();
    const webConnections = makeConnections();
    const address = socketAddress({
      home,
      platform: process.platform,
      runtimeDirectory: ownRuntimeDirectory(options.env),
      random: host.random,
    });
    const local = await serveLocalSocket(address, localConnections);
    undo.push(() => local.close());

    const server = createHttpServer({
      renderer: options.renderer,
      auth,
      dispatcher: agent.dispatcher,
      log,
      port: () => port(),
    });
    /** As the server itself knows it: a page that waits for us asks the moment it listens. */
    const port = (): number => (server.address() as AddressInfo | null)?.port ?? 0;
    const web = attachWebSocket({ server, connections: webConnections, decide: decideWeb(auth.check), port });
    const listening = await listenOnLoopback(server, home, options.port);
    undo.push(
      () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    );
    dropEnded = () => web.drop((token) => !auth.check(token), noSession());
    undo.push(() => web.close());
    // First of all: nobody is cut off in the middle without a word.
    undo.push(async () => {
      const why = stoppingFailure();
      await Promise.all([localConnections.closeAll(why), webConnections.closeAll(why)]);
    });

    await writePointer(home, { pid: process.pid, socket: address, port: port(), version, startedAt: host.now() });
    undo.push(
      () => removePointer(home),
      () => removeBrowserPage(home),
    );
    log.info({ port: port(), pid: process.pid, version }, 'started');
    return { port: port(), socket: address, notices: listening.notice ? [listening.notice] : [], link, stop };
  } catch (error) {
    log.error({ error }, 'the agent could not start');
    await stop();
    throw error;
  }
}

function stoppingFailure() {
  return fail('DISCONNECTED', 'The agent is stopping.', {
    meaning: 'What was acknowledged is safe. Machines go on running.',
    next: 'Start Hypha again to go on.',
  });
}
