import type { Emit, Host, Logger } from '#core/host.ts';
import type { MeshTraffic, Opening } from '#shared/contract/machines.ts';

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
  /** The mesh's virtual switch; without it machines have no card for the mesh. */
  readonly mesh?: MeshSwitch | null;
  /** Failpoints: called at named points of a deploy, so that a test can end the process there. */
  readonly probe?: (point: string) => void;
}

/** Where a machine is on the mesh, as it is told in its configuration. */
export interface MeshPlace {
  /** Its one address; no other may leave its card. */
  readonly address: string;
  /** The switch's link-local address: all of 400::/7 lies behind it. */
  readonly router: string;
  /** Largest packet, IPv6 header included. */
  readonly mtu: number;
}

/** A running machine's card for the mesh. Plain data, because the switch may live in another thread. */
export interface MeshMachine {
  readonly machine: string;
  /** Unix socket of QEMU's netdev; QEMU is the server and begins to listen before its control socket answers. */
  readonly socketPath: string;
  readonly mac: string;
  /** Openings of the firewall, as `keepRule` makes them. */
  readonly rules: readonly string[];
}

/** What openings of a firewall mean: they may name people, whom the mesh knows. */
export interface OpeningWords {
  /**
   * The form in which an opening is kept: for whom it was meant, by person, whatever they are called later.
   * @throws Fail NOT_FOUND for a name that nobody has, LOCKED while names are not known
   */
  keepRule(rule: string): string;
  /** A kept opening as it is shown, and who is meant by it now. */
  showRule(kept: string): Opening;
  /** An opening, kept or not, in the words of a question. */
  sayRule(rule: string): string;
}

/** What machines need of the mesh. */
export interface MeshSwitch extends OpeningWords {
  /** Where a card with this MAC is on the mesh; null while the mesh is off: the machine is then started without the card. */
  place(mac: string): MeshPlace | null;
  /**
   * Join a running machine's card with the mesh. Holds until `detach`, through QEMU's socket coming and going and (with a null address for so
   * long) through the mesh being off. Attached again, it is joined anew. Rejects when its address is another's.
   */
  attach(machine: MeshMachine): Promise<{ readonly address: string | null }>;
  detach(machine: string): Promise<void>;
  /** Holds at once, for connections that are open, too. */
  setRules(machine: string, rules: readonly string[]): Promise<void>;
  /** Null for a machine that is not attached. */
  counters(machine: string): Promise<MeshTraffic | null>;
}

export interface ImagesConfig {
  /** Where Hypha Micro can be fetched: the address of its manifest.json and that file's SHA-256 (hex). */
  readonly micro?: { readonly url: string; readonly sha256: string };
  /** Directory of catalogue files; default `catalogue` in the host's resources. */
  readonly catalogue?: string;
  /** Directories searched for Hypha Micro, instead of the usual ones. */
  readonly microPlaces?: readonly string[];
}
