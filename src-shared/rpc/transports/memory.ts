import { defaultLimits } from '../frames.ts';
import { portable } from '../portable.ts';
import { Inbox, type Transport } from '../transport.ts';

/** Two joined ends in one process. Frames arrive in a later microtask and are copies, as on a real wire. */
export function memoryPair(limit: number = defaultLimits.frame): [Transport, Transport] {
  const inboxes = [new Inbox(), new Inbox()] as const;
  const end = (mine: Inbox, theirs: Inbox): Transport => ({
    buffered: 0,
    send(frame) {
      if (mine.ended) return;
      const copy = structuredClone(portable(frame, limit));
      queueMicrotask(() => theirs.frame(copy));
    },
    listen: (handlers) => mine.listen(handlers),
    close() {
      if (mine.ended) return;
      mine.end(null);
      queueMicrotask(() => theirs.end(null));
    },
  });
  return [end(inboxes[0], inboxes[1]), end(inboxes[1], inboxes[0])];
}
