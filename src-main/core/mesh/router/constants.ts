/*
 * Times are milliseconds unless a name says otherwise. The daemon's values (Mycelium v0.7.10, docs/formats/mesh.md),
 * except where a comment says that ours differs: none of those is visible on the wire as anything but good manners.
 */

export const helloInterval = 20_000;
/** Without an IHU for two Hellos and some grace a link is dead. */
export const deadAfter = 43_000;
/** Fields of Hello and IHU, centiseconds. */
export const helloField = 2000;
export const ihuField = 6000;

export const announceInterval = 300_000;
/** The interval field of every Update, centiseconds. */
export const updateField = 30_000;
/** A route lives so many of the intervals it was advertised with. */
export const holdIntervals = 3.5;
export const retractedHold = 6_000;
export const sourceLifetime = 1_800_000;

export const seqnoBumpInterval = 4_000;
/** How long a neighbour is not asked again for the same thing. */
export const seqnoAskAgain = 4_000;
/** A forwarded request is not forwarded again. The daemon waits 60 s; a lost one then costs a minute of silence. */
export const seqnoRequestMemory = 10_000;
export const seqnoRequestHops = 64;

/** A metric that moved by more than this is news; a route must be better by more than this to be switched to. */
export const bigChange = 10;

export const queryTimeout = 15_000;
export const requestMemory = 15_000;
/**
 * Ours alone: so many times at once, and again after so long, everybody may be asked anew for what was found and lost again. Else
 * a route that breaks soon after it was found is not looked for until what was asked before is forgotten.
 */
export const askAnewBurst = 4;
export const askAnewInterval = 2_000;
export const maxGeneration = 16;

/**
 * When a route's end is so near it is asked for again, if it was used. The daemon does so for packets in the last 15 s; an
 * earlier start leaves room for a lost answer.
 */
export const refreshBefore = [60_000, 30_000, 12_000] as const;

/**
 * Ours alone: routes over a new link are announced when its cost is known, or after this. The daemon announces them at once,
 * a thousand too dear, and the whole network stores that.
 */
export const measureWait = 1_000;
/** Link cost before the first answer. */
export const unknownCost = 1000;
/**
 * Ours alone: a link costs the middle one of its last round trips, where the daemon's cost creeps by a tenth of each sample; a
 * new link is asked a few times quickly, so that its cost does not hang on one answer.
 */
export const samplesKept = 8;
export const quickHellos = [1_000, 2_000, 4_000] as const;
/**
 * Ours alone: an answer is no measure of the link when our own program may have delayed it by more than this. After so many such
 * answers in a row one counts, with half of that taken off; a link's first counts with all of it taken off.
 */
export const latenessBorne = 5;
export const lateAnswersLost = 3;
/** The program is looked at every 5 ms; being late by 2 is usual: so near, two spans of lateness are one to what lies between. */
export const lateNear = 7.5;
/** Ours alone: a link on which Hellos stay unanswered costs as much more as they must be repeated. */
export const hellosCounted = 16;
export const hellosToJudge = 4;
export const mostTries = 4;
/**
 * Ours alone: a link's cost as routes see it follows the measured one when that moved by more than `bigChange` and by a
 * quarter, not more often than this. The daemon never announces a change of its link cost.
 */
export const costChangeInterval = 60_000;
export const costChangeShare = 0.25;

/** Ours alone: a prefix whose metric wobbles is announced no more often than this. */
export const metricAnnounceInterval = 2_000;
/** Ours alone: a peer gets the whole table no more often than this. */
export const dumpInterval = 10_000;
/** Ours alone: requests for unknown prefixes that one peer may have flooded, each second and at once. */
export const floodRate = 100;
export const floodBurst = 1000;
/**
 * Ours alone: news by one neighbour that all others are told of unasked, at once and each second. What is beyond them waits for
 * its turn; who needs the route meanwhile asks, and is answered.
 */
export const newsBurst = 1024;
export const newsRate = 250;
/**
 * Ours alone: so many newer seqnos one neighbour is asked for, at once and each second, because a route was lost. For more
 * we ask when a packet needs the route.
 */
export const seqnoAskBurst = 1000;
export const seqnoAskRate = 100;
/** Ours alone: requests for newer seqnos of others that one neighbour may have us remember and pass on, at once and each second. */
export const seqnoNoteBurst = 2000;
export const seqnoNoteRate = 100;
/**
 * Ours alone, in the spirit of route flap damping (RFC 2439): so many times at once, and again after so long, a prefix is
 * announced anew after it had been withdrawn or changed its source.
 */
export const flapBurst = 4;
export const flapForgotten = 10_000;
/** Neighbours that asked for one prefix in vain and are remembered; who else asked may ask again. */
export const askersKept = 64;
/** Prefixes of which that is remembered after nothing else is known of them; the last ones. */
export const flapsKept = 20_000;
/** What would have to wait for longer is not announced unasked at all. */
export const longestWait = 120_000;
