import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../testing/test-node.ts';

/** A Mycelium daemon of somebody else's making, run with a key of its own and peers on loopback alone. */
export interface Daemon {
  readonly port: number;
  readonly address: string;
  readonly subnet: string;
  readonly publicKey: string;
  /** Its HTTP API under `/api/v1`. */
  get(path: string): Promise<unknown>;
  post(path: string, body: unknown): Promise<{ status: number; body: unknown }>;
  stop(): Promise<void>;
}

/**
 * @param peers TCP ports on loopback that it dials
 * @param secret 32 bytes, of a daemon that ran before; a new one when left out
 */
export async function startDaemon(binary: string, peers: readonly number[] = [], secret?: Uint8Array): Promise<Daemon> {
  const directory = await mkdtemp(join(tmpdir(), 'hypha-interop-'));
  if (secret !== undefined) await writeFile(join(directory, 'key.bin'), secret);
  const [port, api, rpc] = await freePorts(3);
  const child = spawn(
    binary,
    [
      ...[
        '--key-file',
        join(directory, 'key.bin'),
        '--no-tun',
        '--disable-peer-discovery',
        '--disable-quic',
        '--silent',
      ],
      ...['--tcp-listen-port', `${port}`, '--api-addr', `127.0.0.1:${api}`, '--jsonrpc-addr', `127.0.0.1:${rpc}`],
      ...(peers.length === 0 ? [] : ['--peers', ...peers.map((peer) => `tcp://127.0.0.1:${peer}`)]),
    ],
    { stdio: 'ignore', env: { HOME: directory, PATH: '' } },
  );
  const base = `http://127.0.0.1:${api}/api/v1`;
  const get = async (path: string): Promise<unknown> => {
    const response = await fetch(base + path);
    return response.status === 200 ? response.json() : null;
  };
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`the daemon ended with ${child.exitCode}`);
    return (await get('/admin').catch(() => null)) !== null;
  });
  const info = (await get('/admin')) as { nodeIp: string; nodeSubnet: string; nodePubkey: string };
  return {
    port: port as number,
    address: info.nodeIp,
    subnet: info.nodeSubnet,
    publicKey: info.nodePubkey,
    get,
    async post(path, body) {
      const response = await fetch(base + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : JSON.parse(text) };
    },
    async stop() {
      await end(child);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGKILL');
  await ended;
}

/** Ports that were free a moment ago; the daemon cannot be told to choose. */
async function freePorts(n: number): Promise<number[]> {
  const servers = Array.from({ length: n }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((done) => {
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            done(typeof address === 'object' && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
