import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '#core/host.ts';
import { writeFileAtomic } from '#core/store/atomic-file.ts';
import { removeLeftovers } from '#core/store/leftovers.ts';
import { type DeviceFile, decodeDeviceFile } from './device-file.ts';
import { decodeKeystore, type Keystore } from './keystore-format.ts';
import { decodeProfile, type Profile } from './profile.ts';
import { decodeTries, type Tries } from './tries.ts';
import { type TwoCopies, twoCopies } from './two-copies.ts';

/** The files of the identity directory, each with its copy. */
export interface IdentityFiles {
  /** Makes the directory, for this user only, and clears what a killed process was writing there. */
  prepare(): Promise<void>;
  readonly keystore: TwoCopies<Keystore>;
  readonly profile: TwoCopies<Profile>;
  readonly device: TwoCopies<DeviceFile>;
  readonly tries: TwoCopies<Tries>;
  readonly making: Making;
}

/**
 * A mark that lies here while an identity is being made. Without it a keystore that has no profile beside it is not one that was
 * never acknowledged, but one whose profile was lost.
 */
export interface Making {
  /** Durable when it resolves. */
  begin(): Promise<void>;
  end(): Promise<void>;
  wasCutOff(): Promise<boolean>;
}

function makingOf(path: string): Making {
  return {
    begin: () => writeFileAtomic(path, ''),
    end: () => rm(path, { force: true }),
    wasCutOff: () =>
      stat(path).then(
        () => true,
        () => false,
      ),
  };
}

export function identityFiles(directory: string, log: Logger): IdentityFiles {
  return {
    prepare: async () => {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      removeLeftovers(directory);
    },
    keystore: twoCopies(
      join(directory, 'keystore.bin'),
      (bytes) => {
        const decoded = decodeKeystore(bytes);
        return decoded.ok ? { ok: true, value: decoded.keystore } : decoded;
      },
      log,
    ),
    profile: twoCopies(join(directory, 'profile.json'), decodeProfile, log),
    device: twoCopies(join(directory, 'device.json'), decodeDeviceFile, log),
    tries: twoCopies(join(directory, 'tries.json'), decodeTries, log),
    making: makingOf(join(directory, 'making')),
  };
}
