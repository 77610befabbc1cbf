import type { Opening, Reach } from '#shared/contract/machines.ts';
import { oneIn } from '#shared/model/mesh-share.ts';
import { type Failure, isFail } from '#shared/rpc/fail.ts';
import type { OpeningWords } from './ports.ts';

/** What will be reached of a machine over the mesh, and what is wrong with what was wished for. */
export interface PlannedReach extends Reach {
  /** Of the first opening that cannot be; null when all can. */
  readonly wrong: Failure | null;
}

/** Who reaches a machine that is deployed with these openings. Pure, but for whom names stand for now. */
export function planReach(words: OpeningWords, firewall: readonly string[], state: Reach['state']): PlannedReach {
  let wrong: Failure | null = null;
  const kept = firewall.flatMap((rule) => {
    try {
      return [words.keepRule(rule)];
    } catch (error) {
      if (!isFail(error)) throw error;
      wrong ??= error.toFailure();
      return [];
    }
  });
  const openings = [...new Set(kept)].map((rule) => words.showRule(rule));
  return { state, text: textOf(state, openings), openings, wrong };
}

const withoutCard = 'It gets no card for the mesh here, so nobody reaches it there.';
const notJoined = 'This device has not joined the mesh, so nobody reaches it there. ';

function textOf(state: Reach['state'], openings: readonly Opening[]): string {
  if (state === 'without') return withoutCard;
  if (openings.length === 0) {
    return state === 'on'
      ? 'It gets an address on the mesh. Nobody there reaches it: everything is closed.'
      : 'This device has not joined the mesh. Even when it has, nobody there reaches the machine: everything is closed.';
  }
  const list = openings.map(({ rule, who }) => `${rule.split(' ')[0]} for ${who}`).join('; ');
  const some = openings.some(({ peers }) => peers.some(({ text }) => oneIn(text) !== null));
  const all = openings.some(({ everybody }) => everybody);
  const strangers = all ? ' Everybody means strangers too.' : some ? ' That means strangers too.' : '';
  const open = `Open over the mesh: ${list}. Everything else is closed.${strangers}`;
  return state === 'on' ? open : `${notJoined}Once it has: ${open.charAt(0).toLowerCase()}${open.slice(1)}`;
}
