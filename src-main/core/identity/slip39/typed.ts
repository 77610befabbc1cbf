import { failures } from '../failures.ts';
import {
  type Combined,
  combineShares,
  decodeShare,
  type Share,
  type ShareOutcome,
  type Standing,
  standingOf,
} from './index.ts';

/** Words of a share as a person types or pastes it: numbers and punctuation are none. */
export const wordsOf = (typed: string): string[] =>
  typed
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '');

function badShare(at: number, outcome: ShareOutcome) {
  const name = `Share ${at + 1}`;
  const compare = 'Compare every word and the order with what is written down.';
  if (outcome.ok) return failures.badShares(`${name} does not belong to the others.`, compare, at + 1);
  switch (outcome.why) {
    case 'UNKNOWN_WORDS': {
      const places = outcome.positions.map((position) => position + 1);
      const which = places.length === 1 ? `word ${places[0]} is` : `the words ${places.join(', ')} are`;
      return failures.badShares(`${name}: ${which} not in the list of words.`, 'Check the spelling.', at + 1);
    }
    case 'COUNT':
      return failures.badShares(
        `${name} has too few words, or too many.`,
        'A share that Hypha made has 33 words.',
        at + 1,
      );
    case 'CHECKSUM':
      return failures.badShares(
        `${name} is not right: at least one word is wrong, or two have changed places.`,
        compare,
        at + 1,
      );
    case 'MALFORMED':
      return failures.badShares(
        `${name} is not right, although its checksum is.`,
        'It was not made by a program that follows SLIP-0039; use another share.',
        at + 1,
      );
  }
}

/** How far shares are. @throws Fail BAD_SHARES */
export function weigh(typed: readonly string[]): Standing {
  const shares: Share[] = typed.map((text, at) => {
    const outcome = decodeShare(wordsOf(text));
    if (!outcome.ok) throw badShare(at, outcome);
    return outcome.share;
  });
  const standing = standingOf(shares);
  if (!standing) throw mixed();
  return standing;
}

const mixed = () =>
  failures.badShares(
    'These shares are of different sets.',
    'Use shares of one set only: those of one set begin with the same two words.',
  );

/** The entropy of the phrase, from its shares; for the caller to wipe. @throws Fail BAD_SHARES */
export async function entropyFromShares(typed: readonly string[]): Promise<Uint8Array> {
  const combined: Combined = await combineShares(typed.map(wordsOf));
  if (combined.ok) {
    if (combined.secret.length === 32) return combined.secret;
    throw failures.badShares(
      'These shares hold the secret of another program.',
      'Use the shares that Hypha made: each has 33 words.',
    );
  }
  switch (combined.why) {
    case 'BAD_SHARE':
      throw badShare(combined.at, combined.outcome);
    case 'MIXED':
      throw mixed();
    case 'TOO_FEW': {
      const { groups } = combined.standing;
      const [first] = groups;
      const lacking = first && groups.length === 1 ? first.threshold - first.have : 0;
      throw failures.badShares(
        lacking > 0
          ? `${lacking === 1 ? 'One more share is' : `${lacking} more shares are`} needed.`
          : 'More shares are needed.',
        'Ask those who have the others.',
      );
    }
    case 'WRONG':
      throw failures.badShares(
        'These shares do not go together, although each is right by itself.',
        'One of them may be of an earlier set; leave one out after the other if you have more than are needed.',
      );
    case 'TOO_COSTLY':
      throw failures.badShares(
        'These shares were made with a cost that is too high for this program.',
        'Restore them with the program that made them.',
      );
  }
}
