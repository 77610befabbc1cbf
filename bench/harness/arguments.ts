import { parseArgs } from 'node:util';

export interface BenchArguments {
  /** Which benchmark; null lists them all. */
  readonly name: string | null;
  readonly json: boolean;
  /** Runs of each side; null for the benchmark's own. */
  readonly runs: number | null;
  /** Bytes of each data set; null for the benchmark's own. */
  readonly size: number | null;
  /** How long to watch; null for the benchmark's own. */
  readonly seconds: number | null;
}

export const usage = 'usage: npm run bench -- [NAME [--json] [--runs N] [--size 64M] [--seconds N]]';

const units: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** `64M`, `1G`, `1048576`: bytes, with binary units. Null when it is no size. */
export function parseSize(text: string): number | null {
  const [, digits, unit] = /^([1-9][0-9]{0,9})([KMG]?)(?:iB)?$/.exec(text) ?? [];
  const factor = units[unit ?? ''];
  if (digits === undefined || factor === undefined) return null;
  const bytes = Number(digits) * factor;
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** The command line as values, or what is wrong with it in words. */
export function parseBenchArguments(args: readonly string[]): BenchArguments | { readonly problem: string } {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  const { values, positionals } = parsed;
  if (positionals.length > 1) return { problem: 'Name one benchmark at a time.' };
  const name = positionals[0] ?? null;
  if (name === null && Object.keys(values).length > 0) return { problem: 'Name a benchmark.' };
  const runs = values.runs === undefined ? null : Number(values.runs);
  if (runs !== null && (!Number.isInteger(runs) || runs < 1 || runs > 1000)) {
    return { problem: `--runs ${values.runs}: give a whole number from 1 to 1000.` };
  }
  const seconds = values.seconds === undefined ? null : Number(values.seconds);
  if (seconds !== null && (!Number.isInteger(seconds) || seconds < 1 || seconds > 604_800)) {
    return { problem: `--seconds ${values.seconds}: give a whole number, a week at most.` };
  }
  const size = values.size === undefined ? null : parseSize(values.size);
  if (size === null && values.size !== undefined) {
    return { problem: `--size ${values.size}: give bytes, or a number with K, M or G.` };
  }
  return { name, json: values.json ?? false, runs, size, seconds };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      runs: { type: 'string' },
      size: { type: 'string' },
      seconds: { type: 'string' },
    },
  });
}
