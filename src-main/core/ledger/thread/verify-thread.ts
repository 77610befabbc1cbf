import { Worker } from 'node:worker_threads';
import type { Logger } from '#core/host.ts';
import { openPort } from '#core/threads/port.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Verified } from '../chain/verify.ts';
import type { VerifyCalls, VerifyEvents } from './protocol.ts';

/**
 * Execute the ledger of a file again, in a thread that ends with it.
 *
 * @throws Fail CANCELLED
 */
export async function verifyFile(
  path: string,
  { log, signal, progress }: { log: Logger; signal: AbortSignal; progress: VerifyEvents['progress'] },
): Promise<Verified> {
  const worker = new Worker(new URL('./verify-worker.ts', import.meta.url));
  const port = openPort<VerifyCalls, VerifyEvents>(worker, { progress }, (name, error) =>
    log.warn({ name, error: String(error) }, 'progress could not be told'),
  );
  const gone = (error: Error): void => port.close(error);
  const stop = (): void => gone(fail('CANCELLED', 'The check was stopped.', { meaning: 'Nothing was changed.' }));
  worker.on('error', (error) => gone(error as Error));
  worker.on('exit', () => gone(new Error('the thread that checks the ledger ended')));
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) stop();
    return await port.call.verify(path);
  } finally {
    signal.removeEventListener('abort', stop);
    await worker.terminate();
  }
}
