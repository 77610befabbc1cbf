import { fail } from '#shared/rpc/fail.ts';

/* What pairing says when it comes to nothing. */

const again = 'Begin again on both devices.';

export const failures = {
  broken: () =>
    fail('PAIRING_BROKEN', 'The two devices did not understand each other, or somebody interfered.', {
      meaning: 'The device was not added.',
      next: again,
    }),

  left: () =>
    fail('PAIRING_BROKEN', 'The other device went away before it was done.', {
      meaning: 'The other device may already stand in your list of devices; nothing else happened.',
      next: `Look at your devices, revoke it if it is there. ${again}`,
    }),

  refused: () =>
    fail('PAIRING_REFUSED', 'The codes were not confirmed on the other device.', {
      meaning: 'The device was not added.',
      next: 'If the two codes were different, somebody stands between the devices: connect them another way.',
    }),

  differs: () =>
    fail('PAIRING_REFUSED', 'You said that the codes are not the same.', {
      meaning: 'The device was not added, and the other one was told.',
      next: 'Somebody may stand between the devices: connect them another way.',
    }),

  nobody: () =>
    fail('PAIRING_BROKEN', 'No device of yours answers there.', {
      meaning: 'Nothing was changed.',
      next: 'See that both are in the same network and that the other one still waits, and try another of its addresses.',
    }),

  tooLate: () =>
    fail('PAIRING_BROKEN', 'Nobody came, or nobody answered, for ten minutes.', {
      meaning: 'The device was not added.',
      next: again,
    }),

  cancelled: () => fail('PAIRING_BROKEN', 'Adding a device was stopped.', { meaning: 'The device was not added.' }),

  busy: () =>
    fail('PAIRING_BUSY', 'Another device is being added already.', {
      meaning: 'Nothing was changed.',
      next: 'Finish or stop that first.',
    }),

  none: () =>
    fail('PAIRING_NONE', 'Nothing waits for this answer.', {
      meaning: 'Nothing was changed.',
      next: 'Look at how far adding the device has come.',
    }),

  notTheirs: () =>
    fail('PAIRING_BROKEN', 'What the other device sent does not belong together.', {
      meaning: 'Nothing of it was kept.',
      next: again,
    }),
} as const;
