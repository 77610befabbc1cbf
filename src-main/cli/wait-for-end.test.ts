import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { waitForEnd } from './wait-for-end.ts';

describe('waiting for a process', () => {
  it('lasts until it has ended, however often it is asked for, or until the time is over', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    expect(await waitForEnd(pid, 0)).toBe(false);
    const ended = waitForEnd(pid, 60_000);
    child.stdin.end();
    expect(await ended).toBe(true);
    expect(await waitForEnd(pid, 0)).toBe(true);
  });

  it.skipIf(process.platform !== 'linux')('takes one that is only not collected yet as ended', async () => {
    // The shell starts a process that ends at once, and becomes a program that never collects it.
    const parent = spawn('sh', ['-c', 'true & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    expect(await waitForEnd(Number(line.toString()), 60_000)).toBe(true);
    parent.kill();
    await once(parent, 'exit');
  });
});
