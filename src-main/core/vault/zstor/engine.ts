import { Worker } from 'node:worker_threads';
import { type Answer, type Request, wholeBuffers } from './engine-messages.ts';
import { createOpening, Damaged, type Opening, type OpeningOptions } from './opening.ts';
import { createSealing, type Sealing, type SealingOptions, TooLong } from './sealing.ts';

/** The same methods, answered later. */
export type Later<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never;
};
export type LaterSealing = Later<Sealing>;
export type LaterOpening = Later<Opening>;

/** Where objects are hashed, packed, sealed, coded, and the other way round: a thread of its own, so that nobody else waits for it. */
export interface Engine {
  sealing(options: SealingOptions): Promise<LaterSealing>;
  opening(options: OpeningOptions): Promise<LaterOpening>;
  close(): Promise<void>;
}

const sealingMethods = ['push', 'finish', 'pieces', 'checksums', 'close'] as const;
const openingMethods = [
  'append',
  'finishShard',
  'drop',
  'assemble',
  'next',
  'remade',
  'remadeChecksums',
  'close',
] as const;

/** @param thread false runs everything in this thread, for tests */
export function createEngine(thread: boolean): Engine {
  return thread ? threadEngine(new URL('./engine-worker.ts', import.meta.url)) : inlineEngine();
}

function inlineEngine(): Engine {
  const later = <T extends object>(object: T, methods: readonly (keyof T)[]): Later<T> =>
    Object.fromEntries(
      methods.map((method) => [
        method,
        async (...args: unknown[]) => (object[method] as (...a: unknown[]) => unknown)(...args),
      ]),
    ) as Later<T>;
  return {
    sealing: async (options) => later(await createSealing(options), sealingMethods),
    opening: async (options) => later(await createOpening(options), openingMethods),
    close: async () => {},
  };
}

// Buffers made on the way are garbage at once; a small young generation frees them early.
const resourceLimits = { maxYoungGenerationSizeMb: 2 };

function threadEngine(url: URL): Engine {
  const worker = new Worker(url, { resourceLimits });
  worker.unref();
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  let nextId = 1;
  let gone: Error | null = null;
  const end = (error: Error): void => {
    gone ??= error;
    for (const { reject } of waiting.values()) reject(gone);
    waiting.clear();
    worker.unref();
  };
  worker.on('message', (answer: Answer) => {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (waiting.size === 0) worker.unref();
    if ('error' in answer) asked?.reject(errorOf(answer.error));
    else asked?.resolve(answer.result);
  });
  worker.on('error', (error) => end(error as Error));
  worker.on('exit', () => end(new Error('the thread of the zstor engine stopped')));

  const ask = (request: Request, transfer: ArrayBuffer[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (gone) return reject(gone);
      waiting.set(request.id, { resolve, reject });
      worker.ref();
      worker.postMessage(request, transfer);
    });
  const later = <T extends object>(object: number, methods: readonly (keyof T & string)[]): Later<T> =>
    Object.fromEntries(
      methods.map((method) => [
        method,
        (...args: unknown[]) => ask({ id: nextId++, object, method, args }, wholeBuffers(args)),
      ]),
    ) as Later<T>;
  return {
    sealing: async (options) =>
      later<Sealing>((await ask({ id: nextId++, make: 'sealing', options }, [])) as number, sealingMethods),
    opening: async (options) =>
      later<Opening>((await ask({ id: nextId++, make: 'opening', options }, [])) as number, openingMethods),
    async close() {
      end(new Error('the zstor engine was closed'));
      await worker.terminate();
    },
  };
}

function errorOf({ kind, message, code }: Extract<Answer, { error: unknown }>['error']): Error {
  if (kind === 'damaged') return new Damaged(message);
  if (kind === 'too-long') return new TooLong(message);
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}
