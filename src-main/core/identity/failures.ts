import type { PhraseOutcome } from '#core/crypto/phrase.ts';
import { type Fail, fail } from '#shared/rpc/fail.ts';

/* What the identity says when something cannot be done. */

const vaultSafe = 'Your vault, your machines and everything that runs are not affected.';
const restoreNext = 'Restore your identity with your 24 words; they set a new passphrase.';

export const failures = {
  noIdentity: (damage: { readonly path: string; readonly cause: string } | null) =>
    damage === null
      ? fail('NO_IDENTITY', 'There is no identity on this computer yet.', { next: 'Create or restore one.' })
      : fail('NO_IDENTITY', `The identity on this computer cannot be read: ${damage.path}: ${damage.cause}.`, {
          meaning: vaultSafe,
          next: restoreNext,
        }),

  alreadyExists: (name: string | null) =>
    fail('ALREADY_EXISTS', `There is already an identity on this computer${name === null ? '' : `: ${name}`}.`, {
      meaning: 'Nothing was changed.',
      next: 'Unlock it, or restore it with its 24 words. Another person needs another data directory.',
    }),

  locked: () =>
    fail('LOCKED', 'Hypha is locked.', {
      meaning: 'Nothing was changed; this needs your keys.',
      next: 'Unlock with your passphrase and try again.',
    }),

  keyless: (name: string) =>
    fail('KEYLESS', `This device acts for ${name} without their keys.`, {
      meaning: 'Nothing was changed. Its place in the mesh and the machines it hosts need no keys.',
      next: 'Use the device that has the keys, or bring them here with the 24 words.',
      data: { name },
    }),

  draftExpired: () =>
    fail('DRAFT_EXPIRED', 'These words are no longer held: they were shown more than half an hour ago.', {
      meaning: 'Nothing was created. Do not use the words you wrote down.',
      next: 'Make a new recovery phrase.',
    }),

  /** Which word is wrong is not said: at an unlocked computer that would let one guess the phrase word by word. */
  wordsWrong: () =>
    fail('WORDS_WRONG', 'At least one of the three words is not the one asked for.', {
      meaning: 'Nothing was changed.',
      next: 'Look at your list again; the first word has the number 1.',
    }),

  badPhrase(outcome: Exclude<PhraseOutcome, { ok: true }>): Fail {
    const meaning = 'Nothing was changed.';
    if (outcome.why === 'UNKNOWN_WORDS') {
      const places = outcome.positions.map((position) => position + 1);
      const which = places.length === 1 ? `Word ${places[0]} is` : `The words ${places.join(', ')} are`;
      return fail('BAD_PHRASE', `${which} not in the list of recovery words.`, {
        meaning,
        next: 'Check the spelling. All recovery words are English.',
        data: { positions: outcome.positions },
      });
    }
    return fail(
      'BAD_PHRASE',
      'These 24 words are no recovery phrase: at least one is wrong, or two have changed places.',
      {
        meaning,
        next: 'Compare every word and the order with your list.',
      },
    );
  },

  /** Shares that are none, or do not go together. `share`: which, from 1, where one is to blame. */
  badShares: (message: string, next: string, share: number | null = null) =>
    fail('BAD_SHARES', message, {
      meaning: 'Nothing was changed.',
      next,
      ...(share === null ? {} : { data: { share } }),
    }),

  sharesGone: () =>
    fail('SHARES_GONE', 'This share is not held any more: it was written down, or its set has been given up.', {
      meaning: 'A set that was not written down to its last share is worth nothing where too few of them are.',
      next: 'Destroy what was written down of an unfinished set, and make a new one.',
    }),

  phraseOfAnother: (name: string | null) =>
    fail(
      'PHRASE_OF_ANOTHER',
      name === null
        ? 'These words belong to another person than the one this data directory is of.'
        : `These words belong to another person. This data directory is of ${name}.`,
      {
        meaning: 'Nothing was changed: that person’s keys and data stay as they are.',
        next:
          name === null
            ? 'Use the words of that person, or choose another data directory.'
            : `Use the words of ${name}, or choose another data directory.`,
        ...(name === null ? {} : { data: { name } }),
      },
    ),

  wrongPassphrase: (retryAt: number | null) =>
    fail('WRONG_PASSPHRASE', 'This is not the passphrase.', {
      meaning: 'Nothing was changed.',
      next:
        retryAt === null
          ? 'Try again, or restore with your 24 words if it is lost.'
          : 'Wait a little before the next try, or restore with your 24 words.',
      ...(retryAt === null ? {} : { data: { retryAt } }),
    }),

  damaged: (path: string, cause: string) =>
    fail('KEYSTORE_DAMAGED', `${path} cannot be used: ${cause}.`, {
      meaning: `Its second copy cannot be used either, so the passphrase cannot unlock. ${vaultSafe}`,
      next: restoreNext,
      data: { path, cause },
    }),

  factorMissing: (detail: string) =>
    fail('SECOND_FACTOR_MISSING', `The second factor is not there: ${detail}`, {
      meaning: `The passphrase alone does not unlock while the second factor is on. ${vaultSafe}`,
      next: `Unlock the operating system’s keyring and try again. If it is lost: ${restoreNext.charAt(0).toLowerCase()}${restoreNext.slice(1)}`,
    }),

  factorUnavailable: (detail: string) =>
    fail('SECOND_FACTOR_UNAVAILABLE', `There is no keyring to hold a second factor: ${detail}`, {
      meaning: 'Nothing was changed; the passphrase goes on protecting your keys.',
      next: 'Set up a keyring of the operating system, or go on without.',
    }),

  noSuchDevice: () =>
    fail('NOT_FOUND', 'There is no such device among yours.', { next: 'Look at the list of your devices.' }),

  currentDevice: () =>
    fail('CURRENT_DEVICE', 'This is the device you are using.', {
      meaning: 'Nothing was changed.',
      next: 'Revoke it from another of your devices.',
    }),
} as const;
