import type { Host, Logger } from '#core/host.ts';
import { fail } from '#shared/rpc/fail.ts';
import { encodeTries, noTries, notInFuture, oneMore, retryAt, type Tries } from './tries.ts';
import type { TwoCopies } from './two-copies.ts';

/** Counts passphrase tries on disk and refuses them while a wait runs. */
export interface Guard {
  load(): Promise<void>;
  retryAt(): number | null;
  /** @throws Fail TOO_MANY_TRIES with data.retryAt while a wait runs; else counts a try before it is made. */
  begin(): Promise<void>;
  /** The passphrase was right. */
  right(): Promise<void>;
  /** The try said nothing about the passphrase (a damaged file, a missing second factor): take it back. */
  void(): Promise<void>;
}

export function createGuard(file: TwoCopies<Tries>, host: Host, log: Logger): Guard {
  let tries = noTries;
  let before = noTries;

  async function set(next: Tries): Promise<void> {
    tries = next;
    try {
      await file.write(encodeTries(next));
    } catch (error) {
      // A full disk must not keep the person out; the count goes on in memory.
      log.warn({ error: String(error) }, 'tries not written');
    }
  }

  return {
    async load() {
      const read = await file.read();
      tries = read.state === 'good' ? read.value : noTries;
    },
    retryAt: () => retryAt(notInFuture(tries, host.now()), host.now()),
    async begin() {
      const now = host.now();
      const current = notInFuture(tries, now);
      if (current !== tries) await set(current);
      const at = retryAt(current, now);
      if (at !== null) {
        throw fail('TOO_MANY_TRIES', 'Too many wrong passphrases.', {
          meaning: 'Nothing was tried or changed. Machines and everything that runs go on.',
          next: `Wait ${waitWords(at - now)} and try again, or restore with your 24 words.`,
          data: { retryAt: at },
        });
      }
      before = current;
      // Written first, so that ending the program during the try does not make it free.
      await set(oneMore(current, now));
    },
    async right() {
      await set(noTries);
    },
    async void() {
      await set(before);
    },
  };
}

function waitWords(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 90) return `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
