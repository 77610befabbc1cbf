import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../testing/test-node.ts';
import { command, type Place } from './namespaces.ts';

/** A real Mycelium daemon in a namespace, with a network interface of its own on the mesh: its kernel answers there. */
export interface DaemonHost {
  readonly place: Place;
  readonly address: string;
  readonly publicKey: string;
  /** Its HTTP API under `/api/v1`, by curl inside the namespace. @returns what it answered, null for nothing */
  get(path: string): Promise<unknown>;
  post(path: string, body: unknown): Promise<unknown>;
  /** At once, with no word to anybody but the kernel's. */
  stop(): Promise<void>;
}

/** @param peers endpoints that it dials */
export async function startDaemonHost(
  binary: string,
  place: Place,
  peers: readonly string[] = [],
): Promise<DaemonHost> {
  const directory = await mkdtemp(join(tmpdir(), 'hypha-interop-'));
  const child = spawn(
    'ip',
    [
      ...['netns', 'exec', place.name, binary, '--key-file', join(directory, 'key.bin')],
      ...['--disable-peer-discovery', '--disable-quic', '--silent', '--tcp-listen-port', '9651'],
      ...['--api-addr', '127.0.0.1:8989', '--jsonrpc-addr', '127.0.0.1:8990'],
      ...(peers.length === 0 ? [] : ['--peers', ...peers]),
    ],
    { stdio: 'ignore' },
  );
  const curl = async (path: string, ...more: string[]): Promise<unknown> => {
    const url = `http://127.0.0.1:8989/api/v1${path}`;
    const text = await command('ip', 'netns', 'exec', place.name, 'curl', '-sS', '--max-time', '30', ...more, url);
    return text === '' ? null : JSON.parse(text);
  };
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`the daemon ended with ${child.exitCode}`);
    return (await curl('/admin').catch(() => null)) !== null;
  });
  const info = (await curl('/admin')) as { nodeIp: string; nodePubkey: string };
  return {
    place,
    address: info.nodeIp,
    publicKey: info.nodePubkey,
    get: (path) => curl(path),
    post: (path, body) => curl(path, '-H', 'content-type: application/json', '-d', JSON.stringify(body)),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = new Promise((done) => child.once('exit', done));
        child.kill('SIGKILL');
        await ended;
      }
      await rm(directory, { recursive: true, force: true });
    },
  };
}
