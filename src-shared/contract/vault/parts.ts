import { z } from 'zod';

/* What the methods of the vault share. */

export const notForPeers = { peer: 'Peers never see the vault.' } as const;
/** Passwords and keys are typed by the person, and never pass through a model or another program. */
export const forTyping = {
  ...notForPeers,
  assistant: 'Passwords and keys are for the person to type.',
  mcp: 'Passwords and keys are for the person to type.',
} as const;
export const bytesOnly = {
  ...notForPeers,
  assistant: 'Bytes are for the interface.',
  mcp: 'Bytes are for the interface.',
} as const;
export const uploadOnly = { ...bytesOnly, cli: 'The command line uses `hypha vault put`.' } as const;

/**
 * A file or folder, by its id or by its path from the root. What begins with a slash is a path and nothing else; of
 * anything else an id of that name comes first, then the path.
 */
export const itemRefSchema = z
  .string()
  .min(1, 'Type the path of a file or folder in the vault, such as /notes/a.txt, or its id.')
  .max(4096, 'A path in the vault has at most 4096 characters.');
/** A folder in the same way; `root` (or `/`) is the top. */
export const folderRefSchema = itemRefSchema.default('root');
export const itemRefsSchema = z.array(itemRefSchema).min(1, 'Name at least one file or folder.').max(10_000);

export const shareIdSchema = z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'This is no share. Copy its id from the list.');
export const snapshotNumberSchema = z.number().int().positive();

/** Of the other side, when something that it shares is asked for. */
export const remoteErrors = [
  'NOT_FOUND',
  'SHARE_ENDED',
  'SHARE_CHANGED',
  'OWNER_LOCKED',
  'OWNER_BUSY',
  'NOT_REACHABLE',
  'BAD_ANSWER',
  'MESH_OFF',
] as const;
