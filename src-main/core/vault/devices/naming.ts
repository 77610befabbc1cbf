import type { Host, Logger } from '#core/host.ts';
import type { Session } from '../core.ts';
import type { Node } from '../tree.ts';
import { type contentKey, nameOf } from './contents.ts';
import type { ContentId } from './ports.ts';

/** Names that are written down together. */
const together = 64;
/** Of what reading a file took, at most so long is rested after it. */
const mostRestMs = 1_000;

/** A file whose content has its name. */
export interface Named {
  readonly item: string;
  readonly content: ContentId;
}

export interface NamingDeps {
  readonly session: Session;
  readonly key: ReturnType<typeof contentKey>;
  readonly host: Host;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Files whose contents have no name yet. */
  readonly unread: () => readonly Node[];
  /** Durable when it resolves. */
  readonly save: (named: readonly Named[]) => Promise<void>;
  readonly failed: (error: unknown) => void;
}

/** Reads files that were put into the vault here, for the names of their contents: in the background, for at most half of the time. */
export function createNaming({ session, key, host, log, signal, unread, save, failed }: NamingDeps) {
  /** Files that could not be read: not again before the next unlock. */
  const unreadable = new Set<string>();
  let running: Promise<void> | null = null;
  let hurry = 0;
  let wake = (): void => {};

  const isReadable = ({ id }: Node): boolean => !unreadable.has(id);

  const rest = async (ms: number): Promise<void> => {
    if (hurry > 0 || ms <= 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const cancel = host.setTimer(Math.min(mostRestMs, ms), resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });
  };
  /** One file after the other. */
  const read = async (): Promise<void> => {
    let named: Named[] = [];
    const flush = async (): Promise<void> => {
      const done = named;
      named = [];
      if (done.length > 0) await save(done);
    };
    const seen = new Set<string>();
    for (;;) {
      const next = unread().find((one) => !seen.has(one.id) && isReadable(one));
      if (!next || signal.aborted) break;
      seen.add(next.id);
      if (session.tree.get(next.id) !== next) continue;
      let began = performance.now();
      const piece = async (): Promise<void> => {
        const took = performance.now() - began;
        if (took > 50) await rest(took);
        if (took > 50) began = performance.now();
      };
      try {
        named.push({ item: next.id, content: await nameOf(session, key, next, signal, piece) });
      } catch (error) {
        if (signal.aborted) throw error;
        unreadable.add(next.id);
        log.warn({ error: String(error) }, 'a file could not be read for the other devices');
      }
      if (named.length >= together) await flush();
    }
    await flush();
  };

  return {
    /** Those that are still to be read, without those that cannot be. */
    left: (): readonly Node[] => unread().filter(isReadable),
    start(): void {
      if (running || signal.aborted || !unread().some(isReadable)) return;
      running = read()
        .catch(failed)
        .finally(() => {
          running = null;
        });
    },
    running: () => running,
    /** Without rests while `work` goes on. */
    async hurrying(work: () => Promise<void>): Promise<void> {
      hurry++;
      try {
        wake();
        await work();
      } finally {
        hurry--;
      }
    },
    /** Ends when what is being read has ended: the signal was given. */
    async stop(): Promise<void> {
      wake();
      await running;
    },
  };
}
