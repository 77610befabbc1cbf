import type { Emit, Host, Logger } from '#core/host.ts';

/** What machines need from the rest of the agent. */
export interface MachinesDeps {
  readonly host: Host;
  readonly log: Logger;
  readonly emit: Emit;
  /** The data directory: machines lie in `machines/`, images in `images/`. */
  readonly home: string;
  /** Directory for sockets and pid files; short, because a unix socket path holds about 100 bytes. Default: {@link runDirectory}. */
  readonly runDir?: string;
  /** Where what was found out about QEMU and the accelerator is kept; default `machines-cache` in the data directory. */
  readonly cacheDir?: string;
  /** Find QEMU's program; default: the setting, PATH and the usual directories. */
  readonly locateQemu?: () => Promise<string | null>;
  /** How long a machine under an accelerator may print nothing before it is started again by emulation; default 15 s. */
  readonly serialSilenceMs?: number;
  readonly settings: { qemuPath(): string };
  readonly images?: ImagesConfig;
  /** Failpoints: called at named points of a deploy, so that a test can end the process there. */
  readonly probe?: (point: string) => void;
}

export interface ImagesConfig {
  /** Where Hypha Micro can be fetched: the address of its manifest.json and that file's SHA-256 (hex). */
  readonly micro?: { readonly url: string; readonly sha256: string };
  /** Directory of catalogue files; default `catalogue` in the host's resources. */
  readonly catalogue?: string;
  /** Directories searched for Hypha Micro, instead of the usual ones. */
  readonly microPlaces?: readonly string[];
}
