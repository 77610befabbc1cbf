import '../local/io-threads.ts';
import '../local/small-heap.ts';

import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path, { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createAgent } from '#core/agent.ts';
import type { Logger } from '#core/host.ts';
import { type Fail, fail, isFail } from '#shared/rpc/fail.ts';
import { openInBrowser } from '../local/browser.ts';
import { resolveHome } from '../local/home.ts';
import { connectLocal } from '../local/local-client.ts';
import { openLog } from '../local/log.ts';
import { shippedPaths } from '../local/paths.ts';
import { settleHeapSoon } from '../local/small-heap.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { createDaemonHost } from './host.ts';
import { startFailure } from './start-failure.ts';

/*
 * The headless agent: `node src-main/daemon/index.ts [--home DIR] [--port N] [--headless] [--json]`.
 *
 * Prints the interface's one-time URL and, unless --headless, opens it in the browser. With --json prints one line
 * {"url","port","home","pid","socket","attached"} and nothing else on stdout. Exit codes: 0 stopped in order, or an
 * agent already runs here; 1 it could not start; 2 wrong arguments.
 */

const say = (line: string) => process.stderr.write(`hypha: ${line}\n`);

/** @returns the exit code. */
function sayFailure({ message, meaning, next }: Fail): number {
  for (const line of [message, meaning, next]) if (line) say(line);
  return 1;
}

interface Arguments {
  home: string | undefined;
  port: number | null;
  headless: boolean;
  json: boolean;
}

function readArguments(): Arguments | null {
  try {
    const { values } = parseArgs({
      options: {
        home: { type: 'string' },
        port: { type: 'string' },
        headless: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const port = values.port === undefined ? null : Number(values.port);
    if (port !== null && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
      throw new Error(`--port takes a number from 0 to 65535, not ${values.port}`);
    }
    return { home: values.home, port, headless: values.headless, json: values.json };
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    say('usage: [--home DIR] [--port N] [--headless] [--json]');
    return null;
  }
}

async function show(url: string, given: Arguments, facts: { home: string } & Record<string, unknown>): Promise<void> {
  if (given.json) {
    process.stdout.write(`${JSON.stringify({ url, ...facts })}\n`);
    return;
  }
  process.stdout.write(`${url}\n`);
  if (given.headless) return;
  if (!(await openInBrowser({ home: facts.home, url }))) say('Open this link in a browser on this computer.');
}

/** Tasks get ten seconds to come to rest; what takes longer than this is stuck, and what was acknowledged is durable. */
const stopWithinMs = 30_000;

/** How long an owner that cannot be reached may take: it is starting, or just stopping. */
const ownerWithinMs = 15_000;
const lookEveryMs = 100;

/** Own the data directory, or find who does. Two that start at once both get here: one runs, the other attaches. */
async function startOrAttach(
  start: () => Promise<Daemon | null>,
  attachOnce: () => Promise<number | Fail>,
): Promise<Daemon | number> {
  const deadline = Date.now() + ownerWithinMs;
  for (;;) {
    const daemon = await start();
    if (daemon) return daemon;
    const outcome = await attachOnce();
    if (!isFail(outcome)) return outcome;
    if (Date.now() > deadline || !['NOT_RUNNING', 'DISCONNECTED'].includes(outcome.code)) throw outcome;
    await sleep(lookEveryMs);
  }
}

/** Somebody else owns the data directory: hand out a link to that agent and say in one line who it is. */
async function attach(home: string, given: Arguments): Promise<number | Fail> {
  try {
    const { connection, pointer } = await connectLocal(home, { face: 'cli', person: true, name: 'Terminal' });
    try {
      const { url } = await connection.client['system.link']({});
      say(`Hypha already runs on ${home} (process ${pointer.pid}).`);
      await show(url, given, { port: pointer.port, home, pid: pointer.pid, socket: pointer.socket, attached: true });
      return 0;
    } finally {
      connection.close();
    }
  } catch (error) {
    if (!isFail(error)) throw error;
    return fail(error.code, `Another process owns ${home} and cannot be reached. ${error.message}`, {
      next: error.code === 'VERSION_MISMATCH' ? error.next : 'Wait until it has ended, or end it.',
    });
  }
}

async function main(): Promise<number> {
  const given = readArguments();
  if (!given) return 2;
  const home = resolveHome({
    asked: given.home,
    env: process.env,
    platform: process.platform,
    homedir: homedir(),
    cwd: process.cwd(),
    path,
  });
  const shipped = shippedPaths(import.meta.dirname);
  const { version } = JSON.parse(await readFile(shipped.packageFile, 'utf8')) as { version: string };
  let log: Logger;
  try {
    log = openLog({ directory: join(home, 'logs') });
  } catch (error) {
    return sayFailure(startFailure(error, home));
  }
  process.on('unhandledRejection', (error) => {
    // One lost promise must not take running work down; it is a fault all the same, and is written down.
    log.error({ error }, 'a promise was rejected and nobody looked');
  });
  const host = createDaemonHost(shipped.resources);
  const ended = Promise.withResolvers<void>();
  const requestStop = () => ended.resolve();
  process.on('SIGTERM', requestStop);
  process.on('SIGINT', requestStop);
  // A terminal that goes away does not take the agent with it.
  process.on('SIGHUP', () => {});

  const start = () =>
    startDaemon({
      home,
      port: given.port,
      version,
      renderer: shipped.renderer,
      host,
      log,
      env: process.env,
      checkOutputs: process.env.HYPHA_CHECK_OUTPUTS === '1',
      // The answer to system.stop goes out before the connections are ended.
      makeAgent: ({ link, sessions }) =>
        createAgent(host, { home, version, log, link, sessions, onStopRequested: () => setImmediate(requestStop) }),
    });
  let daemon: Daemon;
  try {
    const outcome = await startOrAttach(start, () => attach(home, given));
    if (typeof outcome === 'number') return outcome;
    daemon = outcome;
  } catch (error) {
    return sayFailure(startFailure(error, home));
  }
  settleHeapSoon();
  for (const notice of daemon.notices) say(notice);
  await show(daemon.link(), given, {
    port: daemon.port,
    home,
    pid: process.pid,
    socket: daemon.socket,
    attached: false,
  });
  await ended.promise;
  const late = setTimeout(() => {
    log.error({ withinMs: stopWithinMs }, 'stopping took too long and was broken off');
    process.exit(1);
  }, stopWithinMs);
  await daemon.stop();
  clearTimeout(late);
  return 0;
}

// Who started us may stop reading what we say, as `hypha start` does; that is no reason to end.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

process.exitCode = await main();
// Whatever still holds the process (an idle socket, a child's pipe) is nothing to wait for after an orderly stop.
process.exit();
