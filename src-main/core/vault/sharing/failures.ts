import { fail } from '#shared/rpc/fail.ts';
import type { No } from './format/asking.ts';

/* What sharing says when something cannot be done. */

export const failures = {
  noMesh: () =>
    fail('MESH_OFF', 'This computer is not on the mesh, and a share is read over it.', {
      meaning: 'Nothing was shared.',
      next: 'Join the mesh first.',
    }),
  noShare: () =>
    fail('NOT_FOUND', 'There is no such share.', { next: 'Look at the list of shares; it may have ended.' }),
  already: (name: string, who: string) =>
    fail('ALREADY_EXISTS', `“${name}” is shared with ${who} already.`, {
      meaning: 'Nothing was changed.',
      next: 'Change that share, or take it back first.',
    }),
  unverified: (who: string) =>
    fail('CONTACT_UNVERIFIED', `You have not compared the safety number with ${who}.`, {
      meaning: 'Nothing was shared. Somebody else may have handed you their link.',
      next: 'Compare the number with them, or share all the same and say that you know it (unverified).',
    }),
  waiting: (who: string) =>
    fail(
      'CONTACT_WAITING',
      `Nothing can be sealed for ${who} now: their whole card is not here, or they are blocked.`,
      {
        meaning: 'Nothing was shared.',
        next: 'Wait until their card has come over the mesh, or ask them for their long link.',
      },
    ),
  tooMany: (most: number) =>
    fail('TOO_MANY', `There are ${most} shares already.`, {
      meaning: 'Nothing was shared.',
      next: 'Take back some that are not needed.',
    }),
  past: () =>
    fail('BAD_INPUT', 'That time is over already.', { meaning: 'Nothing was shared.', next: 'Choose a later one.' }),
  ended: (name: string, who: string) =>
    fail('SHARE_ENDED', `${who} has taken “${name}” back.`, {
      meaning: 'What you saved of it stays yours.',
      next: 'Ask them to share it again.',
    }),
  expired: (name: string, who: string) =>
    fail('SHARE_ENDED', `The time for which ${who} shared “${name}” is over.`, {
      meaning: 'What you saved of it stays yours.',
      next: 'Ask them to share it again.',
    }),
  renewed: (name: string) =>
    fail(
      'SHARE_CHANGED',
      `The terms of “${name}” have just changed, and the letter that says how is still on its way.`,
      {
        meaning: 'Nothing was read or sent.',
        next: 'Try again in a moment.',
      },
    ),
  locked: (who: string) =>
    fail('OWNER_LOCKED', `The Hypha of ${who} is there, but locked.`, {
      meaning: 'While it is, nothing they share can be read.',
      next: 'Try again when they have unlocked it.',
    }),
  unreachable: (who: string, seen: string) =>
    fail('NOT_REACHABLE', `The device of ${who} that shares this cannot be reached now, ${seen}.`, {
      meaning: 'What you saved of it stays; the rest lies on their device only.',
      next: 'Try again when it is on and joined to the mesh.',
    }),
  strange: (who: string) =>
    fail('BAD_ANSWER', `What the device of ${who} answered is not what a Hypha answers.`, {
      meaning: 'Nothing of it was used.',
      next: 'If it happens again, see that both run the newest release.',
    }),
  changedMeanwhile: () =>
    fail('CHANGED', 'Your own file changed while it was being sent.', {
      meaning: 'Nothing arrived.',
      next: 'Send it again.',
    }),
} as const;

/** What the owner's device answered instead, in words. */
export function refusal(code: No, name: string) {
  switch (code) {
    case 'NOT_FOUND':
      return fail('NOT_FOUND', 'That is not in what was shared (any more).', { next: 'Look at the folder again.' });
    case 'NOT_A_FILE':
      return fail('NOT_A_FILE', 'That is a folder.', { next: 'Choose a file.' });
    case 'READ_ONLY':
      return fail('READ_ONLY', `“${name}” was shared for reading only.`, {
        meaning: 'Nothing was sent.',
        next: 'Ask its owner to let you change it.',
      });
    case 'DAMAGED':
      return fail('DAMAGED', 'Its owner’s vault cannot read this file now.', {
        meaning: 'Too many of the places that hold it are away.',
        next: 'Tell its owner, and try again later.',
      });
    case 'DISK_FULL':
      return fail(
        'OWNER_FULL',
        'Its owner’s vault has no room for it, or is not willing to take more through this share.',
        {
          meaning: 'Nothing arrived.',
          next: 'Tell its owner.',
        },
      );
    case 'TOO_LARGE':
      return fail('TOO_LARGE', 'It is larger than its owner’s vault can take.', { meaning: 'Nothing arrived.' });
    case 'INCOMPLETE':
      return fail(
        'INTERRUPTED',
        'Its owner’s device has forgotten what had been sent: it was locked, or started anew.',
        {
          meaning: 'Nothing arrived.',
          next: 'Send it again.',
        },
      );
    case 'BUSY':
      return fail('OWNER_BUSY', 'Its owner’s device has too much to do with you already.', {
        next: 'Wait until what is under way is done.',
      });
    default:
      return fail('BAD_ANSWER', 'Its owner’s device could not answer.', { next: 'Try again.' });
  }
}
