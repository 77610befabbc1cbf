import { connect, type Socket } from 'node:net';
import type { Host } from '#core/host.ts';
import { fail } from '#shared/rpc/fail.ts';
import { pause } from '../images/download.ts';
import { type ConsoleLog, createConsoleLog } from './console-log.ts';

/** One machine's serial console: one reader in the agent, any number of viewers, which all read the log. */
export interface Console {
  /** Connect to a running machine's serial socket; done again after it was lost. */
  attach(path: string): Promise<void>;
  detach(): void;
  readonly attached: boolean;
  type(bytes: Uint8Array): Promise<void>;
  /** Follow from a position (negative: from the end) until the signal. Waits through stops: a machine may start again. */
  follow(from: number, signal: AbortSignal): AsyncIterable<{ at: number; bytes: Uint8Array }>;
  /** Bytes seen since the last attach. */
  seen(): number;
  /** The last few thousand characters seen since the last attach. */
  recent(): string;
  /** Settles when more has been seen, or after `ms`. */
  more(ms: number): Promise<void>;
}

const recentLimit = 8_192;
const typedLimit = 256 * 1024;
const typedMs = 5_000;
const chunkLimit = 64 * 1024;

export function createConsole(logFile: string, host: Host, log: ConsoleLog = createConsoleLog(logFile)): Console {
  let socket: Socket | null = null;
  let seen = 0;
  let recent = '';
  let sinceCap = 0;
  const wakes = new Set<() => void>();
  const wake = (): void => {
    for (const fire of [...wakes]) fire();
  };

  /** A promise for the next wake-up, armed before the log is read, so that nothing between is missed. */
  function nextWake(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const fire = (): void => {
      cancel();
      wakes.delete(fire);
      resolve();
    };
    const cancel = host.setTimer(ms, fire);
    wakes.add(fire);
    return promise;
  }

  function take(bytes: Buffer): void {
    seen += bytes.length;
    recent = (recent + bytes.toString('latin1')).slice(-recentLimit);
    sinceCap += bytes.length;
    if (sinceCap > 256 * 1024) {
      sinceCap = 0;
      log.cap().catch(() => {});
    }
    wake();
  }

  return {
    async attach(path) {
      socket?.destroy();
      seen = 0;
      recent = '';
      // A log that cannot be cut (full disk) is no reason to lose the machine.
      await log.cap().catch(() => {});
      const fresh = connect(path);
      await new Promise<void>((resolve, reject) => {
        fresh.once('connect', resolve);
        fresh.once('error', reject);
      });
      socket = fresh;
      fresh.on('data', take);
      fresh.on('error', () => {});
      fresh.on('close', () => {
        if (socket === fresh) socket = null;
        wake();
      });
    },
    detach() {
      socket?.destroy();
      socket = null;
    },
    get attached() {
      return socket !== null;
    },
    async type(bytes) {
      const open = socket;
      if (open === null)
        throw fail('WRONG_STATE', 'The console is not connected.', { next: 'Start the machine first.' });
      const full = () =>
        fail('BUSY', 'The machine does not take what is typed.', {
          meaning: 'It may be paused, or hang.',
          next: 'Look at its state, then try again.',
        });
      // QEMU takes no more than the guest reads: what waits is bounded, and so is the waiting.
      if (open.writableLength + bytes.length > typedLimit) throw full();
      await new Promise<void>((resolve, reject) => {
        const cancel = host.setTimer(typedMs, () => reject(full()));
        open.write(bytes, (error) => {
          cancel();
          if (error) reject(error);
          else resolve();
        });
      });
    },
    async *follow(from, signal) {
      const onAbort = (): void => wake();
      signal.addEventListener('abort', onAbort);
      try {
        let at = from < 0 ? Math.max(await log.begin(), (await log.end()) + from) : from;
        // A position of the future (the log was removed) would wait for ever.
        at = Math.min(at, await log.end());
        // QEMU writes its log just after the socket: look again soon after a wake-up, then rarely.
        let patience = 20;
        while (!signal.aborted) {
          const woken = nextWake(patience);
          const part = await log.read(at, chunkLimit);
          at = part.at;
          if (part.bytes.length > 0) {
            patience = 20;
            yield part;
            continue;
          }
          await woken;
          patience = Math.min(patience * 2, 1_000);
        }
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
    seen: () => seen,
    recent: () => recent,
    more: (ms) => nextWake(ms),
  };
}

/** Try `attach` until it works: QEMU makes its sockets a moment after it starts. */
export async function attachSoon(console: Console, path: string, host: Host, tries = 50): Promise<void> {
  for (let left = tries; ; left--) {
    try {
      return await console.attach(path);
    } catch (error) {
      if (left <= 1) throw error;
      await pause(host, 50);
    }
  }
}
