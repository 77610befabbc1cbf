import { parentPort } from 'node:worker_threads';
import { openPort, type PortEnd } from '#core/threads/port.ts';
import { tryCall } from './machine.ts';
import type { SimulateAsks, SimulateCalls } from './protocol.ts';

/* The thread in which calls are tried: what a hostile contract burns there keeps nobody else waiting. */

if (parentPort === null) throw new Error('calls are tried in a thread of their own');

const main: PortEnd<SimulateAsks> = openPort<SimulateAsks, SimulateCalls>(
  parentPort,
  { run: (job) => tryCall(job, (method, params) => main.call.ask(method, params)) },
  () => {},
);
