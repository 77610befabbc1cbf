import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { opensshHostKey, publicHostKey } from '#core/machines/images/ssh-host-key.ts';
import { loopbackListener } from './proxy/loopback-ports.ts';
import { meshDialer } from './proxy/mesh-ports.ts';
import { openRelay } from './proxy/relay.ts';
import { openSocks } from './proxy/socks-server.ts';
import { TcpServer } from './tcp-server.ts';
import { connectSocket, dialSocket, type TcpSocket } from './tcp-socket.ts';
import { READY_PORT } from './testing/guest-script.ts';
import { realClock } from './testing/memory-link.ts';
import { type MicroGuest, missingGuestParts, startGuest } from './testing/micro-guest.ts';

const missing = await missingGuestParts();
if (missing !== null) console.log(`Interop with Linux TCP is skipped: ${missing}.`);

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const execute = promisify(execFile);
const MIB = 1_048_576;

/** Whether a program is on this computer. */
async function has(program: string, ...version: string[]): Promise<boolean> {
  return execute(program, version).then(
    () => true,
    () => false,
  );
}

const programs = { ssh: await has('ssh', '-V'), curl: await has('curl', '--version') };
for (const [name, there] of Object.entries(programs))
  if (!there) console.log(`Its test is skipped: ${name} is not installed.`);

describe.skipIf(missing !== null)('against the TCP of Linux', () => {
  let guest: MicroGuest;
  const servers: TcpServer[] = [];
  const closers: (() => Promise<unknown>)[] = [];
  const [hostKey, clientKey] = [randomBytes(32), randomBytes(32)];

  /** A web server on our address. */
  function serve(port: number, handler: http.RequestListener): void {
    const web = http.createServer(handler);
    servers.push(new TcpServer(guest.stack, { port }, (socket) => void web.emit('connection', socket)));
  }

  /** One request to the guest's web server. */
  async function ask(path: string, body?: Uint8Array): Promise<Buffer> {
    const socket = connectSocket(guest.stack, { address: guest.address, port: 80 });
    const request = http.request({
      ...{ path, method: body === undefined ? 'GET' : 'POST', host: 'guest', createConnection: () => socket as never },
      headers: { connection: 'close', ...(body === undefined ? {} : { 'content-length': body.length }) },
    });
    const answer = new Promise<http.IncomingMessage>((resolve, reject) => {
      request.once('response', resolve);
      request.once('error', reject);
    });
    request.end(body);
    return collect(await answer);
  }

  /** Run a command in the guest. */
  const run = async (command: string): Promise<string> =>
    (await ask('/cgi-bin/run', Buffer.from(`${command}\n`))).toString();

  beforeAll(async () => {
    guest = await startGuest({ hostKey, sshKeys: [publicHostKey(clientKey)] });
    await new Promise<void>((resolve) => {
      serve(READY_PORT, (_request, response) => {
        response.end('ready');
        resolve();
      });
    });
  }, 120_000);

  afterAll(async () => {
    for (const close of closers) await close();
    for (const server of servers) server.closeAllConnections();
    await guest?.close();
  });

  it('answers its ping, and is answered', async () => {
    expect(await run('ping6 -c 3 -i 0.2 -s 1000 400:a::1')).toMatch(/3 packets transmitted, 3 packets received/);
    expect(await guest.stack.ping(guest.address, { size: 1000 })).toMatchObject({ kind: 'reply' });
  });

  it('agrees with it on SACK, timestamps and window scaling', async () => {
    const connection = guest.stack.connect(guest.address, 80);
    await new Promise<void>((resolve) => {
      connection.onEvents = () => resolve();
    });
    expect(connection.tcb).toMatchObject({ state: 'established', sackOk: true, timestampsOk: true });
    expect(connection.tcb.sendScale).toBeGreaterThanOrEqual(0);
    connection.abort();
  });

  it('is refused at a closed port, and refuses at one', async () => {
    await expect(dialSocket(guest.stack, { address: guest.address, port: 81 })).rejects.toMatchObject({
      code: 'REFUSED',
    });
    expect(await run("wget -q -O - 'http://[400:a::1]:81/' ; true")).toMatch(/refused/);
  });

  for (const loss of [0, 0.02]) {
    const condition = loss === 0 ? 'on a clean link' : `with ${loss * 100} % lost each way`;

    it(`fetches 4 MiB ${condition}`, async () => {
      const sum = (await ask('/blob.sum')).toString().slice(0, 64);
      guest.setLoss(loss);
      const blob = await ask('/blob');
      guest.setLoss(0);
      expect(blob.length).toBe(4 * MIB);
      expect(sha256(blob)).toBe(sum);
    });

    it(`sends 4 MiB ${condition}`, async () => {
      const blob = randomBytes(4 * MIB);
      guest.setLoss(loss);
      const answer = await ask('/cgi-bin/sum', blob);
      guest.setLoss(0);
      expect(answer.toString().slice(0, 64)).toBe(sha256(blob));
    });

    it(`is connected to by wget, which takes 4 MiB ${condition}`, async () => {
      const blob = randomBytes(4 * MIB);
      serve(9000 + loss * 100, (_request, response) => void response.end(blob));
      guest.setLoss(loss);
      const answer = await run(`wget -q -O - 'http://[400:a::1]:${9000 + loss * 100}/' | sha256sum`);
      guest.setLoss(0);
      expect(answer.slice(0, 64)).toBe(sha256(blob));
    });

    it(`echoes both ways at once through nc ${condition}`, async () => {
      const blob = randomBytes(MIB);
      guest.setLoss(loss);
      const socket = await dialSocket(guest.stack, { address: guest.address, port: 7, allowHalfOpen: true });
      // Half-close: our end is said before the last of the echo has come.
      socket.end(blob);
      const echo = await collect(socket);
      guest.setLoss(0);
      expect(sha256(echo)).toBe(sha256(blob));
    });
  }

  it.skipIf(!programs.ssh)('is the way of ssh into it, through a forward', async () => {
    const dialer = meshDialer(guest.stack, async () => [guest.address]);
    const relay = await openRelay({ listener: loopbackListener(0), dialer, target: { host: 'peer.hypha', port: 22 } });
    const dir = await mkdtemp(join(tmpdir(), 'hy-ssh-'));
    closers.push(relay.close, () => rm(dir, { recursive: true }));
    await writeFile(join(dir, 'key'), opensshHostKey(clientKey, 1), { mode: 0o600 });
    await writeFile(join(dir, 'known'), `peer ${publicHostKey(hostKey)}\n`);
    const blob = randomBytes(MIB);
    const ssh = spawn('ssh', [
      ...[
        '-F',
        'none',
        '-p',
        String(relay.port),
        '-i',
        join(dir, 'key'),
        '-o',
        'IdentitiesOnly=yes',
        '-o',
        'BatchMode=yes',
      ],
      ...[
        '-o',
        'HostKeyAlias=peer',
        '-o',
        `UserKnownHostsFile=${join(dir, 'known')}`,
        '-o',
        'StrictHostKeyChecking=yes',
      ],
      ...['root@127.0.0.1', 'sha256sum'],
    ]);
    ssh.stdin.end(blob);
    const [said, complained] = await Promise.all([collect(ssh.stdout), collect(ssh.stderr)]);
    expect(said.toString().slice(0, 64), complained.toString()).toBe(sha256(blob));
  });

  it.skipIf(!programs.curl)('is the way of curl to it, through SOCKS by name', async () => {
    const socks = await openSocks({
      ...{ listener: loopbackListener(0), clock: realClock, user: 'hypha', password: 'secret' },
      dialer: meshDialer(guest.stack, async (name) => (name === 'peer.hypha' ? [guest.address] : [])),
    });
    closers.push(socks.close);
    const curl = (name: string) => {
      const proxy = ['--socks5-hostname', `127.0.0.1:${socks.port}`, '--proxy-user', 'hypha:secret'];
      return execute('curl', ['-sS', '--noproxy', '', ...proxy, `http://${name}/blob.sum`]);
    };
    expect((await curl('peer.hypha')).stdout).toBe((await ask('/blob.sum')).toString());
    await expect(curl('nobody.hypha')).rejects.toThrow(/SOCKS5/);
  });

  it('waits while its reader does not read, and goes on when it does', async () => {
    const socket: TcpSocket = connectSocket(guest.stack, { address: guest.address, port: 80 });
    socket.end('GET /blob HTTP/1.0\r\n\r\n');
    // Nobody reads: the window closes with what fits. The guest's other services live on meanwhile.
    expect(await run('sleep 1; echo still here')).toBe('still here\n');
    expect(socket.bytesRead).toBeLessThan(MIB);
    expect((await collect(socket)).length).toBeGreaterThan(4 * MIB);
  });
});

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}
