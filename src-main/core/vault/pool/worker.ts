import { parentPort, workerData } from 'node:worker_threads';
import { createRunner, type Job } from './jobs.ts';

/** Entry of a worker thread: runs jobs one after the other on the shared memory. */
interface Start {
  readonly memory: WebAssembly.Memory;
  readonly scratch: number;
}

const { memory, scratch } = workerData as Start;
const run = createRunner(memory, scratch);

parentPort?.on('message', ({ id, job }: { id: number; job: Job }) => {
  try {
    const result = run(job);
    const plain = 'plain' in result ? result.plain : null;
    const whole = plain !== null && plain.byteLength === plain.buffer.byteLength && plain.buffer instanceof ArrayBuffer;
    parentPort?.postMessage({ id, result }, whole ? [plain.buffer as ArrayBuffer] : []);
  } catch (error) {
    parentPort?.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
