// Run by child-agent.ts: `node agent-child.ts HOME NAME SEED`. A whole agent on the real clock in a process of its own, which can be killed. Each line
// on its stdin is a call, {id, method, input}; a task is waited for. Each line on its stdout says what became of one.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isFail } from '#shared/rpc/fail.ts';
import { createAgent } from '../agent.ts';
import type { Caller } from '../broker/handlers.ts';
import { systemRandom } from '../crypto/random.ts';
import { createFakeHost } from './fake-host.ts';
import { silentLog } from './silent-log.ts';

const [home = '', name = '', seed = '1'] = process.argv.slice(2);
const passphrase = 'correct horse battery';
const person: Caller = { connection: 'window', face: 'ui', name: 'Window', person: true };
const never = new AbortController().signal;
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const known = existsSync(join(home, 'identity'));
const host = {
  ...createFakeHost({ seed: Number(seed) }),
  now: () => Date.now(),
  // Ids of a second life must not be those of the first.
  ...(known ? { random: systemRandom } : {}),
  setTimer(ms: number, fire: () => void) {
    const timer = setTimeout(fire, ms).unref();
    return () => clearTimeout(timer);
  },
};
const agent = await createAgent(host, { home, version: '0', log: silentLog, onStopRequested: () => {} });
await agent.start();
const call = async (method: string, input: unknown): Promise<unknown> =>
  agent.dispatcher.invoke(person, method, input, never);

async function ended(id: number, task: string): Promise<unknown> {
  const views = agent.dispatcher.stream(person, 'tasks.watch', { task }, never) as AsyncIterable<{
    state: string;
    result?: unknown;
    progress?: { done: number } | null;
    failure?: { code: string; message: string; next?: string };
  }>;
  for await (const view of views) {
    say({ id, progress: view.progress?.done ?? 0 });
    if (view.state === 'done') return view.result;
    if (view.state !== 'running') throw Object.assign(new Error(view.failure?.message ?? view.state), view.failure);
  }
  throw new Error('a task without an end');
}

if (known) await call('identity.unlock', { passphrase });
else {
  const { draft } = (await call('identity.draft', {})) as { draft: string };
  await call('identity.create', { draft, name, passphrase });
}
say({ id: 0, result: null });

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, input, whole } = JSON.parse(line) as {
    id: number;
    method: string;
    input: unknown;
    whole: boolean;
  };
  const work = async (): Promise<unknown> => {
    if (whole) {
      const pieces: Uint8Array[] = [];
      for await (const piece of agent.dispatcher.stream(person, method, input, never)) pieces.push(piece as Uint8Array);
      return Buffer.concat(pieces).toString('base64');
    }
    const answer = (await call(method, input)) as { task?: string };
    return typeof answer?.task === 'string' ? ended(id, answer.task) : answer;
  };
  work().then(
    (result) => say({ id, result: result ?? null }),
    (error: unknown) => {
      const { code = 'FAULT', message = '', next = '' } = error as { code?: string; message?: string; next?: string };
      say({ id, error: { code, message: isFail(error) ? message : String(error), next } });
    },
  );
});
process.stdin.on('end', () => void agent.stop().then(() => process.exit(0)));
