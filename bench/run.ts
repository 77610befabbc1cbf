import { readdir } from 'node:fs/promises';
import { type BenchArguments, parseBenchArguments, usage } from './harness/arguments.ts';
import { type Benchmark, Unavailable } from './harness/benchmark.ts';
import { hold } from './harness/contest.ts';
import { jsonLine, table } from './harness/report.ts';

/**
 * `npm run bench -- NAME`: run one benchmark of this folder; without a name, list them. Exit code 0 when it ran, 1 when
 * it failed, 2 when the command line is wrong, 3 when a part that it needs is missing. Progress goes to stderr.
 */
async function main(args: readonly string[]): Promise<number> {
  const wanted = parseBenchArguments(args);
  if ('problem' in wanted) {
    console.error(`${wanted.problem}\n${usage}`);
    return 2;
  }
  const all = await benchmarks();
  if (wanted.name === null) {
    const width = Math.max(...all.map((one) => one.name.length));
    for (const one of all) console.log(`${one.name.padEnd(width)}  ${one.about}`);
    return 0;
  }
  const benchmark = all.find((one) => one.name === wanted.name);
  if (benchmark === undefined) {
    console.error(`There is no benchmark named ${wanted.name}. There are ${all.map((one) => one.name).join(', ')}.`);
    return 2;
  }
  return await measure(benchmark, wanted);
}

async function measure(benchmark: Benchmark, wanted: BenchArguments): Promise<number> {
  const say = (line: string) => console.error(line);
  try {
    const prepared = await benchmark.prepare(wanted);
    try {
      const outcome = await hold(benchmark, prepared, wanted.runs ?? benchmark.runs, say);
      console.log(wanted.json ? jsonLine(benchmark, outcome) : `\n${table(benchmark, outcome, prepared.notes)}`);
      return 0;
    } finally {
      await prepared.close();
    }
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    console.error(error.message);
    return 3;
  }
}

/** Every benchmark: the files of this folder besides this one. */
async function benchmarks(): Promise<Benchmark[]> {
  const files = (await readdir(import.meta.dirname)).filter((name) => /^[a-z-]+\.ts$/.test(name) && name !== 'run.ts');
  const modules = await Promise.all(files.sort().map((name) => import(new URL(name, import.meta.url).href)));
  return modules.map((one: { benchmark: Benchmark }) => one.benchmark);
}

// Ending by a signal would leave agents and machines running; leaving by exit ends them.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
process.exitCode = await main(process.argv.slice(2));
