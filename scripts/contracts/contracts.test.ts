import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { artifacts, committedArtifacts } from './artifacts.ts';
import { committedLimits, largestContract, limits } from './limits.ts';
import { compileContracts } from './sources.ts';

const root = process.cwd();
const forge = path.join(root, 'node_modules', '@foundry-rs', 'forge-linux-amd64', 'bin', 'forge');
const there = existsSync(forge);
if (!there) console.log('contracts.test.ts is skipped: forge has no package for this system.');

/** What forge prints; a failing test is in it, with the steps that lead there. */
async function run(...args: string[]): Promise<string> {
  const env = {
    ...process.env,
    PATH: `${path.dirname(process.execPath)}:${process.env.PATH}`,
    FOUNDRY_DISABLE_NIGHTLY_WARNING: '1',
  };
  const ended = await promisify(execFile)(forge, args, { cwd: root, env, maxBuffer: 64 << 20 }).catch(
    (error: { stdout?: string; stderr?: string; message: string }) => ({
      stdout: error.stdout ?? error.message,
      stderr: error.stderr ?? '',
    }),
  );
  return `${ended.stdout}${ended.stderr}`;
}

describe('the contracts', () => {
  const compiled = compileContracts(root);

  it('are what the ledger was built with', () => {
    expect(committedArtifacts(root)).toEqual(artifacts(compiled));
  });

  it('keep things where they kept them, and fit on every chain', () => {
    const now = limits(compiled);
    expect(now).toEqual(committedLimits(root));
    for (const { bytes } of Object.values(now)) expect(bytes).toBeLessThan(largestContract);
  });
});

describe.skipIf(!there)('the contracts in forge', () => {
  it('hold what their tests and invariants say, and nearly every branch of them is run', async () => {
    const said = await run('coverage', '--report', 'summary', '--no-match-coverage', 'contracts/test');
    expect(said).toMatch(/Ran \d+ test suites? .*: \d+ tests passed, 0 failed, 0 skipped/);
    const branches = /\| Total .*\|/.exec(said)?.[0].split('|')[4] ?? '';
    expect(Number.parseFloat(branches)).toBeGreaterThanOrEqual(95);
  });

  it('need as much gas as they did', async () => {
    const said = await run(
      'snapshot',
      '--snap',
      'contracts/gas.snapshot',
      '--check',
      '--no-match-test',
      'testFuzz|invariant',
    );
    expect(said).not.toMatch(/Diff in|FAIL/);
    expect(said).toContain('0 failed');
  });
});
