import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { end } from '../e2e/harness/program.ts';
import { type Benchmark, type Measurement, Unavailable } from './harness/benchmark.ts';

const depth = 8;
/** Of /proc/PID/stat: USER_HZ, 100 on every Linux. */
const ticks = 100;

interface Running {
  readonly process: ChildProcess;
  readonly port: number;
}

export const benchmark: Benchmark = {
  name: 'zdb-server',
  about:
    'Processor time of our 0-db server to store and give out 512 MiB, against the real 0-db (its path in ZDB_BIN).',
  better: 'higher',
  rival: '0-db',
  unit: 'CPU s',
  runs: 5,
  warmUp: true,
  async prepare(options) {
    if (process.platform !== 'linux') throw new Unavailable('This benchmark reads /proc and runs on Linux only.');
    const program = process.env.ZDB_BIN;
    const bytes = options.size ?? 512 * 1024 ** 2;
    const top = await mkdtemp(join(tmpdir(), 'hypha-bench-zdb-'));
    const sides: Running[] = [];
    const close = async (): Promise<void> => {
      await Promise.all(sides.map(({ process: child }) => end(child, 'SIGKILL')));
      await rm(top, { recursive: true, force: true });
    };
    try {
      const ours = await startOurs(join(top, 'ours'));
      sides.push(ours);
      const theirs = program === undefined ? null : await startTheirs(program, join(top, 'theirs'));
      if (theirs !== null) sides.push(theirs);
      const contest = (name: string, size: number, command: 'SET' | 'GET') => ({
        name,
        ours: () => measure(ours, command, size, bytes),
        rival: theirs === null ? null : () => measure(theirs, command, size, bytes),
      });
      return {
        contests: [
          contest('SET of 64 KiB', 65_536, 'SET'),
          contest('GET of 64 KiB', 65_536, 'GET'),
          contest('SET of 1 MiB', 1_048_576, 'SET'),
          contest('GET of 1 MiB', 1_048_576, 'GET'),
        ],
        notes: [
          `one connection, ${depth} requests in flight, user mode, values that are new every time; time of the server’s process alone`,
          'both make a file durable when it is full, and wait for the disk no more than that; ours checks the checksum of every value it gives out, 0-db does not',
          ...(theirs === null ? ['ZDB_BIN is not set: nothing was compared'] : []),
        ],
        close,
      };
    } catch (error) {
      await close();
      throw error;
    }
  },
};

async function startOurs(directory: string): Promise<Running> {
  const part = fileURLToPath(new URL('harness/zdb-part.ts', import.meta.url));
  const child = spawn(process.execPath, [part, directory], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { process: child, port: Number(line.toString()) };
}

async function startTheirs(program: string, directory: string): Promise<Running> {
  const port = await freePort();
  // Ours makes a full file durable before it begins the next, and so does this.
  const places = ['--data', join(directory, 'data'), '--index', join(directory, 'index'), '--secure'];
  const child = spawn(program, ['--listen', '127.0.0.1', '--port', String(port), ...places], { stdio: 'ignore' });
  let failed: unknown = null;
  child.once('error', (error) => {
    failed = error;
  });
  for (let tries = 0; tries < 200; tries++) {
    if (failed !== null || child.exitCode !== null) break;
    const socket = await dial(port).catch(() => null);
    socket?.destroy();
    if (socket !== null) return { process: child, port };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await end(child, 'SIGKILL');
  throw new Unavailable(`ZDB_BIN (${program}) does not serve: ${failed ?? 'it ended, or does not listen'}.`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}

async function cpuSeconds({ process: child }: Running): Promise<number> {
  const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8');
  // After the name in brackets, which may hold spaces: field 3 first; user and system time are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}

let stored = 0;

/** Send as many requests as make `bytes`, with so many in flight. What is read was stored by the run before. */
async function measure(server: Running, command: 'SET' | 'GET', size: number, bytes: number): Promise<Measurement> {
  const socket = await dial(server.port);
  const count = Math.ceil(bytes / size);
  const value = Buffer.alloc(size);
  const key = (i: number): string => `${size}-${String(i).padStart(8, '0')}`;
  const keyLength = key(0).length;
  const reply = command === 'SET' ? `$${keyLength}\r\n`.length + keyLength + 2 : `$${size}\r\n`.length + size + 2;
  const lead = command === 'SET' ? '*3\r\n$3\r\nSET\r\n' : '*2\r\n$3\r\nGET\r\n';
  stored++;
  let sent = 0;
  let received = 0;
  const before = await cpuSeconds(server);
  const began = process.hrtime.bigint();
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the server hung up')));
    const send = (): void => {
      while (sent < count && sent * reply < received + depth * reply) {
        socket.write(`${lead}$${keyLength}\r\n${key(sent)}\r\n`);
        if (command === 'SET') {
          // Never what is stored already: both would leave it as it is.
          value.writeUInt32LE(stored, 0);
          socket.write(`$${size}\r\n`);
          socket.write(Buffer.from(value));
          socket.write('\r\n');
        }
        sent++;
      }
    };
    socket.on('data', (chunk) => {
      received += chunk.length;
      if (received >= count * reply) resolve();
      else send();
    });
    send();
  });
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const amount = (await cpuSeconds(server)) - before;
  socket.destroy();
  if (received !== count * reply) throw new Error('A reply had another length than it should have.');
  const rate = (used: number): string => `${(bytes / 1024 ** 2 / used).toFixed(0)} MiB/s`;
  return { amount, notes: { 'a CPU second': rate(amount), 'by the clock': rate(seconds) } };
}
