import { parentPort, workerData } from 'node:worker_threads';
import { type Argon2Job, runArgon2 } from './argon2-job.ts';

// Entry of the worker thread: one job, one answer, the end.
const job = workerData as Argon2Job;
const key = await runArgon2(job);
job.passphrase.fill(0);
parentPort?.postMessage(key);
