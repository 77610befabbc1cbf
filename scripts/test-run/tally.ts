import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** What one runner counted. */
export interface Tally {
  readonly passed: number;
  readonly failed: readonly string[];
  /** Each skipped test with its reason. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

const vitestReport = z.object({
  numFailedTestSuites: z.number().default(0),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(''),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          meta: z.object({ skipReason: z.string().optional() }).loose().optional(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

/** Read vitest's JSON report. A runner that broke before writing one, or a file that did not load, is a failure. */
export async function vitestTally(file: string, code: number, root: string): Promise<Tally> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return { passed: 0, failed: code === 0 ? [] : ['vitest ended without a report'], skipped: [] };
  return countVitest(JSON.parse(text), code, root);
}

export function countVitest(report: unknown, code: number, root: string): Tally {
  const { testResults } = vitestReport.parse(report);
  const failed: string[] = [];
  const skipped: { name: string; reason: string }[] = [];
  let passed = 0;
  for (const file of testResults) {
    const short = path.relative(root, file.name);
    for (const one of file.assertionResults) {
      if (one.status === 'passed') passed += 1;
      else if (one.status === 'failed') failed.push(`${short}: ${one.fullName}`);
      else
        skipped.push({ name: `${short}: ${one.fullName}`, reason: one.meta?.skipReason ?? reasonInName(one.fullName) });
    }
    const noneFailed = !file.assertionResults.some((one) => one.status === 'failed');
    if (file.status === 'failed' && noneFailed)
      failed.push(`${short}: ${file.message.split('\n')[0] ?? 'did not load'}`);
  }
  // An unhandled error fails the run without failing a test.
  if (code !== 0 && failed.length === 0) failed.push(`vitest ended with ${code}`);
  return { passed, failed, skipped };
}

/** Tests that are skipped for want of a part say so in their name: `boots (skipped: no QEMU)`. */
function reasonInName(name: string): string {
  return /\(skipped: ([^)]*)\)/.exec(name)?.[1] ?? 'no reason given';
}

const annotation = z.object({ type: z.string(), description: z.string().optional() });
const spec = z.object({
  title: z.string(),
  file: z.string(),
  tests: z.array(z.object({ status: z.string(), annotations: z.array(annotation).default([]) })),
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
  if (text === null) return { passed: 0, failed: ['Playwright ended without a report'], skipped: [] };
  return countPlaywright(JSON.parse(text), code);
}

/** A flaky test (passed on a retry) counts as failed: nothing here may depend on luck. */
export function countPlaywright(report: unknown, code: number): Tally {
  const { suites, errors } = playwrightReport.parse(report);
  const failed: string[] = [];
  const skipped: { name: string; reason: string }[] = [];
  let passed = 0;
  const visit = (one: Suite): void => {
    for (const { title, file, tests } of one.specs ?? []) {
      for (const test of tests) {
        const reason = test.annotations.find((note) => note.type === 'skip')?.description ?? 'no reason given';
        if (test.status === 'expected') passed += 1;
        else if (test.status === 'skipped') skipped.push({ name: `${file}: ${title}`, reason });
        else failed.push(`${file}: ${title}${test.status === 'flaky' ? ' (passed only on a retry)' : ''}`);
      }
    }
    for (const inner of one.suites ?? []) visit(inner);
  };
  for (const one of suites) visit(one);
  for (const error of errors) failed.push(`Playwright: ${error.message?.split('\n')[0] ?? 'error'}`);
  if (code !== 0 && failed.length === 0) failed.push(`Playwright ended with ${code}`);
  return { passed, failed, skipped };
}

/** The sum over all runners, as the last line and the lines above it. */
export function closingLine(tallies: readonly Tally[]): { line: string; details: string[]; ok: boolean } {
  const passed = tallies.reduce((sum, one) => sum + one.passed, 0);
  const failed = tallies.flatMap((one) => one.failed);
  const skipped = tallies.flatMap((one) => one.skipped);
  return {
    line: `${passed} passed, ${failed.length} failed, ${skipped.length} skipped`,
    details: [
      ...skipped.map((one) => `skipped: ${one.name} (${one.reason})`),
      ...failed.map((name) => `failed: ${name}`),
    ],
    ok: failed.length === 0,
  };
}
