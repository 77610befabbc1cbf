import { spawn } from 'node:child_process';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { meshContract } from '#shared/contract/mesh/index.ts';
import type { InputOf, OutputOf } from '#shared/rpc/contract.ts';
import type { Place } from './namespaces.ts';

type Methods = typeof meshContract;
type Answer<N extends keyof Methods> = Methods[N]['kind'] extends 'stream'
  ? OutputOf<Methods[N]>[]
  : OutputOf<Methods[N]>;

/** A computer in a namespace with an agent’s whole mesh domain on it (host-process.ts says what it can be asked). */
export interface MeshHost<P extends Place | null = Place> {
  readonly place: P;
  readonly pid: number;
  /** On the mesh; empty until it joined. */
  readonly address: string;
  readonly publicKey: string;
  /** The port it takes peers at. */
  readonly port: number;
  call<N extends keyof Methods & string>(method: N, input: InputOf<Methods[N]>): Promise<Answer<N>>;
  ask<T>(what: string, input?: object): Promise<T>;
  /** @param more settings; by default it finds nobody by itself */
  join(more?: InputOf<Methods['mesh.join']>): Promise<void>;
  /** As when a laptop sleeps: nothing of the process runs, and its connections stay as they are. */
  sleep(): void;
  wake(): void;
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL('./host-process.ts', import.meta.url));

/** @param place null for this computer's own network: a process of its own and nothing more */
export async function startHost<P extends Place | null>(place: P): Promise<MeshHost<P>> {
  const inside = place === null ? [] : ['ip', 'netns', 'exec', place.name];
  const [file = '', ...args] = [...inside, process.execPath, '--no-warnings', program];
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map<number, { done(value: unknown): void; failed(error: Error): void }>();
  const ended = new Promise<void>((done) => {
    child.once('exit', () => {
      for (const { failed } of waiting.values()) failed(new Error(`the process of ${place?.name ?? 'a host'} ended`));
      done();
    });
  });
  let next = 1;
  const answerTo = (id: number): Promise<unknown> =>
    new Promise((done, failed) => void waiting.set(id, { done, failed }));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, value, error } = JSON.parse(line);
    const one = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) one?.done(value);
    else one?.failed(Object.assign(new Error(`${error.code}: ${error.message}`), { code: error.code }));
  });
  const ask = (call: string, input: object = {}): Promise<unknown> => {
    const id = next++;
    child.stdin.write(`${JSON.stringify({ id, call, input })}\n`);
    return answerTo(id);
  };
  const pid = (await answerTo(0)) as number;
  const host = {
    place,
    pid,
    address: '',
    publicKey: '',
    port: 0,
    call: (method: string, input: object) => ask(method, input) as Promise<never>,
    ask: <T>(what: string, input: object = {}) => ask(what, input) as Promise<T>,
    async join(more: object = {}) {
      const wanted = { publicPeers: false, discovery: false, port: 9651, ...more };
      const status = (await ask('mesh.join', wanted)) as OutputOf<Methods['mesh.join']>;
      host.address = status.address ?? '';
      host.publicKey = status.publicKey ?? '';
      host.port = status.listening ?? 0;
    },
    sleep: () => void process.kill(pid, 'SIGSTOP'),
    wake: () => void process.kill(pid, 'SIGCONT'),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      process.kill(pid, 'SIGCONT');
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(timer);
    },
  };
  return host;
}
