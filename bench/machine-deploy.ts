import { mkdir } from 'node:fs/promises';
import { findByCommand, isQemu } from '#core/machines/qemu/process.ts';
import { runDirectory } from '#core/machines/run-directory.ts';
import type { AgentClient } from '#shared/contract/agent.ts';
import { startAgent, type TestAgent, taskResult } from '../e2e/harness/agent.ts';
import { endMachines } from '../e2e/harness/machines.ts';
import { until } from '../e2e/harness/until.ts';
import { bootBare, type Recorded, record } from './harness/bare-qemu.ts';
import { type Benchmark, Unavailable } from './harness/benchmark.ts';
import { timed } from './harness/clock.ts';
import { workplace } from './harness/workplace.ts';

const prompt = /[a-z0-9-]+:~# /;

export const benchmark: Benchmark = {
  name: 'machine-deploy',
  about:
    'From asking for a Hypha Micro machine to its console prompt, against QEMU alone with the same image and flags.',
  better: 'lower',
  rival: 'bare QEMU',
  runs: 5,
  warmUp: true,
  async prepare() {
    if (process.platform !== 'linux') throw new Unavailable('This benchmark reads /proc and runs on Linux only.');
    const place = await workplace();
    const home = place.path('home');
    await mkdir(home);
    const agent = await startAgent({ home, port: 0, env: { HYPHA_CHECK_OUTPUTS: '0' } });
    const connection = await agent.connect();
    const { client } = connection;
    const close = async () => {
      connection.close();
      await agent.stop();
      await endMachines(home);
      await place.close();
    };
    try {
      const image = await readyMicro(client);
      let recorded: Recorded | null = null;
      return {
        contests: [
          {
            name: image,
            async ours(run: number) {
              const name = `bench-${run}`;
              const { seconds } = await timed(() => deployToPrompt(client, name, image));
              recorded ??= await recordOf(agent, place.path);
              await taskResult(client, await client['machines.delete']({ machine: name }));
              return { seconds };
            },
            async rival() {
              if (recorded === null) throw new Error('Ours comes first.');
              return { seconds: await bootBare(recorded, prompt) };
            },
          },
        ],
        notes: [await describe(client), 'bare QEMU gets the command line of our own machine, its directories copied'],
        close,
      };
    } catch (error) {
      await close();
      throw error;
    }
  },
};

/** The image, ready. Waits until the accelerator is chosen too, so that no run pays for the probe. */
async function readyMicro(client: AgentClient): Promise<string> {
  const { qemu, installCommand } = await client['machines.capability']({});
  if (qemu === null) throw new Unavailable(`QEMU is missing. Install it: ${installCommand}`);
  const { images } = await client['machines.images']({});
  const micro = images.find((one) => one.kind === 'micro');
  await until(client, 'machines', async () => (await client['machines.capability']({})).accelerator);
  if (micro?.state !== 'ready') throw new Unavailable('Hypha Micro is not built. Make it: npm run build:micro');
  return micro.id;
}

async function deployToPrompt(client: AgentClient, name: string, image: string): Promise<void> {
  const started = await client['machines.deploy']({ name, image: image as never, memoryMiB: 256 });
  // The console exists as soon as the machine is listed; the task ends later.
  let text = '';
  const ended = taskResult(client, started);
  ended.catch(() => {});
  await Promise.race([listed(client, name), ended]);
  for await (const { bytes } of client['machines.console']({ machine: name, from: 0 })) {
    text += Buffer.from(bytes).toString('latin1');
    if (prompt.test(text)) break;
  }
  await ended;
}

/** Until the machine can be asked for by name. */
async function listed(client: AgentClient, name: string): Promise<void> {
  await until(client, 'machines', async () => {
    const { machines } = await client['machines.list']({});
    return machines.find((one) => one.spec.name === name) ?? null;
  });
}

async function recordOf(agent: TestAgent, pathOf: (name: string) => string): Promise<Recorded> {
  const all = await findByCommand(agent.home);
  const machine = all.find((one) => isQemu(one.command));
  if (machine === undefined) throw new Error('The machine’s QEMU was not found.');
  const moves = new Map([
    [agent.home, pathOf('bare')],
    [runDirectory(agent.home), pathOf('run')],
  ]);
  return record(machine.pid, moves);
}

async function describe(client: AgentClient): Promise<string> {
  const { qemu, accelerator, acceleratorDetail } = await client['machines.capability']({});
  return `QEMU ${qemu?.version}, accelerator ${accelerator}: ${acceleratorDetail}`;
}
