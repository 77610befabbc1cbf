import type { Emit, Host, Logger } from '#core/host.ts';

/** What the mesh needs of the rest of the agent. */
export interface MeshDeps {
  readonly host: Host;
  readonly log: Logger;
  readonly emit: Emit;
  /** The data directory. */
  readonly home: string;
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number;
  readonly keys: {
    /** 32 bytes, this device's X25519 secret; null before an identity exists. */
    secret(): Uint8Array | null;
    onChange(changed: () => void): () => void;
  };
  readonly names: Names;
}

/** Whom the person knows, on the mesh. */
export interface Names {
  /** Addresses of a name like `ann` or `ann.hypha`, 16 bytes each, best first; empty when nobody has it. */
  addresses(name: string): Uint8Array[];
  /** What the owner of an address is called; null for strangers. */
  nameOf(address: Uint8Array): string | null;
}
