import { x25519PublicKey } from '#core/crypto/agree.ts';
import { concatBytes } from '#core/crypto/bytes.ts';
import { toBase64url } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { ed25519PublicKey } from '#core/crypto/sign.ts';
import { type DeviceId, deviceIdSchema } from '#shared/model/ids.ts';

/**
 * Keys of this device: random, never derived from the phrase, so that a lost device gives nothing away about the person
 * or about other devices, and two devices are two nodes. Each is 32 bytes.
 */
export interface DeviceKeys {
  /** Ed25519 seed: what this device signs with. Its public key names the device. */
  readonly sign: Uint8Array;
  /** X25519 secret: this device's node in the mesh. */
  readonly mesh: Uint8Array;
  /** Ed25519 seed: announcements of that node. */
  readonly meshSign: Uint8Array;
  /** Ed25519 seed: agreements about machines that this device hosts. */
  readonly host: Uint8Array;
}

export interface DevicePublicKeys {
  readonly sign: Uint8Array;
  readonly mesh: Uint8Array;
  readonly meshSign: Uint8Array;
  readonly host: Uint8Array;
}

/** The order in which the secrets lie in the device file, 32 bytes each. */
const order = ['sign', 'mesh', 'meshSign', 'host'] as const;
export const deviceSecretBytes = order.length * 32;

export function makeDeviceKeys(random: (n: number) => Uint8Array): DeviceKeys {
  return { sign: random(32), mesh: random(32), meshSign: random(32), host: random(32) };
}

export function devicePublicKeys(keys: DeviceKeys): DevicePublicKeys {
  return {
    sign: ed25519PublicKey(keys.sign),
    mesh: x25519PublicKey(keys.mesh),
    meshSign: ed25519PublicKey(keys.meshSign),
    host: ed25519PublicKey(keys.host),
  };
}

/** A device is named by its signing key: first 16 bytes of SHA-256, base64url, 22 characters. */
export function deviceIdOf(signPublicKey: Uint8Array): DeviceId {
  return deviceIdSchema.parse(toBase64url(sha256(signPublicKey).subarray(0, 16)));
}

export function packDeviceKeys(keys: DeviceKeys): Uint8Array {
  return concatBytes(...order.map((name) => keys[name]));
}

/** Null when the length is another. */
export function unpackDeviceKeys(bytes: Uint8Array): DeviceKeys | null {
  if (bytes.length !== deviceSecretBytes) return null;
  const [sign, mesh, meshSign, host] = order.map((_, i) => bytes.slice(i * 32, i * 32 + 32));
  return sign && mesh && meshSign && host ? { sign, mesh, meshSign, host } : null;
}
