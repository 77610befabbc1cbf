import { type Arena, segmentBytes } from '../pool/arena.ts';
import { createLender } from '../pool/lender.ts';

/** A region of the arena that plain bytes lie in until the packs they went to have taken them. */
export interface Segment {
  readonly at: number;
  users: number;
}

export type Segments = ReturnType<typeof createSegments>;

/** Lends the arena's segments; `starved` is called when somebody begins to wait for one. */
export function createSegments(arena: Arena, starved: () => void) {
  let shared: { segment: Segment; used: number } | null = null;
  const lender = createLender<number>(arena.segments, starved);
  const take = async (): Promise<Segment> => ({ at: await lender.take(), users: 1 });
  const leave = (segment: Segment): void => {
    segment.users--;
    if (segment.users === 0) lender.give(segment.at);
  };
  const dropShared = (): void => {
    const was = shared;
    shared = null;
    if (was) leave(was.segment);
  };
  return {
    take,
    leave,
    free: lender.free,
    waiting: lender.waiting,
    /** Room in the segment that small files and moved chunks share. The caller leaves the segment when done. */
    async share(room: number): Promise<{ segment: Segment; at: number }> {
      for (;;) {
        if (shared && shared.used + room > segmentBytes) dropShared();
        if (!shared) {
          const segment = await take();
          if (shared) leave(segment);
          else shared = { segment, used: 0 };
        }
        const mine = shared as { segment: Segment; used: number };
        if (mine.used + room > segmentBytes) continue;
        const at = mine.segment.at + mine.used;
        mine.used += Math.ceil(room / 16) * 16;
        mine.segment.users++;
        return { segment: mine.segment, at };
      }
    },
    /** Nobody shares it any further: it comes back when its last user leaves. */
    dropShared,
  };
}
