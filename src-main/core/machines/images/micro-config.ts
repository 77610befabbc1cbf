import { directory, encodeCpio, file } from './cpio.ts';

export interface MicroConfig {
  readonly hostName: string;
  readonly sshKeys: readonly string[];
  readonly userData: string;
  /** Dropbear's form. */
  readonly hostKey: Uint8Array;
  /** Shell variables for the guest's start script, for example MAC and ADDRESS. Values must not need quoting. */
  readonly network: Readonly<Record<string, string>>;
}

/** The second initrd segment of a Hypha Micro machine: everything that is its own, under /hypha. */
export function microConfigSegment(config: MicroConfig): Uint8Array {
  const values = { HOST: config.hostName, ...config.network };
  for (const [key, value] of Object.entries(values)) {
    if (!/^[A-Z_]+$/.test(key) || !/^[A-Za-z0-9.:/-]*$/.test(value)) throw new RangeError(`unsafe value for ${key}`);
  }
  return encodeCpio([
    directory('hypha', 0o700),
    file(
      'hypha/env',
      Object.entries(values)
        .map(([k, v]) => `${k}=${v}\n`)
        .join(''),
      0o600,
    ),
    file('hypha/authorized_keys', config.sshKeys.map((key) => `${key.trim()}\n`).join(''), 0o600),
    file('hypha/host_key', config.hostKey, 0o600),
    file('hypha/user-data', config.userData, 0o700),
  ]);
}
