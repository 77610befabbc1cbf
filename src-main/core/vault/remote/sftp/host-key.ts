import type { ServerHostKeyAlgorithm } from 'ssh2';
import { sha256 } from '#core/crypto/hash.ts';

/** The key of an SSH server, as `ssh-keygen -l` names it. */
export interface PinnedKey {
  /** `ssh-ed25519`; null where only the fingerprint was noted. */
  readonly type: string | null;
  /** `SHA256:` and 43 letters of base64. */
  readonly fingerprint: string;
}

const fingerprintForm = /^SHA256:[A-Za-z0-9+/]{43}$/;
const typeForm = /^[a-z0-9@.-]{1,64}$/;

/** Read `TYPE SHA256:...` or `SHA256:...`. */
export function readPin(text: string): PinnedKey | null {
  const words = text.trim().split(/\s+/);
  const fingerprint = words.pop() ?? '';
  const type = words.pop() ?? null;
  if (words.length > 0 || !fingerprintForm.test(fingerprint) || (type !== null && !typeForm.test(type))) return null;
  return { type, fingerprint };
}

/** The public key as it crosses the wire (RFC 4253, 6.6): u32 length of the type, the type, the rest. */
export function pinOf(key: Buffer): PinnedKey {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
  const type = key.toString('latin1', 4, 4 + Math.min(length, 65));
  const digest = Buffer.from(sha256(key)).toString('base64').replace(/=+$/, '');
  return { type: typeForm.test(type) ? type : null, fingerprint: `SHA256:${digest}` };
}

export const pinText = ({ type, fingerprint }: PinnedKey): string =>
  type === null ? fingerprint : `${type} ${fingerprint}`;

const rsa: ServerHostKeyAlgorithm[] = ['rsa-sha2-512', 'rsa-sha2-256'];
const others: ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
];

/**
 * What to ask the server to sign with. A server has several keys; one that gets a further, preferred kind of key must not look
 * like one whose key changed.
 */
export function hostKeyAlgorithms(pin: PinnedKey | null): ServerHostKeyAlgorithm[] {
  if (pin?.type === 'ssh-rsa') return rsa;
  const one = others.find((each) => each === pin?.type);
  return one ? [one] : [...others, ...rsa];
}
