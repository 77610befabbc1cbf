import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { get, type IncomingHttpHeaders, request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { agentContract, contractVersion } from '#shared/contract/agent.ts';
import type { Face } from '#shared/rpc/contract.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { connect } from '#shared/rpc/peer.ts';
import { webSocketTransport } from '#shared/rpc/transports/web-socket.ts';
import { waitForEnd } from '../cli/wait-for-end.ts';

/* The real daemon as a process of its own, and the real command line beside it. */

const entry = join(import.meta.dirname, 'index.ts');
const cli = join(import.meta.dirname, '..', 'cli', 'index.ts');

let home: string;
let children: ChildProcess[];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hypha-daemon-'));
  children = [];
});
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await rm(home, { recursive: true, force: true });
});

interface Facts {
  url: string;
  port: number;
  pid: number;
  socket: string;
  attached: boolean;
}

function launch(script: string, args: readonly string[]) {
  const child = spawn(process.execPath, [script, ...args], {
    // Sockets of killed daemons go with the test's own folder.
    env: { ...process.env, HYPHA_HOME: home, XDG_RUNTIME_DIR: home, HYPHA_CHECK_OUTPUTS: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  return { child, exit, stdout: child.stdout, stderr: child.stderr };
}

async function start(...args: string[]) {
  const { child, exit, stdout, stderr } = launch(entry, ['--headless', '--json', ...args]);
  const said: string[] = [];
  createInterface({ input: stderr }).on('line', (line) => said.push(line));
  const line = await Promise.race([
    once(createInterface({ input: stdout }), 'line').then(([first]) => String(first)),
    exit.then((code) => {
      throw new Error(`the daemon ended with ${code}: ${said.join('\n')}`);
    }),
  ]);
  const facts = JSON.parse(line) as Facts;
  return {
    ...facts,
    token: facts.url.split('#token=')[1] ?? '',
    origin: `http://127.0.0.1:${facts.port}`,
    said,
    exit,
    child,
    async stop() {
      child.kill('SIGTERM');
      return exit;
    },
  };
}
type Daemon = Awaited<ReturnType<typeof start>>;

async function hypha(...args: string[]) {
  const { exit, stdout, stderr } = launch(cli, args);
  const [code, out, err] = await Promise.all([exit, text(stdout), text(stderr)]);
  return { code, out, err };
}

/** Asks until somebody is there. @returns what they said first; 200 when it was over before */
async function firstAnswer(port: number, over: AbortSignal): Promise<number> {
  while (!over.aborted) {
    const status = await new Promise<number | null>((done) => {
      const asked = get({ host: '127.0.0.1', port, path: '/', agent: false }, (response) => {
        response.resume();
        done(response.statusCode ?? 0);
      });
      asked.on('error', () => done(null));
    });
    if (status !== null) return status;
  }
  return 200;
}

/** One request with exactly these headers; `fetch` would not let Host and Origin be forged. */
function http(port: number, method: string, path: string, headers: Record<string, string>, body?: string) {
  return new Promise<{ status: number; body: string; headers: IncomingHttpHeaders }>((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, async (response) => {
      resolve({ status: response.statusCode ?? 0, body: await text(response), headers: response.headers });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const json = { 'Content-Type': 'application/json' };

async function openSession({ port, origin }: Daemon, token: string, headers: Record<string, string> = {}) {
  const answer = await http(
    port,
    'POST',
    '/session',
    { ...json, Origin: origin, ...headers },
    JSON.stringify({ token }),
  );
  return { status: answer.status, session: answer.status === 200 ? (JSON.parse(answer.body).session as string) : '' };
}

function page(daemon: Daemon, session: string, face: Face = 'ui') {
  const socket = new WebSocket(`ws://127.0.0.1:${daemon.port}/agent`, { origin: daemon.origin });
  return connect(webSocketTransport(socket), {
    contract: agentContract,
    version: contractVersion,
    role: { face, person: true, name: 'Page' },
    token: session,
  });
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no failure',
    (error: unknown) => (isFail(error) ? error.code : String(error)),
  );

/** Status of a refused upgrade. */
function upgradeStatus(port: number, path: string, headers: Record<string, string>) {
  return new Promise<number>((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
    socket.on('error', () => {});
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
  });
}

describe('the headless agent', () => {
  it('lets in who has the link, once, and nobody by another name or from another page', async () => {
    const daemon = await start();
    const { port, origin, token } = daemon;
    const own = { Host: `127.0.0.1:${port}` };

    // DNS rebinding: the browser reaches us under a name that is not ours.
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1']) {
      expect((await http(port, 'GET', '/', { Host: host })).status).toBe(421);
    }
    const foreign = 'http://evil.example';
    expect((await http(port, 'GET', '/', { ...own, Origin: foreign })).status).toBe(403);
    expect((await openSession(daemon, token, { Origin: foreign })).status).toBe(403);
    expect((await openSession(daemon, token, { 'Content-Type': 'text/plain' })).status).toBe(415);
    expect((await http(port, 'POST', '/session', { ...json, ...own }, JSON.stringify({ token }))).status).toBe(403);
    expect((await http(port, 'POST', '/session', { ...json, Origin: origin }, 'x'.repeat(9000))).status).toBe(400);
    expect((await http(port, 'DELETE', '/', own)).status).toBe(405);
    expect((await http(port, 'GET', '/media/0123456789abcdef/x', own)).status).not.toBe(200);
    const shell = await http(port, 'GET', '/', own);
    expect([200, 503]).toContain(shell.status);
    expect(shell.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
    expect(shell.headers['access-control-allow-origin']).toBeUndefined();

    expect((await openSession(daemon, 'guess')).status).toBe(403);
    const { status, session } = await openSession(daemon, token);
    expect(status).toBe(200);
    expect((await openSession(daemon, token)).status).toBe(403);

    expect(await upgradeStatus(port, '/agent', { Origin: foreign })).toBe(403);
    expect(await upgradeStatus(port, '/agent', {})).toBe(403);
    expect(await upgradeStatus(port, '/agent', { Origin: origin, Host: 'evil.example' })).toBe(421);
    expect(await upgradeStatus(port, '/other', { Origin: origin })).toBe(404);
    expect(await codeOf(page(daemon, 'guess'))).toBe('UNAUTHENTICATED');
    expect(await codeOf(page(daemon, token))).toBe('UNAUTHENTICATED');
    expect(await codeOf(page(daemon, session, 'shell'))).toBe('FORBIDDEN');

    const { client, close } = await page(daemon, session);
    expect((await client['system.info']({})).home).toBe(home);
    close();
    // A reload: the same session, a new connection.
    expect((await (await page(daemon, session)).client['system.settings']({})).theme).toBe('system');
    // Nothing of it is in the log.
    const log = await readFile(join(home, 'logs', 'agent.log'), 'utf8');
    expect([log.includes(token), log.includes(session)]).toEqual([false, false]);
  });

  it('keeps its port, its sessions and what it acknowledged over kill -9', async () => {
    const first = await start();
    const { session } = await openSession(first, first.token);
    const before = await page(first, session);
    await before.client['system.configure']({ theme: 'dark' });
    const lost = new Promise<string | undefined>((resolve) => before.onClose((why) => resolve(why?.code)));
    first.child.kill('SIGKILL');
    await first.exit;
    expect(await lost).toBe('DISCONNECTED');
    // What it left behind points at nobody.
    await access(join(home, 'agent.json'));
    expect((await hypha('system', 'info')).code).toBe(3);

    const second = await start();
    expect([second.port, second.attached]).toEqual([first.port, false]);
    expect((await (await page(second, session)).client['system.settings']({})).theme).toBe('dark');
    expect((await openSession(second, first.token)).status).toBe(403);
    expect(await second.stop()).toBe(0);
    await expect(access(join(home, 'agent.json'))).rejects.toThrow();
    await expect(access(second.socket)).rejects.toThrow();
  });

  it('takes another port when its own is taken, and says so', async () => {
    const first = await start();
    await first.stop();
    const squatter = createServer().listen(first.port, '127.0.0.1');
    await once(squatter, 'listening');
    try {
      const second = await start();
      expect(second.port).not.toBe(first.port);
      expect(second.said).toEqual([
        `hypha: Port ${first.port} is taken by another program; using ${second.port} instead.`,
      ]);
    } finally {
      squatter.close();
    }
  });

  it('takes the port it is told to, and refuses what is no port', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    await once(probe, 'close');
    // A page that waited for the agent asks the moment it listens, and is answered as ever.
    const over = new AbortController();
    const waits = Array.from({ length: 32 }, () => firstAnswer(port, over.signal));
    expect((await start('--port', String(port))).port).toBe(port);
    over.abort();
    expect(new Set(await Promise.all(waits))).toEqual(new Set([200]));
    const { exit, stderr } = launch(entry, ['--port', 'many']);
    expect(await Promise.all([exit, text(stderr)])).toEqual([2, expect.stringMatching(/--port takes a number/)]);
  });

  it('runs once when two are started at the same time; the other hands out a link to it', async () => {
    const both = await Promise.all([start(), start()]);
    expect(both.map((d) => d.attached).sort()).toEqual([false, true]);
    const [owner, guest] = both.toSorted((a, b) => Number(a.attached) - Number(b.attached));
    if (!owner || !guest) throw new Error('two were started');
    expect(await guest.exit).toBe(0);
    expect([guest.pid, guest.port]).toEqual([owner.pid, owner.port]);
    expect(guest.said).toEqual([`hypha: Hypha already runs on ${home} (process ${owner.pid}).`]);
    expect((await openSession(owner, guest.token)).status).toBe(200);
  });

  it.skipIf(process.platform === 'win32')('lets only its owner at the local socket', async () => {
    const { socket } = await start();
    const info = await stat(socket);
    expect([info.isSocket(), info.mode & 0o777]).toEqual([true, 0o600]);
    expect((await stat(join(socket, '..'))).mode & 0o777).toBe(0o700);
  });

  it('serves the command line, from start to stop', async () => {
    const started = await hypha('start', '--json');
    expect([started.code, started.err]).toEqual([0, '']);
    const { pid, attached } = JSON.parse(started.out) as Facts;
    expect(attached).toBe(false);
    try {
      const info = await hypha('system', 'info', '--json');
      expect([info.code, JSON.parse(info.out).pid]).toEqual([0, pid]);
      expect((await hypha('url')).out).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}\n$/);
    } finally {
      expect((await hypha('stop')).code).toBe(0);
    }
    // It has ended, not only gone silent.
    expect(await waitForEnd(pid, 0)).toBe(true);
    expect((await hypha('system', 'info', '--json')).code).toBe(3);
  });
});
