import { isForEverybody, mostOpenings, parseFirewallRule, peerKind, withPeers } from '#shared/model/firewall-rule.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { OpeningWords } from './ports.ts';

/**
 * A machine's firewall after a change, in the form it is kept in. What is to be closed may be written as it is listed, as it is kept, or with another
 * name of the same person; an opening that is there already is not added again.
 *
 * @param now as it is kept
 * @throws Fail NOT_FOUND for one to close that is not there and for a name that nobody has, LOCKED, BAD_INPUT for too many
 */
export function changeOpenings(
  words: OpeningWords,
  now: readonly string[],
  open: readonly string[],
  close: readonly string[],
): string[] {
  const closed = new Set(close.flatMap((rule) => meant(words, now, rule)));
  const after = [...new Set([...now.filter((rule) => !closed.has(rule)), ...open.map((rule) => words.keepRule(rule))])];
  if (after.length > mostOpenings) {
    throw fail('BAD_INPUT', `A machine’s firewall has at most ${mostOpenings} openings.`, {
      meaning: 'Nothing was changed.',
      next: 'Close one first, or open a range of ports.',
    });
  }
  return after;
}

/** Those of a machine's openings that a text means. */
function meant(words: OpeningWords, now: readonly string[], rule: string): string[] {
  if (now.includes(rule)) return [rule];
  const plain = plainly(rule);
  const listed = now.filter((kept) => plainly(words.showRule(kept).rule) === plain);
  if (listed.length > 0) return listed;
  const kept = tryKeep(words, rule);
  if (kept !== null && now.includes(kept)) return [kept];
  throw fail('NOT_FOUND', `This machine’s firewall has no opening "${rule}".`, {
    meaning: 'Nothing was changed.',
    next: 'Look at its openings; name one as it is listed.',
  });
}

/** Without differences of writing. */
const plainly = (rule: string): string => withPeers(rule, parseFirewallRule(rule)?.peers ?? []).toLowerCase();

function tryKeep(words: OpeningWords, rule: string): string | null {
  try {
    return words.keepRule(rule);
  } catch {
    // Who is not known has no opening under that name.
    return null;
  }
}

/** Where there is no mesh nobody is known: openings are for addresses, and wait. */
export const withoutMesh: OpeningWords = {
  keepRule(rule) {
    const peers = parseFirewallRule(rule)?.peers ?? [];
    const name = peers.find((peer) => peerKind(peer) !== 'address');
    if (name === undefined) return rule;
    throw fail('NOT_FOUND', `Nobody is known as ${name}.`, { next: 'Give an address of the mesh.' });
  },
  showRule(kept) {
    const peers = (parseFirewallRule(kept)?.peers ?? []).map((text) => ({
      ...{ text, kind: 'address' as const, contact: null, petname: null, state: 'in' as const, addresses: [text] },
    }));
    const who = peers.map(({ text }) => text).join(', ');
    const everybody = isForEverybody({ peers: peers.map(({ text }) => text) });
    return { rule: kept, who: who || 'everybody', everybody, peers };
  },
  sayRule: (rule) => rule,
};
