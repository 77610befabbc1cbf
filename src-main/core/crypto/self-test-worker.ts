import { parentPort } from 'node:worker_threads';
import { selfTest } from './self-test.ts';

// Entry of the worker thread: one answer, the end.
parentPort?.postMessage(await selfTest());
