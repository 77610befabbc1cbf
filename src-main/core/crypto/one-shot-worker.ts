import { Worker } from 'node:worker_threads';

/**
 * Run the code of a worker thread that answers once and ends.
 *
 * @param entry written as `new URL(…)` of a file beside the caller, for which the build looks (scripts/build/worker-entries.ts)
 * @returns its answer; null when there could be no worker (an odd bundle, no threads left) or it ended without one
 */
export function askWorker(entry: URL, workerData?: unknown): Promise<unknown> {
  return new Promise((resolve) => {
    let worker: Worker;
    try {
      worker = new Worker(entry, { workerData });
    } catch {
      resolve(null);
      return;
    }
    worker.once('message', resolve);
    worker.once('error', () => resolve(null));
    worker.once('exit', () => resolve(null));
  });
}
