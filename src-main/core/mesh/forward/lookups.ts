import { createPace, nextTurn, type Pace, type PaceRule, takeTurn } from '../router/pace.ts';

/*
 * How many searches for a route strangers may cause. Each goes out to every neighbour, and on from there, and holds one of the places for
 * questions in the router for 15 s; and to cause one takes a single packet, with any address in it. So they are rationed for each link that
 * brings such packets, lest one link takes all, and for all links together, which leaves most of those places to our own packets. These are
 * never rationed here.
 */

/** Packets for us whose senders we do not know yet, and packets on their way through: neither can use up what the other has. */
export type Cause = 'incoming' | 'transit';

/** What one link has had of the ration. It goes with the link. */
export type LookupShare = Readonly<Record<Cause, Pace>>;

/** Real traffic needs one for each new node it comes from or goes to, and again when that was not heard of for half an hour. */
const ofLink: PaceRule = { interval: 1000 / 50, burst: 300 };
/** Of both causes together 4,200 at most go on at a time, of the 10,000 the router can have. */
const ofAll: PaceRule = { interval: 1000 / 100, burst: 600 };

export function createLookupShare(): LookupShare {
  return { incoming: createPace(), transit: createPace() };
}

export interface LookupRation {
  /** @param now milliseconds @returns false when it is one too many */
  allows(cause: Cause, share: LookupShare, now: number): boolean;
}

export function createLookupRation(): LookupRation {
  const all = createLookupShare();
  return {
    allows(cause, share, now) {
      if (nextTurn(share[cause], ofLink) > now || nextTurn(all[cause], ofAll) > now) return false;
      takeTurn(share[cause], ofLink, now);
      takeTurn(all[cause], ofAll, now);
      return true;
    },
  };
}
