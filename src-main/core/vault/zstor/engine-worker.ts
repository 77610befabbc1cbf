import { parentPort } from 'node:worker_threads';
import { freeNow } from '#core/crypto/free.ts';
import { type Answer, type Request, wholeBuffers } from './engine-messages.ts';
import { createOpening, Damaged, type Opening } from './opening.ts';
import { createSealing, type Sealing, TooLong } from './sealing.ts';

/** Entry of the thread of {@link createEngine}: does what it is asked in order, one after the other. */
const objects = new Map<number, Sealing | Opening>();
let next = 1;
let last: Promise<void> = Promise.resolve();

parentPort?.on('message', (request: Request) => {
  last = last.then(async () => {
    const { id } = request;
    try {
      answer({ id, result: await run(request) });
    } catch (error) {
      const { message, code } = error as NodeJS.ErrnoException;
      const kind = error instanceof Damaged ? 'damaged' : error instanceof TooLong ? 'too-long' : 'other';
      answer({ id, error: { kind, message, ...(code === undefined ? {} : { code }) } });
    }
  });
});

async function run(request: Request): Promise<unknown> {
  if ('make' in request) {
    const made =
      request.make === 'sealing' ? await createSealing(request.options) : await createOpening(request.options);
    objects.set(next, made);
    return next++;
  }
  const object = objects.get(request.object) as unknown as Record<string, (...args: readonly unknown[]) => unknown>;
  if (request.method === 'close') objects.delete(request.object);
  const result = await object[request.method]?.(...request.args);
  // They came to us alone.
  for (const arg of request.args) if (arg instanceof Uint8Array) freeNow(arg);
  return result;
}

function answer(message: Answer): void {
  parentPort?.postMessage(message, 'result' in message ? wholeBuffers([message.result]) : []);
}
