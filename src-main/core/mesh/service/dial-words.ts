import type { DialReason } from '../node/dial-reason.ts';

/** Why a peer cannot be connected to, as people are told; short, for it stands in a list. */
export const dialWords: Readonly<Record<DialReason, string>> = {
  refused: 'Nobody accepts connections there.',
  'no-answer': 'No answer came in time.',
  unreachable: 'No way leads there from here.',
  'unknown-name': 'No computer of that name was found.',
  key: 'It does not accept this network’s key.',
  closed: 'It ended the connection at once.',
  other: 'The connection did not come about.',
};
