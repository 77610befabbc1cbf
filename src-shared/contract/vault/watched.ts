import { z } from 'zod';
import { timeSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { folderRefSchema, notForPeers } from './parts.ts';

const personOnly = 'Only the person says which directory of the computer follows the vault.';
const byPerson = { ...notForPeers, assistant: personOnly, mcp: personOnly } as const;

export const watchedIdSchema = z.string().min(1, 'Give the directory, or its id.').max(4096);
const patternSchema = z
  .string()
  .trim()
  .min(1, 'Type a name, such as *.tmp.')
  .max(100, 'A pattern of at most 100 letters.')
  .refine((pattern) => !pattern.includes('/'), 'A pattern is for a name, without slashes.')
  .refine((pattern) => !/^\*+$/.test(pattern), 'That would leave out everything.');
const ignoreSchema = z.array(patternSchema).max(100, 'At most 100 patterns.');

export const watchedProblemSchema = z.object({
  /** From the watched directory, with slashes. */
  path: z.string(),
  code: z.enum([
    'NAME_HERE',
    'NAME_VAULT',
    'ALIKE',
    'LINK',
    'SPECIAL',
    'OTHER_DISK',
    'OWN',
    'UNREADABLE',
    'UNWRITABLE',
    'DAMAGED',
    'TOO_LARGE',
    'FAILED',
  ]),
  text: z.string(),
  next: z.string(),
});
export type WatchedProblem = z.infer<typeof watchedProblemSchema>;

export const watchedSchema = z.object({
  id: z.string(),
  /** Of this computer. */
  directory: z.string(),
  /** Path of the vault's folder; `/` for the top. */
  folder: z.string(),
  /**
   * `looking` at both sides, `working` on what was found, `current`: both hold the same; `waiting`: for files that are being
   * written, or to try again; `asking`: much would be deleted; `stopped`: see `problem`; `paused` by the person.
   */
  state: z.enum(['looking', 'working', 'current', 'waiting', 'asking', 'stopped', 'paused']),
  /** Files that both sides hold alike. */
  files: z.number().int(),
  /** Of what is being done: steps, of how many. */
  done: z.number().int(),
  total: z.number().int(),
  /** Files that somebody is writing to, left until they rest. */
  busy: z.number().int(),
  /** When both sides were last found to hold the same; null when never since the vault was unlocked. */
  agreedAt: timeSchema.nullable(),
  /** Why nothing is done. */
  problem: z
    .object({
      code: z.enum(['MISSING', 'OTHER_DIRECTORY', 'FOLDER_GONE', 'TWO_WRITERS', 'VAULT', 'FULL', 'FAILED']),
      text: z.string(),
      next: z.string(),
    })
    .optional(),
  /** So many files would be deleted in the vault, or here, because they are gone on the other side. */
  question: z
    .object({
      side: z.enum(['vault', 'here']),
      files: z.number().int(),
      of: z.number().int(),
      examples: z.array(z.string()),
    })
    .optional(),
  /** What is left as it is, with the reason: the first 200. */
  problems: z.array(watchedProblemSchema),
  problemCount: z.number().int(),
  /** Why changes here may be noticed only after a minute; left out when they are told at once. */
  slow: z.string().optional(),
  /** Names that are left out on both sides. */
  ignore: z.array(z.string()),
});
export type Watched = z.infer<typeof watchedSchema>;

/** Directories of this computer that are kept the same as folders of the vault, both ways. */
export const vaultWatchedContract = {
  'vault.watched': method({
    kind: 'call',
    about: 'List the directories of this computer that are kept the same as folders of the vault, and how they are.',
    input: z.object({}),
    output: z.object({ folders: z.array(watchedSchema) }),
    errors: ['NO_VAULT'],
    effect: 'read',
    summary: () => 'List the watched folders',
    examples: ['which folders are watched', 'is my folder up to date'],
    withheld: notForPeers,
  }),
  'vault.watch': method({
    kind: 'call',
    about: 'Keep a directory of this computer and a folder of the vault the same from now on, both ways.',
    input: z.object({
      /** Its full path; made when it is not there. */
      directory: z.string().min(1, 'Give the full path of a directory.').max(4096),
      folder: folderRefSchema,
      /** Names to leave out on both sides, with * and ?; left out: what editors and browsers leave lying about for a moment. */
      ignore: ignoreSchema.optional(),
    }),
    output: z.object({ watched: watchedSchema }),
    errors: ['NO_VAULT', 'NOT_FOUND', 'BAD_TARGET', 'ALREADY_WATCHED', 'TOO_MANY'],
    // From then on it writes to the computer, and deletes there, without being asked: no standing approval may begin that.
    effect: 'admin',
    summary: (i) => `Keep ${i.directory} and ${i.folder === 'root' ? '/' : i.folder} of the vault the same, both ways`,
    examples: ['keep {directory} in my vault'],
    undo: { method: 'vault.unwatch' },
    withheld: byPerson,
    positional: ['directory', 'folder'],
  }),
  'vault.changeWatched': method({
    kind: 'call',
    about: 'Pause a watched folder or let it go on, or say which names it leaves out; what is left out stays.',
    input: z.object({ watched: watchedIdSchema, paused: z.boolean().optional(), ignore: ignoreSchema.optional() }),
    output: z.object({ watched: watchedSchema }),
    errors: ['NO_VAULT', 'NOT_FOUND'],
    effect: 'write',
    summary: (i) =>
      i.paused === undefined
        ? `Change what ${i.watched} leaves out`
        : i.paused
          ? `Pause ${i.watched}`
          : `Let ${i.watched} go on`,
    examples: ['pause {watched}'],
    undo: { method: 'vault.changeWatched' },
    withheld: byPerson,
    positional: ['watched'],
  }),
  'vault.unwatch': method({
    kind: 'call',
    about: 'Stop keeping a directory and a folder the same. The files stay on both sides as they are.',
    input: z.object({ watched: watchedIdSchema }),
    output: z.object({}),
    errors: ['NO_VAULT', 'NOT_FOUND'],
    effect: 'write',
    summary: (i) => `Stop watching ${i.watched}`,
    examples: ['stop watching {watched}'],
    undo: { method: 'vault.watch' },
    withheld: notForPeers,
    lessens: true,
    positional: ['watched'],
  }),
  'vault.syncWatched': method({
    kind: 'task',
    about: 'Look at a watched folder now, and do what there is to do.',
    input: z.object({ watched: watchedIdSchema }),
    output: z.object({ watched: watchedSchema }),
    errors: ['NO_VAULT', 'NOT_FOUND'],
    effect: 'write',
    summary: (i) => `Bring ${i.watched} and the vault together now`,
    examples: ['sync {watched} now'],
    undo: { never: 'What was replaced or deleted in the vault lies in the bin.' },
    withheld: notForPeers,
    positional: ['watched'],
  }),
  'vault.answerWatched': method({
    kind: 'call',
    about: 'Say what is to be done where much would be deleted at once: delete it, or bring the files back.',
    input: z.object({ watched: watchedIdSchema, answer: z.enum(['delete', 'keep']) }),
    output: z.object({ watched: watchedSchema }),
    errors: ['NO_VAULT', 'NOT_FOUND', 'NOTHING_ASKED'],
    effect: 'delete',
    summary: (i) =>
      i.answer === 'delete'
        ? `Delete what is gone in ${i.watched} on the other side too`
        : `Bring back what is gone in ${i.watched}`,
    examples: ['bring the files of {watched} back'],
    undo: { never: 'What was deleted lies in the bin of the vault, and what was brought back is there.' },
    withheld: byPerson,
    positional: ['watched', 'answer'],
  }),
} as const;
