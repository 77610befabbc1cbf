/**
 * Public nodes of the Mycelium project, all on TCP port 9651 (its list of hosted public nodes, v0.7). They change rarely; one that
 * does not answer is replaced by another.
 */
export const publicPeers: readonly string[] = [
  'tcp://188.40.132.242:9651',
  'tcp://136.243.47.186:9651',
  'tcp://185.69.166.7:9651',
  'tcp://185.69.166.8:9651',
  'tcp://65.21.231.58:9651',
  'tcp://65.109.18.113:9651',
  'tcp://209.159.146.190:9651',
  'tcp://5.78.122.16:9651',
  'tcp://5.223.43.251:9651',
  'tcp://142.93.217.194:9651',
];

/** One would be a single point of failure; each more costs idle traffic and tells one more node that we are there. */
export const publicPeersWanted = 2;
/** Attempts in a row after which another is tried. */
const givenUpAfter = 3;

export interface Dialled {
  readonly endpoint: string;
  readonly connected: boolean;
  readonly failures: number;
}

/**
 * Which public nodes to give up, and which to try, to stay connected to {@link publicPeersWanted} of them.
 *
 * @param using those dialled now because they are public
 * @param random a number from 0 up to, not including, `n`
 */
export function choosePublicPeers(
  all: readonly string[],
  using: readonly Dialled[],
  random: (n: number) => number,
): { drop: string[]; add: string[] } {
  const drop = using.filter(({ connected, failures }) => !connected && failures >= givenUpAfter).map((p) => p.endpoint);
  const kept = using.filter(({ endpoint }) => !drop.includes(endpoint));
  // Those just given up may be tried again only when there is nobody else.
  const fresh = all.filter((endpoint) => !using.some((one) => one.endpoint === endpoint));
  const add: string[] = [];
  while (kept.length + add.length < publicPeersWanted && fresh.length > 0) {
    add.push(...fresh.splice(random(fresh.length), 1));
  }
  if (kept.length + add.length === 0 && drop.length > 0) return { drop: drop.slice(1), add: [] };
  return { drop, add };
}
