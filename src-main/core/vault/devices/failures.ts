import { fail } from '#shared/rpc/fail.ts';

/* What is said when devices of one person cannot keep the same files. */

export const failures = {
  notOffered: () => fail('NOT_OFFERED', 'This vault runs without a mesh, and so without other devices.'),
  notOn: () =>
    fail('NO_VAULT', 'The files of your devices are not kept the same on this one.', {
      next: 'Turn it on first, on each device.',
    }),
  keyless: () =>
    fail('KEYLESS', 'This device has no keys of yours, so it has no vault.', {
      meaning: 'Nothing was changed.',
      next: 'Restore with your 24 words here, or pair it again and hand your keys over.',
    }),
  noDevice: (who: string, several: boolean) =>
    fail(
      'NOT_FOUND',
      several ? `Several of your devices are called ${who}.` : `None of your devices is called ${who}.`,
      {
        meaning: 'Nothing was changed.',
        next: 'Give its id from the list of your devices.',
      },
    ),
  unseen: (name: string) =>
    fail('DEVICE_UNSEEN', `${name} has not shown itself yet.`, {
      meaning: 'Nothing was changed.',
      next: 'Unlock Hypha there, and turn it on there too. Both have to be on the mesh.',
    }),
  wrongCode: (name: string) =>
    fail('WRONG_CODE', `These are not the digits that this device shows for ${name}.`, {
      meaning: 'Nothing was changed. If the other screen really shows them, somebody pretends to be that device.',
      next: 'Compare both screens once more.',
    }),
} as const;
