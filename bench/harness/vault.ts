import { mkdir } from 'node:fs/promises';
import { startAgent, type TestAgent } from '../../e2e/harness/agent.ts';
import { settleIn } from '../../e2e/harness/person.ts';
import type { Ended } from '../../e2e/harness/program.ts';
import { type DataSet, dataSet } from '../data-sets/data-set.ts';
import type { BenchOptions } from './benchmark.ts';
import { timed } from './clock.ts';

const hour = 3_600_000;

/** An unlocked agent with an empty vault of 4+2 places, all on the disk its home lies on. */
export async function emptyVault(home: string): Promise<TestAgent> {
  await mkdir(home, { recursive: true });
  const agent = await startAgent({ home, port: 0, env: { HYPHA_CHECK_OUTPUTS: '0' } });
  const connection = await agent.connect();
  await settleIn(connection.client);
  connection.close();
  return agent;
}

/** Seconds for `hypha vault put FOLDER`, which ends when everything is durable. */
export async function put(agent: TestAgent, data: DataSet): Promise<number> {
  const { seconds, value } = await timed(() =>
    agent.hypha(['vault', 'put', data.folder, '--json'], { withinMs: hour }),
  );
  mustHaveWorked('vault put', value);
  await expectFiles(agent, data);
  return seconds;
}

/** Seconds for `hypha vault export / TARGET`. */
export async function takeOut(agent: TestAgent, item: string, target: string): Promise<number> {
  const { seconds, value } = await timed(() =>
    agent.hypha(['vault', 'export', item, target, '--json'], { withinMs: hour }),
  );
  mustHaveWorked('vault export', value);
  return seconds;
}

/** The two data sets of the vault's benchmarks, 1 GiB each unless asked otherwise. */
export async function vaultData({ size }: BenchOptions): Promise<DataSet[]> {
  const bytes = size ?? 1024 ** 3;
  return [await dataSet('mixed', bytes), await dataSet('random', bytes)];
}

function mustHaveWorked(what: string, ended: Ended): void {
  if (ended.code !== 0) throw new Error(`hypha ${what} ended with ${ended.code}: ${ended.stderr}${ended.stdout}`);
}

/** A figure for storing part of the files would be no figure. */
async function expectFiles(agent: TestAgent, data: DataSet): Promise<void> {
  const connection = await agent.connect();
  const { files, size } = await connection.client['vault.status']({});
  connection.close();
  if (files !== data.files || size !== data.bytes) {
    throw new Error(`The vault holds ${files} files of ${size} bytes, not ${data.files} of ${data.bytes}.`);
  }
}
