/** Why a file or folder is left as it is, and what the person can do. */
export interface Problem {
  readonly path: string;
  readonly code:
    | 'NAME_HERE'
    | 'NAME_VAULT'
    | 'ALIKE'
    | 'LINK'
    | 'SPECIAL'
    | 'OTHER_DISK'
    | 'OWN'
    | 'UNREADABLE'
    | 'UNWRITABLE'
    | 'DAMAGED'
    | 'TOO_LARGE'
    | 'FAILED';
  readonly text: string;
  readonly next: string;
}

const retried = 'It is tried again by itself.';

export const problems = {
  nameHere: (path: string): Problem => ({
    ...{ path, code: 'NAME_HERE', text: 'This computer cannot hold a file of this name.' },
    next: 'Rename it in the vault; it then comes here.',
  }),
  nameVault: (path: string, why: string): Problem => ({
    ...{ path, code: 'NAME_VAULT', text: `The vault cannot hold this name. ${why}` },
    next: 'Rename it on this computer; it is then stored.',
  }),
  alike: (path: string, other: string): Problem => ({
    ...{
      path,
      code: 'ALIKE',
      text: `Its name differs too little from “${other}” for this computer, or for the vault.`,
    },
    next: 'Rename one of the two.',
  }),
  link: (path: string): Problem => ({
    ...{ path, code: 'LINK', text: 'It is a link, and links are never followed: they may lead anywhere.' },
    next: 'Put the file itself here if you want it in the vault.',
  }),
  special: (path: string): Problem => ({
    ...{ path, code: 'SPECIAL', text: 'It is neither a file nor a folder.' },
    next: 'Nothing needs to be done.',
  }),
  otherDisk: (path: string): Problem => ({
    ...{
      path,
      code: 'OTHER_DISK',
      text: 'Another disk is mounted here. If it were taken away, its files would look deleted.',
    },
    next: 'Watch that directory by itself if you want it in the vault.',
  }),
  own: (path: string, what: string): Problem => ({
    ...{ path, code: 'OWN', text: `It is ${what}: the vault in itself would grow for ever.` },
    next: 'Nothing needs to be done.',
  }),
  unreadable: (path: string, code: string): Problem => ({
    ...{ path, code: 'UNREADABLE', text: `It cannot be read on this computer (${code}).` },
    next: `See that you may read it. ${retried}`,
  }),
  unwritable: (path: string, code: string): Problem => ({
    ...{ path, code: 'UNWRITABLE', text: `It cannot be written on this computer (${code}).` },
    next: `See that you may write there. ${retried}`,
  }),
  damaged: (path: string): Problem => ({
    ...{ path, code: 'DAMAGED', text: 'The vault cannot read it now: too many of its shards are missing or rotten.' },
    next: `Connect the missing places, or repair the vault. ${retried}`,
  }),
  tooLarge: (path: string): Problem => ({
    ...{ path, code: 'TOO_LARGE', text: 'It is larger than this vault’s places can describe (about 200 GB with 4+2).' },
    next: 'Move it elsewhere, or leave it: nothing of it is stored.',
  }),
  failed: (path: string, why: string): Problem => ({
    ...{ path, code: 'FAILED', text: `It could not be done (${why}).` },
    next: retried,
  }),
} as const;
