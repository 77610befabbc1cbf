import { parentPort, workerData } from 'node:worker_threads';
import { Encrypter } from 'age-encryption';
import type { FromWorker, ToWorker } from './protocol.ts';

/*
 * Entry of the worker thread that makes one age file (age-encryption.org/v1) under a passphrase: plain pieces come in when it asks for them,
 * sealed ones go out. A thread of its own, because the passphrase alone takes a second and 256 MiB, which go when it ends.
 */
const port = parentPort;
const { passphrase, workFactor } = workerData as { passphrase: string; workFactor: number };
const say = (message: FromWorker, transfer: ArrayBuffer[] = []): void => port?.postMessage(message, transfer);

const plain = new ReadableStream<Uint8Array>(
  {
    pull: (controller) =>
      new Promise<void>((resolve) => {
        port?.once('message', (piece: ToWorker) => {
          if (piece === null) controller.close();
          else controller.enqueue(piece);
          resolve();
        });
        say({ kind: 'more' });
      }),
  },
  { highWaterMark: 0 },
);

const encrypter = new Encrypter();
encrypter.setPassphrase(passphrase);
encrypter.setScryptWorkFactor(workFactor);
for await (const sealed of await encrypter.encrypt(plain)) {
  const own = sealed.slice();
  say({ kind: 'sealed', bytes: own }, [own.buffer]);
}
say({ kind: 'done' });
