import { type Fail, fail } from '#shared/rpc/fail.ts';

/** Why a ledger rests: nothing is asked there until it changes. */
export type Rest =
  | { readonly is: 'lie' }
  | { readonly is: 'put back'; readonly known: number; readonly shown: number }
  | { readonly is: 'old' }
  | { readonly is: 'behind'; readonly known: number; readonly shown: number };

/** For people: what happened, what it means, what to do. */
export function restWords(
  rest: Rest,
  name: string,
): { readonly text: string; readonly meaning: string; readonly next: string } {
  switch (rest.is) {
    case 'lie':
      return {
        text: `${name} signed two stories of their ledger that cannot both be true.`,
        meaning: 'What you hold there may be denied. Nothing is sent there any more; the proof is kept.',
        next: 'Look at the proof, show it to whoever it concerns, and settle what is owed another way.',
      };
    case 'put back':
      return {
        text: `The ledger of ${name} was put back from an older copy.`,
        meaning: 'What happened after that copy was made may be missing there, also what was paid to you.',
        next: `Ask ${name}, look at what you hold, and accept it if you want to go on.`,
      };
    case 'old':
      return {
        text: `${name} shows their ledger as it was before it was put back.`,
        meaning: 'It was followed by another that you accepted, so nothing is asked of it.',
        next: `Ask ${name} which one they run.`,
      };
    case 'behind':
      return {
        text: `The ledger of ${name} is not as far as it was: block ${rest.shown} after block ${rest.known}.`,
        meaning: 'What happened in the blocks between is not shown to you any more.',
        next: `Ask ${name}. It goes on by itself when all blocks are there again.`,
      };
  }
}

export function rests(rest: Rest, name: string): Fail {
  const { text, meaning, next } = restWords(rest, name);
  return fail('CHAIN_RESTS', text, { meaning, next, data: { why: rest.is } });
}
