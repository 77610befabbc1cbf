import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TaskContext } from '#core/broker/handlers.ts';
import { systemRandom } from '#core/crypto/random.ts';
import type { Host, Logger } from '#core/host.ts';
import { type MachineSpec, machineSpecSchema } from '#shared/contract/machines.ts';
import type { AgentEvent } from '#shared/contract/system.ts';
import { taskIdSchema } from '#shared/rpc/contract.ts';
import { microCache } from '../images/micro-places.ts';
import { createMachines, type Machines, type MachinesDeps } from '../index.ts';
import { firstExecutable, qemuCandidates } from '../qemu/locate.ts';
import { findByCommand } from '../qemu/process.ts';

/** The clock, timers and randomness of the real system: machines are real here. */
export const realHost: Host = {
  shell: 'test',
  now: () => Date.now(),
  random: systemRandom,
  setTimer(ms, fire) {
    const timer = setTimeout(fire, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
  keyring: null,
  keyringDetail: 'No keyring in tests.',
  resources: join(dirname(fileURLToPath(import.meta.url)), '../../../../assets'),
};

export const silentLog: Logger = { debug() {}, info() {}, warn() {}, error() {} };

export interface FakeTask extends TaskContext {
  readonly steps: string[];
  readonly done: number[];
  readonly undone: unknown[];
}

export function fakeTask(signal = new AbortController().signal): FakeTask {
  const steps: string[] = [];
  const done: number[] = [];
  const undone: unknown[] = [];
  return {
    caller: { connection: 'test', face: 'ui', name: 'Test', person: true },
    signal,
    task: taskIdSchema.parse('test'),
    undo: (method, input) => void undone.push({ method, input }),
    step: (key) => void steps.push(key),
    progress: (n) => void done.push(n),
    rest: () => null,
    steps,
    done,
    undone,
  };
}

export const spec = (over: Partial<MachineSpec> & { name: string }): MachineSpec =>
  machineSpecSchema.parse({ image: 'micro', memoryMiB: 128, ...over });

/** Why machines cannot be tested here, or null. */
export async function missingParts(): Promise<string | null> {
  const { platform, env } = process;
  const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
  if ((await firstExecutable(qemuCandidates({ platform, env, arch, setting: '' }))) === null)
    return 'QEMU is not installed';
  const micro = await access(join(microCache(), arch, 'manifest.json')).then(
    () => true,
    () => false,
  );
  return micro ? null : 'Hypha Micro is not built (npm run build:micro)';
}

export const testCache = join(microCache(), '..', 'machines-test');

export interface Rig {
  readonly home: string;
  readonly runDir: string;
  readonly events: AgentEvent[];
  readonly machines: Machines;
  /** A new agent over the same data directory; the one before is let go. */
  restart(over?: Partial<MachinesDeps>): Promise<Machines>;
  /** End every QEMU of this rig and remove its directories. */
  close(): Promise<void>;
}

export async function createRig(over: Partial<MachinesDeps> = {}): Promise<Rig> {
  const home = over.home ?? (await mkdtemp(join(tmpdir(), 'hypha-machines-')));
  // A run directory that cannot be made is not one to look for processes in.
  const runDir =
    over.runDir === undefined || over.runDir.startsWith('/dev/') ? await mkdtemp(join(tmpdir(), 'hy-')) : over.runDir;
  const events: AgentEvent[] = [];
  const deps = (more: Partial<MachinesDeps>): MachinesDeps => ({
    host: realHost,
    log: silentLog,
    emit: (event) => void events.push(event),
    home,
    runDir,
    // Shared by all tests: the probe holds a processor for seconds where an accelerator hangs.
    cacheDir: testCache,
    settings: { qemuPath: () => '' },
    ...over,
    ...more,
  });
  let machines = createMachines(deps({}));
  await machines.start();
  return {
    home,
    runDir,
    events,
    get machines() {
      return machines;
    },
    async restart(more = {}) {
      await machines.stop();
      machines = createMachines(deps(more));
      await machines.start();
      return machines;
    },
    async close() {
      await machines.stop();
      for (const stray of await findByCommand(`${runDir}/`)) {
        if (/qemu-system/.test(stray.command)) process.kill(stray.pid, 'SIGKILL');
      }
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
      await rm(runDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
