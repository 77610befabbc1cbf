import type { Dial } from '../resp/dial.ts';
import { again, type Clock, createGate, type Waits } from '../timing.ts';
import { Trouble } from '../trouble.ts';
import { connect, type SftpTiming } from './connect.ts';
import type { SftpTarget } from './options.ts';
import { createSession, type Session } from './session.ts';
import { troubleOfStatus } from './words.ts';

export interface SftpTuning {
  readonly timing: SftpTiming;
  /** Before each further try after a connection was cut. */
  readonly waits: Waits;
  /** Files being written or read at once. */
  readonly files: number;
  /** Pieces of all of them on their way at once: what a small question of another call waits for. */
  readonly pieces: number;
  /** How to get to the server; left out: by TCP of the system. */
  readonly dial?: Dial | undefined;
}

/** One connection, opened when it is needed, shared by all calls and opened again by the next one after it broke. */
export function createConnection(target: SftpTarget, clock: Clock, tuning: SftpTuning) {
  const closed = new Trouble('closed', 'The connection was ended.');
  const stopping = new AbortController();
  const files = createGate(tuning.files);
  const pieces = createGate(tuning.pieces);
  let session: Session | null = null;
  let opening: Promise<Session> | null = null;

  const open = async (): Promise<Session> => {
    const made = createSession(
      target.host,
      await connect(target, clock, tuning.timing, tuning.dial),
      clock,
      tuning.timing.idleMs,
    );
    if (stopping.signal.aborted) {
      made.end(closed);
      throw closed;
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
    /** Do something on the connection, again after it was cut; what the server refuses is put into words, about `path`. */
    use: <T>(path: string, work: (session: Session) => Promise<T>): Promise<T> =>
      again(clock, tuning.waits, stopping.signal, () =>
        files(async () => {
          try {
            return await work(await get());
          } catch (error) {
            throw stopping.signal.aborted ? closed : troubleOfStatus(target.host, path, error);
          }
        }),
      ),
    /** Within `use`: one of the few pieces that may be on their way at once. */
    piece: pieces,
    close(): void {
      stopping.abort(closed);
      session?.end(closed);
    },
  };
}
export type Connection = ReturnType<typeof createConnection>;
