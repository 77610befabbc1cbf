import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fail } from '#shared/rpc/fail.ts';

/** The daemon's entry beside this one: sources and bundles have different names. */
export function daemonEntry(cliDirectory: string): string {
  const bundled = join(cliDirectory, 'daemon.js');
  return existsSync(bundled) ? bundled : join(cliDirectory, '..', 'daemon', 'index.ts');
}

export interface Started {
  url: string;
  port: number;
  home: string;
  pid: number;
  attached: boolean;
}

/** Start the agent in the background; resolves when it can be reached. It outlives this command. */
export function startAgent(entry: string, home: string): Promise<Started> {
  const child: ChildProcess = spawn(process.execPath, [entry, '--home', home, '--headless', '--json'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  return new Promise((resolve, reject) => {
    const { stdout, stderr } = child;
    if (!stdout || !stderr) return reject(new Error('the agent has no output'));
    const said: string[] = [];
    createInterface({ input: stderr }).on('line', (line) => said.push(line));
    createInterface({ input: stdout }).once('line', (line) => {
      // Let go of the child: closed pipes and no reference, so that this process can end.
      stdout.destroy();
      stderr.destroy();
      child.unref();
      resolve(JSON.parse(line) as Started);
    });
    child.once('error', reject);
    child.once('exit', () =>
      reject(
        fail('START_FAILED', said.map((line) => line.replace(/^hypha: /, '')).join(' ') || 'The agent did not start.', {
          // One that could not even make its directory wrote none.
          ...(existsSync(join(home, 'logs')) ? { next: `Its log is in ${join(home, 'logs')}.` } : {}),
        }),
      ),
    );
  });
}
