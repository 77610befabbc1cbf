import { fromHex } from '#core/crypto/encoding.ts';
import { again, type Clock, createGate, pauseFor, type Waits } from '../timing.ts';
import { Trouble } from '../trouble.ts';
import { createSession, type Session } from './session.ts';
import type { FriendTarget } from './target.ts';
import { version } from './wire/messages.ts';
import { cutTrouble, lateTrouble, oddTrouble, troubleOfDialling } from './words.ts';

export interface FriendTuning {
  readonly dialMs: number;
  /** While something is asked and nothing moves. */
  readonly stallMs: number;
  /** Before each further try after a connection was cut. */
  readonly waits: Waits;
  /** Pieces on their way at once, and other questions. */
  readonly puts: number;
  readonly reads: number;
}
export const usualTuning: FriendTuning = {
  dialMs: 12_000,
  stallMs: 60_000,
  waits: [250, 1000, 3000],
  puts: 8,
  reads: 12,
};

/** Connect and greet. @throws Trouble */
export async function openSession(
  { friend, dial }: Pick<FriendTarget, 'friend' | 'dial'>,
  clock: Clock,
  { dialMs, stallMs }: Pick<FriendTuning, 'dialMs' | 'stallMs'>,
  stop: AbortSignal,
): Promise<Session> {
  const over = new AbortController();
  const abort = (): void => over.abort();
  let late = false;
  const cancel = clock.setTimer(dialMs, () => {
    late = true;
    over.abort();
  });
  stop.addEventListener('abort', abort, { once: true });
  try {
    const stream = await dial(over.signal);
    if (over.signal.aborted) {
      stream.destroy();
      throw cutTrouble(friend);
    }
    return createSession(stream, friend, clock, stallMs);
  } catch (error) {
    if (stop.aborted) throw stop.reason;
    throw late ? lateTrouble(friend) : troubleOfDialling(friend, error);
  } finally {
    cancel();
    stop.removeEventListener('abort', abort);
  }
}

/** One connection to a room, opened when it is needed, shared by all calls and opened again by the next one after it broke. */
export function createLink(target: FriendTarget, clock: Clock, tuning: FriendTuning) {
  const closed = new Trouble('closed', 'The connection was ended.');
  const stopping = new AbortController();
  const gates = { puts: createGate(tuning.puts), reads: createGate(tuning.reads) };
  let session: Session | null = null;
  let opening: Promise<Session> | null = null;

  const open = async (): Promise<Session> => {
    const [grant, secret] = [fromHex(target.grant), fromHex(target.secret)];
    if (grant?.length !== 16 || secret?.length !== 32) throw oddTrouble(target.friend);
    const made = await openSession(target, clock, tuning, stopping.signal);
    try {
      const answer = await made.ask({ kind: 'open', version, grant, secret });
      if (answer.kind !== 'done') throw oddTrouble(target.friend);
      if (stopping.signal.aborted) throw closed;
    } catch (error) {
      made.end(closed);
      throw error;
    }
    session = made;
    return made;
  };
  const get = async (): Promise<Session> => {
    if (stopping.signal.aborted) throw closed;
    if (session?.alive()) return session;
    opening ??= open().finally(() => {
      opening = null;
    });
    return opening;
  };

  return {
    /** Do something on the connection; again after it was cut, for what may be done twice. */
    use: <T>(gate: keyof typeof gates, work: (session: Session) => Promise<T>): Promise<T> =>
      again(clock, tuning.waits, stopping.signal, () =>
        gates[gate](async () => {
          try {
            return await work(await get());
          } catch (error) {
            throw stopping.signal.aborted ? closed : error;
          }
        }),
      ),
    pause: (ms: number): Promise<void> => pauseFor(clock, ms, stopping.signal),
    close(): void {
      stopping.abort(closed);
      session?.end(closed);
    },
  };
}
export type Link = ReturnType<typeof createLink>;
