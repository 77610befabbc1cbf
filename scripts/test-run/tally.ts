import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/** What one runner counted. */
export interface Tally {
  readonly passed: number;
  readonly failed: readonly string[];
  /** Passed, but only when tried again: each is named at the end, for somebody to find out why. */
  readonly flaky: readonly string[];
  /** Each skipped test with its reason. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  /** Milliseconds that each file took. */
  readonly took: Readonly<Record<string, number>>;
}

const tallySchema = z.object({
  passed: z.number().int(),
  failed: z.array(z.string()),
  flaky: z.array(z.string()),
  skipped: z.array(z.object({ name: z.string(), reason: z.string() })),
  took: z.record(z.string(), z.number()),
});

/** Read what vitest-reporter.ts wrote. A runner that broke before writing it, or fails for no test, is a failure. */
export async function vitestTally(file: string, code: number): Promise<Tally> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return { passed: 0, failed: ['vitest ended without a report'], flaky: [], skipped: [], took: {} };
  return countVitest(JSON.parse(text), code);
}

export function countVitest(report: unknown, code: number): Tally {
  const tally = tallySchema.parse(report);
  return code !== 0 && tally.failed.length === 0 ? { ...tally, failed: [`vitest ended with ${code}`] } : tally;
}

const annotation = z.object({ type: z.string(), description: z.string().optional() });
const spec = z.object({
  title: z.string(),
  file: z.string(),
  tests: z.array(
    z.object({
      status: z.string(),
      annotations: z.array(annotation).default([]),
      results: z.array(z.object({ duration: z.number() })).default([]),
    }),
  ),
});
interface Suite {
  specs?: z.infer<typeof spec>[] | undefined;
  suites?: Suite[] | undefined;
}
const suite: z.ZodType<Suite> = z.lazy(() =>
  z.object({ specs: z.array(spec).optional(), suites: z.array(suite).optional() }),
);
const playwrightReport = z.object({
  suites: z.array(suite),
  errors: z.array(z.object({ message: z.string().optional() })).default([]),
});

export async function playwrightTally(file: string, code: number): Promise<Tally> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null)
    return { passed: 0, failed: ['Playwright ended without a report'], flaky: [], skipped: [], took: {} };
  return countPlaywright(JSON.parse(text), code);
}

export function countPlaywright(report: unknown, code: number): Tally {
  const { suites, errors } = playwrightReport.parse(report);
  const failed: string[] = [];
  const flaky: string[] = [];
  const skipped: { name: string; reason: string }[] = [];
  const took: Record<string, number> = {};
  let passed = 0;
  const visit = (one: Suite): void => {
    for (const { title, file, tests } of one.specs ?? []) {
      for (const test of tests) {
        for (const { duration } of test.results) took[file] = (took[file] ?? 0) + duration;
        const reason = test.annotations.find((note) => note.type === 'skip')?.description ?? 'no reason given';
        if (test.status === 'expected') passed += 1;
        else if (test.status === 'skipped') skipped.push({ name: `${file}: ${title}`, reason });
        else if (test.status === 'flaky') {
          passed += 1;
          flaky.push(`${file}: ${title}`);
        } else failed.push(`${file}: ${title}`);
      }
    }
    for (const inner of one.suites ?? []) visit(inner);
  };
  for (const one of suites) visit(one);
  for (const error of errors) failed.push(`Playwright: ${error.message?.split('\n')[0] ?? 'error'}`);
  if (code !== 0 && failed.length === 0) failed.push(`Playwright ended with ${code}`);
  return { passed, failed, flaky, skipped, took };
}

const mostFlaky = 5;
const slowestNamed = 20;

/** The sum over all runners, as the last line and the lines above it. */
export function closingLine(tallies: readonly Tally[]): { line: string; details: string[]; ok: boolean } {
  const passed = tallies.reduce((sum, one) => sum + one.passed, 0);
  const failed = tallies.flatMap((one) => one.failed);
  const skipped = tallies.flatMap((one) => one.skipped);
  const flaky = tallies.flatMap((one) => one.flaky);
  const took = tallies.flatMap((one) => Object.entries(one.took)).sort(([, a], [, b]) => b - a);
  // A slip of a busy computer is one test; many are a fault.
  if (flaky.length > mostFlaky) failed.push(`${flaky.length} tests passed only when tried again`);
  return {
    line: `${passed} passed, ${failed.length} failed, ${skipped.length} skipped`,
    details: [
      ...took.slice(0, slowestNamed).map(([file, ms]) => `took ${(ms / 1000).toFixed(0).padStart(3)} s: ${file}`),
      ...skipped.map((one) => `skipped: ${one.name} (${one.reason})`),
      ...flaky.map((name) => `flaky: ${name} (failed, and passed when tried again)`),
      ...failed.map((name) => `failed: ${name}`),
    ],
    ok: failed.length === 0,
  };
}
