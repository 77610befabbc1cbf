import { z } from 'zod';
import { fromBase64url, toBase64url } from '#core/crypto/encoding.ts';
import { wipe } from '#core/crypto/wipe.ts';
import type { Host, Logger } from '#core/host.ts';
import { type CheckedJsonOutcome, decodeCheckedJson, encodeCheckedJson } from './checked-json.ts';
import { type DeviceKeys, packDeviceKeys, unpackDeviceKeys } from './device-keys.ts';
import type { TwoCopies } from './two-copies.ts';

/*
 * `device.json`: the device keys, which must work before anyone types a passphrase. They are protected by the file's mode
 * (0600) and, where there is one, by the operating system's keyring; not by the passphrase. Whoever can read this person's
 * files on this computer can act as this device until it is revoked, but learns nothing of the person keys.
 */

const deviceFileSchema = z.strictObject({
  v: z.literal(1),
  seal: z.enum(['none', 'keyring']),
  /** The four secrets, 32 bytes each, plain or as the keyring sealed them; base64url. */
  keys: z.string().max(16_384),
});
export type DeviceFile = z.infer<typeof deviceFileSchema>;

export function decodeDeviceFile(file: Uint8Array): CheckedJsonOutcome<DeviceFile> {
  return decodeCheckedJson(file, 1, deviceFileSchema);
}

/** Seal with the keyring where there is a working one, else leave it to the file mode. */
export async function encodeDeviceFile(keys: DeviceKeys, host: Host, log: Logger): Promise<Uint8Array> {
  const plain = packDeviceKeys(keys);
  try {
    if (host.keyring !== null) {
      const sealed = await host.keyring.seal(plain);
      return encodeCheckedJson({ v: 1, seal: 'keyring', keys: toBase64url(sealed) });
    }
  } catch (error) {
    log.warn({ error: String(error) }, 'the keyring does not seal; device keys are kept by file mode');
  }
  const file = encodeCheckedJson({ v: 1, seal: 'none', keys: toBase64url(plain) });
  wipe(plain);
  return file;
}

export type DeviceKeysOutcome =
  | { readonly state: 'good'; readonly keys: DeviceKeys }
  | { readonly state: 'missing' }
  /** `keyring` when only the keyring stands in the way, which may pass. */
  | { readonly state: 'unreadable'; readonly cause: string; readonly keyring: boolean };

export async function readDeviceKeys(file: TwoCopies<DeviceFile>, host: Host): Promise<DeviceKeysOutcome> {
  const read = await file.read();
  if (read.state === 'missing') return { state: 'missing' };
  if (read.state === 'damaged') return { state: 'unreadable', cause: read.cause, keyring: false };
  const bytes = fromBase64url(read.value.keys);
  if (bytes === null) return { state: 'unreadable', cause: 'its keys are misspelt', keyring: false };
  let plain = bytes;
  if (read.value.seal === 'keyring') {
    if (host.keyring === null) {
      return {
        state: 'unreadable',
        cause: `it is sealed by a keyring that is not there: ${host.keyringDetail}`,
        keyring: true,
      };
    }
    try {
      plain = await host.keyring.open(bytes);
    } catch {
      return { state: 'unreadable', cause: 'the keyring no longer knows the secret it was sealed with', keyring: true };
    }
  }
  const keys = unpackDeviceKeys(plain);
  wipe(plain);
  return keys === null
    ? { state: 'unreadable', cause: 'it holds no device keys', keyring: false }
    : { state: 'good', keys };
}
