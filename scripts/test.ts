import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { buildAll } from './build/build-all.ts';
import { runChecks } from './check/run-checks.ts';
import { run } from './test-run/run.ts';
import { closingLine, playwrightTally, type Tally, vitestTally } from './test-run/tally.ts';
import { provideTools } from './test-run/tools.ts';

/**
 * `npm test`: bring what is missing, build, then run every check, unit and integration test, and the end-to-end
 * story. The last line is `N passed, N failed, N skipped`, summed over all of them. Every skipped test is listed with
 * its reason. Real processes, sockets and browsers share a busy computer, so a test that fails is tried once more; one that
 * passes then is named as flaky. Words after `--` narrow vitest and Playwright to matching files.
 */
const root = process.cwd();
const filters = process.argv.slice(2);
const work = await mkdtemp(path.join(os.tmpdir(), 'hypha-test-'));
const tallies: Tally[] = [];

try {
  await provideTools();
  tallies.push(await stage('build', () => buildAll({ root, onlyIfStale: true })));
  if (existsSync('scripts/build-micro.ts')) {
    tallies.push(await stage('Hypha Micro', () => node(['scripts/build-micro.ts'])));
  }
  if (filters.length === 0) {
    console.log('\n== check');
    for (const one of await runChecks()) tallies.push(outcome(`check: ${one.name}`, one.ok));
  }

  console.log('\n== unit and integration tests');
  const unit = path.join(work, 'vitest.json');
  const vitest = [
    'run',
    '--reporter=dot',
    '--reporter=./scripts/test-run/vitest-reporter.ts',
    '--passWithNoTests',
    '--retry=1',
  ];
  const vitestCode = await run([path.join('node_modules', 'vitest', 'vitest.mjs'), ...vitest, ...filters], {
    HYPHA_TALLY: unit,
  });
  tallies.push(await vitestTally(unit, vitestCode));

  if (existsSync('playwright.config.ts')) {
    console.log('\n== end to end');
    const story = path.join(work, 'playwright.json');
    const cli = path.join('node_modules', '@playwright', 'test', 'cli.js');
    const code = await run([cli, 'test', '--reporter=line,json', '--pass-with-no-tests', '--retries=1', ...filters], {
      PLAYWRIGHT_JSON_OUTPUT_NAME: story,
    });
    tallies.push(await playwrightTally(story, code));
  }
} finally {
  await rm(work, { recursive: true, force: true });
}

const { line, details, ok } = closingLine(tallies);
console.log(`\n${details.join('\n')}`);
console.log(line);
process.exitCode = ok ? 0 : 1;

/** A step that must work for the rest to mean anything: counted when it fails, not when it works. */
async function stage(name: string, work: () => Promise<unknown>): Promise<Tally> {
  console.log(`\n== ${name}`);
  try {
    await work();
    return { passed: 0, failed: [], flaky: [], skipped: [], took: {} };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return { passed: 0, failed: [name], flaky: [], skipped: [], took: {} };
  }
}

async function node(args: string[]): Promise<void> {
  const code = await run(args);
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code}`);
}

function outcome(name: string, ok: boolean): Tally {
  return { passed: ok ? 1 : 0, failed: ok ? [] : [name], flaky: [], skipped: [], took: {} };
}
