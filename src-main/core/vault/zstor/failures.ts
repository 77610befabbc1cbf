import { type Fail, fail } from '#shared/rpc/fail.ts';

/*
 * What can go wrong with a zstor deployment, in words. Backends are named by address and namespace; passwords, keys and records
 * never come near these.
 */

const among = (names: readonly string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');

export const badConfig = (path: string, why: string): Fail =>
  fail('BAD_CONFIG', `${path} is no configuration of zstor that can be used here: ${why}.`, {
    meaning: 'Nothing was read from or written to any backend.',
    next: 'Correct it, or name the TOML file that the real zstor works with.',
  });

export const outsideRoot = (path: string, root: string | null): Fail =>
  fail(
    'BAD_CONFIG',
    root === null
      ? `${path} is not a full path, and zstor knows objects by full paths.`
      : `${path} does not lie below ${root}, the root of this configuration, so zstor has no name for it.`,
    {
      meaning: 'Nothing was read or written.',
      next: 'Give the full path by which zstor knows the object, such as /data/report.pdf.',
    },
  );

/** Some of the four that keep metadata did not answer, so whether there is such an object is not known. */
export const metadataAway = (names: readonly string[]): Fail =>
  fail('NOT_ENOUGH_PLACES', `Too few of the four backends that keep zstor’s metadata answered. Not: ${among(names)}.`, {
    meaning: 'What objects there are cannot be told now; two of the four are needed to read. Nothing was changed.',
    next: 'See that they run and can be reached from here, and that their namespaces and passwords are those of the configuration.',
  });

export const metadataNotWritable = (names: readonly string[]): Fail =>
  fail(
    'NOT_ENOUGH_PLACES',
    `All four backends that keep zstor’s metadata are needed to write. Not ready: ${among(names)}.`,
    {
      meaning: 'The object is not in zstor.',
      next: 'See that they run in user mode, can be reached from here, let us write, and have room; then try again.',
    },
  );

export const tooFewBackends = (needed: number, ready: number, away: readonly string[]): Fail =>
  fail(
    'NOT_ENOUGH_PLACES',
    `${needed} backends are needed for the shards, placed as the configuration asks, and with the ${ready} that can take them that is not possible.${
      away.length > 0 ? ` Not ready: ${among(away)}.` : ''
    }`,
    {
      meaning: 'zstor writes every shard or none, so the object is not in zstor. The vault still has it.',
      next: 'See that more of them run in sequential mode, can be reached from here, let us write, and have room; then try again.',
    },
  );

export const noSuchObject = (path: string): Fail =>
  fail('NOT_FOUND', `zstor has no object for ${path}.`, {
    meaning: 'Nothing was stored in the vault for it.',
    next: 'Check the path, and that root and prefix in the configuration are those it was stored with.',
  });

export const objectDamaged = (path: string, why: string): Fail =>
  fail('DAMAGED', `${path} cannot be read from zstor: ${why}.`, {
    meaning: 'Nothing of it was stored in the vault. What is on backends that do not answer now is not lost.',
    next: 'See that the backends which hold its shards run, and try again.',
  });

export const tooLongForZstor = (path: string): Fail =>
  fail('TOO_LARGE', `${path} is too large: zstor seals an object in one piece, which ends at 64 GiB.`, {
    meaning: 'It was not written to zstor. The vault still has it.',
    next: 'Cut it into smaller files.',
  });

export const noRoomHere = (directory: string): Fail =>
  fail(
    'DISK_FULL',
    `There is no room on the disk of ${directory}, where an object lies while it is cut into shards or put together.`,
    {
      meaning: 'An object needs about its own length there for a while. Nothing of this one was stored.',
      next: 'Free some space there, then try again.',
    },
  );

export const tooManyObjects = (most: number): Fail =>
  fail('TOO_LARGE', `More than ${most} objects lie under this prefix, which is more than can be taken at once.`, {
    meaning: 'Nothing was stored in the vault.',
    next: 'Name the paths that you want instead of taking all.',
  });

export const nothingNamed = (): Fail =>
  fail('NOT_FOUND', 'No object was named.', {
    meaning: 'Nothing was stored in the vault.',
    next: 'Name the paths by which zstor knows them, or take all: hypha vault import-zstor CONFIG --all.',
  });
