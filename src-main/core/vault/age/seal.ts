import { Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker } from './protocol.ts';

/** What age itself takes: 2^18 rounds, a second and 256 MiB for each guess. */
const workFactor = 18;

/**
 * An age file (age-encryption.org/v1) of `plain` under a passphrase: scrypt and ChaCha20-Poly1305, both symmetric, so that a quantum
 * computer gains little. A piece is asked for only when `write` has taken what came of the one before: memory does not grow with the file.
 *
 * @param write takes the next bytes of the age file; they may be kept
 */
export function sealAge(
  plain: AsyncIterator<Uint8Array>,
  passphrase: string,
  write: (bytes: Uint8Array) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./age-worker.ts', import.meta.url), { workerData: { passphrase, workFactor } });
    let order = Promise.resolve();
    const end = (finish: () => void): void => {
      signal.removeEventListener('abort', abort);
      finish();
      void worker.terminate();
    };
    const failed = (error: unknown): void => end(() => reject(error));
    const abort = (): void => failed(signal.reason);
    const handle = async (message: FromWorker): Promise<void> => {
      if (message.kind === 'sealed') return write(message.bytes);
      if (message.kind === 'done') return end(resolve);
      const next = await plain.next();
      const piece: ToWorker = next.done ? null : next.value.slice();
      worker.postMessage(piece, piece ? [piece.buffer as ArrayBuffer] : []);
    };
    worker.on('message', (message: FromWorker) => {
      order = order.then(() => handle(message));
      order.catch(failed);
    });
    worker.on('error', failed);
    worker.on('exit', () => failed(new Error('the thread that seals the file has ended')));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
