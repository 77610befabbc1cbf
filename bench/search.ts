import type { AgentClient } from '#shared/contract/agent.ts';
import { startAgent } from '../e2e/harness/agent.ts';
import { passphrase } from '../e2e/harness/person.ts';
import type { Benchmark, Contest } from './harness/benchmark.ts';
import { timed } from './harness/clock.ts';
import { indexed, percentile, processorTime, residentMemory, textFiles } from './harness/search.ts';
import { median } from './harness/statistics.ts';
import { emptyVault } from './harness/vault.ts';
import { workplace } from './harness/workplace.ts';

const limitMs = 100;
/** A passage has at most 1,400 characters: so much text has at least 100,000 of them. */
const passages = 100_000;
const fileBytes = 10_000;
const questions = 300;

export const benchmark: Benchmark = {
  name: 'search',
  about: `Search 100,000 passages of text, the 95th percentile in milliseconds; the limit is ${limitMs}.`,
  better: 'lower',
  rival: null,
  unit: 'ms',
  runs: 3,
  warmUp: false,
  async prepare({ size }) {
    const place = await workplace();
    const files = Math.ceil((size ?? passages * 1400) / fileBytes);
    const samples = await textFiles(place.path('letters'), files, fileBytes);
    const maker = await emptyVault(place.path('home'));
    const stored = await maker.hypha(['vault', 'put', place.path('letters'), '--json'], { withinMs: 3_600_000 });
    if (stored.code !== 0) throw new Error(stored.stderr);
    const watching = await maker.connect();
    const making = await timed(() => indexed(watching.client, files));
    watching.close();
    await maker.stop();
    // Storing and reading left their memory behind; a person meets the index after unlocking.
    const agent = await startAgent({ home: place.path('home'), port: 0, env: { HYPHA_CHECK_OUTPUTS: '0' } });
    const connection = await agent.connect();
    const { client } = connection;
    const opening = await timed(async () => {
      await client['identity.unlock']({ passphrase });
      await client['vault.list']({ limit: 1 });
    });
    const before = await residentMemory(agent.pid);
    const first = await timed(() => client['vault.search']({ query: samples[0]?.[0] ?? '' }));
    const kinds: readonly (readonly [string, Question])[] = [
      ['words, all of them wanted', (words, at) => [0, 7, 19].map((step) => words[at + step] ?? '').join(' ')],
      ['one word', (words, at) => words[at] ?? ''],
      ['three words in a row', (words, at) => `"${words.slice(at, at + 3).join(' ')}"`],
      ['the beginning of a word', (words, at) => `${(words[at] ?? '').slice(0, 3)}*`],
    ];
    const contests = kinds.map(
      ([name, question]): Contest => ({
        name,
        async ours(run) {
          const idle = await processorTime(agent.pid);
          const times = await ask(client, samples, question, run);
          const busy = await processorTime(agent.pid);
          const now = await residentMemory(agent.pid);
          return {
            amount: percentile(times, 95),
            notes: {
              median: `${median(times).toFixed(1)} ms`,
              slowest: `${Math.max(...times).toFixed(1)} ms`,
              'processor time of the agent a question':
                idle === null || busy === null ? 'not known' : `${((busy - idle) / questions).toFixed(1)} ms`,
              'memory of the agent': `${mib(now)} MiB, ${mib(before)} MiB after unlocking, before the first question`,
            },
          };
        },
        rival: null,
      }),
    );
    const { bytes } = making.value;
    return {
      contests,
      notes: [
        `${files} files, ${Math.round((files * fileBytes) / 1e6)} MB of text; the index takes ${Math.round(bytes / 1e6)} MB and was made in ${making.seconds.toFixed(0)} s after the files were stored, resting as long as it works`,
        `unlocking took ${Math.round(opening.seconds * 1000)} ms with the list of files, the first question after it ${Math.round(first.seconds * 1000)} ms`,
        `${questions} questions a run, 20 answers each with their snippets, over the local socket, one after the other`,
      ],
      async close() {
        connection.close();
        await agent.stop();
        await place.close();
      },
    };
  },
};

type Question = (words: readonly string[], at: number) => string;

async function ask(
  client: AgentClient,
  samples: readonly (readonly string[])[],
  question: Question,
  run: number,
): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < questions; i += 1) {
    const words = samples[(i * 7 + run) % samples.length] ?? [];
    const query = question(words, (i * 31) % Math.max(1, words.length - 30));
    const { seconds, value } = await timed(() => client['vault.search']({ query, limit: 20 }));
    if (value.total === 0) throw new Error(`Nothing was found for ${query}, which stands in a file.`);
    times.push(seconds * 1000);
  }
  return times;
}

const mib = (bytes: number | null): string => (bytes === null ? '?' : String(Math.round(bytes / 2 ** 20)));
