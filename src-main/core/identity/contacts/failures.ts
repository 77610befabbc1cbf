import { fail } from '#shared/rpc/fail.ts';

/* What contacts say when something cannot be done. */

const nothing = 'Nothing was changed.';

export const failures = {
  locked: () =>
    fail('LOCKED', 'Hypha is locked.', {
      meaning: 'Nothing was changed; your contacts are sealed with your keys.',
      next: 'Unlock with your passphrase and try again.',
    }),

  keyless: () =>
    fail('KEYLESS', 'Your contacts are sealed with your keys, and this device was added without them.', {
      meaning: nothing,
      next: 'Use the device that has the keys, or bring them here with your 24 words.',
    }),

  noIdentity: () =>
    fail('NO_IDENTITY', 'There is no identity on this computer yet.', { next: 'Create or restore one.' }),

  noCard: (fault: 'MALFORMED' | 'NEWER' | 'LOG_BROKEN' | 'BAD_SIGNATURE') => {
    if (fault === 'NEWER')
      return fail('CARD_INVALID', 'This card was made by a newer release of Hypha.', {
        meaning: nothing,
        next: 'Install the newer release and try again.',
        data: { fault },
      });
    if (fault === 'MALFORMED')
      return fail('CARD_INVALID', 'This is no contact link, or some of it is missing.', {
        meaning: nothing,
        next: 'Copy the whole link, from hypha:// to its end, and try again.',
        data: { fault },
      });
    return fail('CARD_INVALID', 'This card does not prove what it says: its signatures do not hold.', {
      meaning: 'Nobody was added. The card was damaged on its way, or somebody changed it.',
      next: 'Ask for a new link, by another way if you can.',
      data: { fault },
    });
  },

  expired: (expiresAt: number) =>
    fail('CARD_EXPIRED', 'This card has expired.', {
      meaning: nothing,
      next: 'Ask for a new link.',
      data: { expiresAt },
    }),

  own: () => fail('CARD_OWN', 'This is your own card.', { meaning: nothing, next: 'Give it to somebody else.' }),

  forked: (petname: string) =>
    fail('CARD_FORKED', `This card tells another history of the keys of ${petname} than the one you know.`, {
      meaning:
        'The card was refused and nothing was changed. Either somebody has got hold of their keys or recovery phrase, or something is badly wrong with one of the two cards.',
      next: 'Ask them, in person or by telephone, before you trust either card.',
      data: { petname },
    }),

  nameTaken: (petname: string, other: string) =>
    fail('NAME_TAKEN', `“${petname}” could be taken for “${other}”, whom you already know.`, {
      meaning: nothing,
      next: 'Choose another name.',
      data: { petname, other },
    }),

  labelTaken: (label: string) =>
    fail('NAME_TAKEN', `The host name ${label}.hypha is taken or has a meaning of its own.`, {
      meaning: nothing,
      next: 'Choose another one.',
      data: { label },
    }),

  notFound: () =>
    fail('NOT_FOUND', 'There is no such contact.', { meaning: nothing, next: 'Look at the list of your contacts.' }),

  waiting: (petname: string) =>
    fail('CONTACT_WAITING', `Only the short card of ${petname} is here, which proves nothing yet.`, {
      meaning: nothing,
      next: 'Wait until their whole card has come, or ask them for their long link.',
      data: { petname },
    }),

  numberDiffers: () =>
    fail('NUMBER_DIFFERS', 'This is not the safety number of this contact.', {
      meaning: 'The contact was not marked. If both of you see different numbers, somebody may stand between you.',
      next: 'Compare again. If the numbers stay different, do not use this contact and exchange new links in person.',
    }),

  full: (most: number) =>
    fail('CONTACTS_FULL', `There are already ${most} contacts.`, {
      meaning: nothing,
      next: 'Remove some that you do not need.',
      data: { most },
    }),
} as const;
