import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { xwingCiphertextBytes, xwingPublicKeyBytes } from '#core/crypto/kem.ts';
import { displayNameSchema } from '#shared/contract/identity.ts';
import { readBytes, u8, u16 } from '../contacts/byte-reader.ts';
import type { DevicePublicKeys } from '../device-keys.ts';

/*
 * Messages of pairing, version 1 (docs/formats/pairing.md). Numbers are big-endian. A is the device that has the person's keys,
 * B the one that joins.
 *
 *   1 commit  B -> A   u8 1, u8 version 1, SHA-256("hypha/v1/pairing/commit" LF body of reveal) 32
 *   2 offer   A -> B   u8 2, A's X-Wing key 1,216, nonce 32
 *   3 reveal  B -> A   u8 3, ciphertext to A's key 1,120, body: B's X-Wing key 1,216, nonce 32,
 *                      device keys sign, mesh, meshSign, host 32 each, u16 N, device name N
 *   4 answer  A -> B   u8 4, ciphertext to B's key 1,120
 *   5 sealed  both     u8 5, AES-256-GCM
 */

export const version = 1;
export const nonceBytes = 32;

/** What B commits to before it knows anything of A. */
export interface Joiner {
  readonly kem: Uint8Array;
  readonly nonce: Uint8Array;
  readonly device: DevicePublicKeys;
  readonly name: string;
}

export type Message =
  | { readonly type: 'commit'; readonly commitment: Uint8Array }
  | { readonly type: 'offer'; readonly kem: Uint8Array; readonly nonce: Uint8Array }
  | { readonly type: 'reveal'; readonly ciphertext: Uint8Array; readonly body: Uint8Array; readonly joiner: Joiner }
  | { readonly type: 'answer'; readonly ciphertext: Uint8Array }
  | { readonly type: 'sealed'; readonly sealed: Uint8Array };

export function encodeJoiner({ kem, nonce, device, name }: Joiner): Uint8Array {
  const text = utf8(name);
  return concatBytes(kem, nonce, device.sign, device.mesh, device.meshSign, device.host, u16(text.length), text);
}

export function encodeMessage(
  message: Exclude<Message, { type: 'reveal' }> | { type: 'reveal'; ciphertext: Uint8Array; body: Uint8Array },
): Uint8Array {
  switch (message.type) {
    case 'commit':
      return concatBytes(u8(1), u8(version), message.commitment);
    case 'offer':
      return concatBytes(u8(2), message.kem, message.nonce);
    case 'reveal':
      return concatBytes(u8(3), message.ciphertext, message.body);
    case 'answer':
      return concatBytes(u8(4), message.ciphertext);
    case 'sealed':
      return concatBytes(u8(5), message.sealed);
  }
}

/** Any bytes: a message, or null. */
export function decodeMessage(bytes: Uint8Array): Message | null {
  const reader = readBytes(bytes);
  switch (reader.u8()) {
    case 1: {
      const written = reader.u8();
      const commitment = reader.take(32);
      return written === version && commitment && reader.atEnd() ? { type: 'commit', commitment } : null;
    }
    case 2: {
      const [kem, nonce] = [reader.take(xwingPublicKeyBytes), reader.take(nonceBytes)];
      return kem && nonce && reader.atEnd() ? { type: 'offer', kem, nonce } : null;
    }
    case 3: {
      const ciphertext = reader.take(xwingCiphertextBytes);
      const body = bytes.slice(reader.at());
      const [kem, nonce] = [reader.take(xwingPublicKeyBytes), reader.take(nonceBytes)];
      const [sign, mesh, meshSign, host] = [reader.take(32), reader.take(32), reader.take(32), reader.take(32)];
      const name = nameOf(reader.take(reader.u16() ?? 0));
      if (!ciphertext || !kem || !nonce || !sign || !mesh || !meshSign || !host || name === null) return null;
      if (!reader.atEnd()) return null;
      return {
        type: 'reveal',
        ciphertext,
        body,
        joiner: { kem, nonce, device: { sign, mesh, meshSign, host }, name },
      };
    }
    case 4: {
      const ciphertext = reader.take(xwingCiphertextBytes);
      return ciphertext && reader.atEnd() ? { type: 'answer', ciphertext } : null;
    }
    case 5:
      return { type: 'sealed', sealed: bytes.slice(1) };
    default:
      return null;
  }
}

function nameOf(bytes: Uint8Array | null): string | null {
  if (bytes === null) return null;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const parsed = displayNameSchema.safeParse(text);
    return parsed.success && parsed.data === text ? text : null;
  } catch {
    return null;
  }
}
