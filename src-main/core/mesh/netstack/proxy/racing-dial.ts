import type { Duplex } from 'node:stream';
import { type Fail, isFail } from '#shared/rpc/fail.ts';
import { cancelled, unreachable } from '../errors.ts';

/*
 * One service at several addresses, as somebody's who has several devices: they are tried one after the other, each beginning a
 * moment after the one before or as soon as that has failed, and the first that answers is taken (RFC 8305, section 5).
 */

export interface RacingDial<A> {
  /** Best first. */
  readonly addresses: readonly A[];
  /** Resolves with an open stream. @throws Fail */
  readonly dial: (address: A, signal: AbortSignal) => Promise<Duplex>;
  /** Milliseconds that this one has to itself before the next is tried too. */
  readonly alone: (address: A) => number;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
  readonly signal: AbortSignal;
}

/** So many at most: each is a half-open connection. */
const most = 16;

/** @throws Fail of the address that came closest: where somebody refused, more is known than where nobody answered */
export async function raceDial<A>(race: RacingDial<A>): Promise<{ readonly stream: Duplex; readonly address: A }> {
  const addresses = race.addresses.slice(0, most);
  const over = new AbortController();
  const stop = (): void => over.abort();
  if (race.signal.aborted) throw cancelled();
  race.signal.addEventListener('abort', stop);
  let cancelTimer = (): void => {};
  try {
    return await new Promise((resolve, reject) => {
      let begun = 0;
      let running = 0;
      let won = false;
      const failures: unknown[] = [];
      const next = (): void => {
        cancelTimer();
        const address = addresses[begun];
        if (won || over.signal.aborted) return;
        if (address === undefined) {
          if (running === 0) reject(closest(failures));
          return;
        }
        begun++;
        running++;
        if (begun < addresses.length) cancelTimer = race.setTimer(race.alone(address), next);
        race.dial(address, over.signal).then(
          (stream) => {
            running--;
            if (won || over.signal.aborted) {
              stream.destroy();
              return;
            }
            won = true;
            resolve({ stream, address });
          },
          (error: unknown) => {
            running--;
            failures.push(error);
            next();
          },
        );
      };
      over.signal.addEventListener('abort', () => reject(cancelled()));
      next();
    });
  } finally {
    cancelTimer();
    race.signal.removeEventListener('abort', stop);
    // Those that were slower.
    stop();
  }
}

const telling: readonly Fail['code'][] = ['REFUSED', 'RESET', 'BUSY', 'TIMED_OUT'];

function closest(failures: readonly unknown[]): unknown {
  const found = telling.flatMap((code) => failures.find((failure) => isFail(failure, code)) ?? []);
  return found[0] ?? failures[0] ?? unreachable('there is no address to try');
}
