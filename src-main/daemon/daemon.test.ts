import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Caller } from '#core/broker/handlers.ts';
import type { Logger } from '#core/host.ts';
import type { WebSessions } from '#core/system.ts';
import { agentContract, contractVersion } from '#shared/contract/agent.ts';
import type { ItemId } from '#shared/model/ids.ts';
import type { Dispatcher } from '#shared/rpc/dispatcher.ts';
import { doubleOf } from '#shared/rpc/double.ts';
import { fail } from '#shared/rpc/fail.ts';
import { connect } from '#shared/rpc/peer.ts';
import { webSocketTransport } from '#shared/rpc/transports/web-socket.ts';
import { connectLocal } from '../local/local-client.ts';
import { type Pointer, readPointer, writePointer } from '../local/pointer.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { createDaemonHost } from './host.ts';

const content = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);
const ticket = 'a-ticket-of-16-or-more';

let folder: string;
let daemon: Daemon | null = null;
let asked: { face: string; method: string; input: unknown }[];
let aborted: PromiseWithResolvers<void>;
let stops: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hypha-http-'));
  await mkdir(join(folder, 'renderer', 'assets'), { recursive: true });
  await writeFile(join(folder, 'renderer', 'index.html'), '<!doctype html><title>Hypha</title>');
  await writeFile(join(folder, 'renderer', 'assets', 'app-1.js'), 'export {};');
  asked = [];
  stops = 0;
  aborted = Promise.withResolvers();
});
afterEach(async () => {
  await daemon?.stop();
  daemon = null;
  await rm(folder, { recursive: true, force: true });
});

/** Where others are sent while the agent starts. */
let pointerMeanwhile: Pointer | null;
let webSessions: WebSessions | undefined;

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

async function start(file: { name?: string; mime?: string; size?: number } = {}, startFails = false): Promise<string> {
  const double = doubleOf(agentContract, {
    'vault.redeem': (input) => {
      if (input.ticket !== ticket) throw fail('NOT_FOUND', 'No such ticket.');
      return {
        item: 'i1' as ItemId,
        name: 'film.mp4',
        mime: 'video/mp4',
        size: content.length,
        disposition: 'inline',
        ...file,
      };
    },
    'vault.readTicket': async function* ({ offset, length }, signal) {
      signal.addEventListener('abort', () => aborted.resolve());
      if (file.size && file.size > content.length) for (;;) yield content;
      for (let at = offset; at < offset + length; at += 7000) {
        yield content.subarray(at, Math.min(at + 7000, offset + length));
      }
    },
  });
  const dispatcher: Dispatcher<Caller> = {
    ...double,
    invoke: (caller, method, input, signal) => {
      asked.push({ face: caller.face, method, input });
      return double.invoke(caller, method, input, signal);
    },
  };
  daemon = await startDaemon({
    home: join(folder, 'home'),
    port: null,
    version: '0',
    renderer: join(folder, 'renderer'),
    host: createDaemonHost(''),
    log: silent,
    env: process.env,
    checkOutputs: true,
    makeAgent: async ({ sessions }) => ({
      dispatcher,
      start: async () => {
        webSessions = sessions;
        pointerMeanwhile = await readPointer(join(folder, 'home'));
        if (startFails) throw new Error('it cannot');
      },
      stop: async () => {
        stops += 1;
      },
    }),
  });
  return `http://127.0.0.1:${daemon?.port}`;
}

it('sends nobody to an agent that is only half up, whatever a crash left behind', async () => {
  await mkdir(join(folder, 'home'), { mode: 0o700 });
  const stale = { pid: 1, socket: '/nowhere', port: 80, version: '0', startedAt: 0 };
  await writePointer(join(folder, 'home'), stale);
  await start();
  expect(pointerMeanwhile).toBeNull();
  expect(await readPointer(join(folder, 'home'))).toMatchObject({ pid: process.pid, port: daemon?.port });
});

it('starts where its port cannot be remembered, and says so', async () => {
  await mkdir(join(folder, 'home'), { mode: 0o700 });
  await mkdir(join(folder, 'home', 'port'));
  await start();
  expect(daemon?.notices).toEqual([
    expect.stringMatching(/could not be kept in .*port; the next start may use another/),
  ]);
});

describe('the daemon’s web server', () => {
  it('serves the built interface, pages and hashed assets', async () => {
    const origin = await start();
    for (const path of ['/', '/vault', '/index.html']) {
      const page = await fetch(origin + path);
      expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-cache']);
      expect(await page.text()).toMatch(/Hypha/);
    }
    const script = await fetch(`${origin}/assets/app-1.js`);
    expect(script.headers.get('content-type')).toMatch(/javascript/);
    expect(script.headers.get('cache-control')).toMatch(/immutable/);
    expect((await fetch(`${origin}/assets/none.js`)).status).toBe(404);
    expect((await fetch(`${origin}/`, { method: 'HEAD' })).headers.get('content-length')).not.toBe('0');
  });

  it('streams a file of the vault to who has its ticket, in ranges', async () => {
    const origin = await start();
    const url = `${origin}/media/${ticket}/film.mp4`;
    const whole = await fetch(url);
    expect([whole.status, whole.headers.get('content-type')]).toEqual([200, 'video/mp4']);
    expect(whole.headers.get('content-security-policy')).toMatch(/sandbox/);
    expect(Buffer.from(await whole.arrayBuffer()).equals(content)).toBe(true);
    const part = await fetch(url, { headers: { Range: 'bytes=50000-50009' } });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 50000-50009/100000']);
    expect(new Uint8Array(await part.arrayBuffer())).toEqual(content.slice(50_000, 50_010));
    expect((await fetch(url, { headers: { Range: 'bytes=100000-' } })).status).toBe(416);
    expect((await fetch(`${origin}/media/another-ticket-of-16/x`)).status).toBe(404);
    expect((await fetch(url, { headers: { 'Sec-Fetch-Site': 'cross-site' } })).status).toBe(403);
    // The web server asks as the hosting shell, which may only read.
    expect(new Set(asked.map(({ face }) => face))).toEqual(new Set(['shell']));
  });

  it('stops reading when the browser leaves in the middle', async () => {
    const origin = await start({ size: 2 ** 40 });
    const leave = new AbortController();
    const answer = await fetch(`${origin}/media/${ticket}/x`, { signal: leave.signal });
    await answer.body?.getReader().read();
    leave.abort();
    await aborted.promise;
  });

  it('lists the browsers that may come in, and disconnects those that are logged out', async () => {
    const origin = await start();
    const open = async () => {
      const token = new URLSearchParams(new URL(daemon?.link() ?? '').hash.slice(1)).get('token');
      const answer = await fetch(`${origin}/session`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Origin: origin },
        body: JSON.stringify({ token }),
      });
      const { session } = (await answer.json()) as { session: string };
      return session;
    };
    const page = (token: string) =>
      connect(webSocketTransport(new WebSocket(`${origin.replace('http', 'ws')}/agent`, { origin })), {
        contract: agentContract,
        version: contractVersion,
        role: { face: 'ui', person: true, name: 'Page' },
        token,
      });
    const [kept, ended] = [await open(), await open()];
    const pages = [await page(kept), await page(ended)];
    const listed = webSessions?.list() ?? [];
    expect(listed).toHaveLength(2);
    const why = new Promise((resolve) => pages[1]?.onClose((failure) => resolve(failure?.code)));
    const digest = createHash('sha256').update(ended).digest('hex');
    expect(await webSessions?.end([listed.find(({ id }) => digest.startsWith(id))?.id ?? ''])).toBe(1);
    expect(await why).toBe('UNAUTHENTICATED');
    expect(pages[0]?.open).toBe(true);
    await expect(page(ended)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    for (const each of pages) each.close();
  });

  it('tells clients that it stops, stops the agent once, and frees everything', async () => {
    await start();
    const home = join(folder, 'home');
    const { connection } = await connectLocal(home, { face: 'cli', person: false, name: 'x' });
    const why = new Promise((resolve) => connection.onClose((failure) => resolve(failure?.message)));
    await Promise.all([daemon?.stop(), daemon?.stop()]);
    expect(await why).toBe('The agent is stopping.');
    expect(stops).toBe(1);
    await start();
    expect(daemon).not.toBeNull();
  });

  it('releases the data directory when the agent cannot start', async () => {
    await expect(start({}, true)).rejects.toThrow('it cannot');
    expect(stops).toBe(1);
    await start();
    expect(daemon).not.toBeNull();
  });
});
