import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { promisify } from 'node:util';

/** What the system's TCP does on loopback with nothing in between: one line for the notes, also where iperf3 is missing. */
export async function iperf(seconds = 2): Promise<string> {
  const port = await freePort();
  const server = spawn('iperf3', ['-s', '-1', '--forceflush', '-B', '127.0.0.1', '-p', `${port}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const missing = await Promise.race([
    once(server, 'error').then(() => true),
    once(server.stdout, 'data').then(() => false),
  ]).catch(() => true);
  if (missing) return 'iperf3 is not installed: no bracket';
  try {
    const { stdout } = await promisify(execFile)('iperf3', [
      '-c',
      '127.0.0.1',
      '-p',
      `${port}`,
      '-t',
      `${seconds}`,
      '-J',
    ]);
    const report = JSON.parse(stdout) as { end: { sum_received: { bits_per_second: number } } };
    return `iperf3 over loopback, before: ${(report.end.sum_received.bits_per_second / 1e9).toFixed(1)} Gbit/s`;
  } catch (error) {
    return `iperf3 gave no figure: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`;
  } finally {
    server.kill('SIGKILL');
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
