import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import process from 'node:process';

export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  readonly output: string;
  readonly seconds: number;
}

const bin = (file: string) => path.join('node_modules', file);

/** Each check with its program; all run under this same Node, none through a shell. */
const checks: readonly { readonly name: string; readonly args: readonly string[] }[] = [
  {
    name: 'format and lint',
    args: [bin('@biomejs/biome/bin/biome'), 'check', '--diagnostic-level=error', '--colors=off', '.'],
  },
  { name: 'types: core, shells, tools', args: [bin('typescript/bin/tsc'), '-p', '.'] },
  { name: 'types: renderer', args: [bin('typescript/bin/tsc'), '-p', 'src-renderer'] },
  { name: 'types: browser-driving tools', args: [bin('typescript/bin/tsc'), '-p', 'tsconfig.browser.json'] },
  { name: 'types: preload', args: [bin('typescript/bin/tsc'), '-p', 'src-main/preload'] },
  { name: 'arrows', args: ['scripts/check-arrows.ts'] },
  { name: 'dead code', args: [bin('knip/bin/knip.js'), '--no-progress', '--no-config-hints'] },
  { name: 'licences', args: ['scripts/check-licences.ts'] },
];

/** Run every check, a few at a time, and print each one's outcome as it ends (its output only when it fails). */
export async function runChecks(): Promise<CheckResult[]> {
  const waiting = [...checks];
  const results: CheckResult[] = [];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const result = await runOne(next.name, next.args);
      console.log(`${result.ok ? 'ok  ' : 'FAIL'} ${result.name} (${result.seconds.toFixed(1)} s)`);
      if (!result.ok) console.log(result.output.trimEnd());
      results.push(result);
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, lane));
  return results;
}

function runOne(name: string, args: readonly string[]): Promise<CheckResult> {
  return new Promise((resolve, reject) => {
    const began = process.hrtime.bigint();
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ name, ok: code === 0, output, seconds: Number(process.hrtime.bigint() - began) / 1e9 });
    });
  });
}
