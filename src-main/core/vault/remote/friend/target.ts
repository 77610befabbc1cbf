import { fromHex, toHex } from '#core/crypto/encoding.ts';
import { hkdfSha512 } from '#core/crypto/kdf.ts';
import type { Dial } from '../resp/dial.ts';

/** A room at a contact's Hypha, and how to get there. */
export interface FriendTarget {
  /** Whose it is, as the person calls them; for words. */
  readonly friend: string;
  /** 32 hex digits: which room. */
  readonly grant: string;
  /** 64 hex digits: what opens it. */
  readonly secret: string;
  /** To the very device that keeps the room. */
  readonly dial: Dial;
}

/**
 * What opens a room: made of the person's vault root, so that the 24 words bring it back. It opens no more than the room; HKDF does not
 * lead back to the root. @param root 32 bytes @param grant 32 hex digits
 */
export function roomSecret(root: Uint8Array, grant: string): string {
  const salt = fromHex(grant);
  if (salt === null) throw new Error('a room is named by hex digits');
  return toHex(hkdfSha512(root, salt, 'hypha vault friend room v1', 32));
}
