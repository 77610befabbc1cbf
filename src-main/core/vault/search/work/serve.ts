import { parentPort, workerData } from 'node:worker_threads';

/** What a thread of the index is started with. Nothing of it is kept anywhere else. */
export interface Start {
  readonly directory: string;
  readonly key: Uint8Array;
}

/** Answer what the parent asks, one after the other. */
export function serve<J, A>(make: (start: Start) => { run(job: J): A }): void {
  const part = make(workerData as Start);
  parentPort?.on('message', ({ id, job }: { id: number; job: J }) => {
    try {
      const result = part.run(job);
      parentPort?.postMessage({ id, result });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      parentPort?.postMessage({ id, error: message, code });
    }
  });
}
