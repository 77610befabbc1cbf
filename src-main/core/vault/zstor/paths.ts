import { posix } from 'node:path';
import { blake2b128 } from '#core/crypto/blake2b.ts';
import { utf8 } from '#core/crypto/bytes.ts';
import { toHex } from '#core/crypto/ids.ts';
import { formatAddress } from './address.ts';
import type { Connection } from './metadata.ts';

/** As zstor's path-clean: without `.`, `..`, doubled or trailing slashes, told from the text alone. */
export function cleanPath(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

/**
 * What of a path names the object: all of it, or what lies below the virtual root.
 *
 * @param path a full path of the computer that zstor runs on
 * @returns null for a path outside the root
 */
export function namingPath(path: string, root: string | null): string | null {
  const clean = cleanPath(path);
  if (root === null) return clean;
  // Compared part by part, so that /data does not take in /database; trailing slashes of the root mean nothing.
  const parts = (text: string): string[] => text.split('/').filter((part) => part !== '' && part !== '.');
  if (!root.startsWith('/')) return null;
  const [all, above] = [parts(clean), parts(root)];
  return above.every((part, i) => all[i] === part) ? all.slice(above.length).join('/') : null;
}

export const metaPrefix = (prefix: string): string => `/${prefix}/meta/`;

/** The key under which the 0-dbs of the metadata know an object: its hash is all that is kept of a path. */
export async function objectKey(prefix: string, naming: string): Promise<string> {
  return metaPrefix(prefix) + toHex(await blake2b128(utf8(naming)));
}

/** The key of an upload that failed. The virtual root is not taken off. */
export async function failureKey(prefix: string, path: string): Promise<string> {
  return `/${prefix}/failures/${toHex(await blake2b128(utf8(cleanPath(path))))}`;
}

/** The key under which a 0-db is marked that another took the place of. */
export async function replacedKey(prefix: string, { address, namespace, password }: Connection): Promise<string> {
  const text = formatAddress(address) + (namespace ?? '') + (password ?? '');
  return `/${prefix}/replaced_backends/${toHex(await blake2b128(utf8(text)))}`;
}
