import type { Duplex } from 'node:stream';
import type { DeviceId } from '#shared/model/ids.ts';

/* What the exchange between the person's own devices needs of the rest of the agent. */

export interface KnownDevice {
  readonly id: DeviceId;
  /** Null where nobody has told it. */
  readonly name: string | null;
  /** Mesh key, 64 hex digits. */
  readonly mesh: string;
  readonly addedAt: number;
  readonly revokedAt: number | null;
  readonly current: boolean;
}

/** The devices of the person's verified key log, and this one's own signature. */
export interface DevicePeople {
  /** Revoked ones too; empty before there is an identity. */
  list(): readonly KnownDevice[];
  /** The person's keys are on this device, locked or not: one without them has no vault. */
  hasKeys(): boolean;
  /** By this device's certified key, 64 bytes; null for a device without one. */
  sign(bytes: Uint8Array): Uint8Array | null;
  verify(device: string, bytes: Uint8Array, signature: Uint8Array): boolean;
  /** What the key log holds, whatever its order; 32 bytes. */
  digest(): Uint8Array;
  log(): Uint8Array;
  /** @returns whether there was anything new */
  merge(log: Uint8Array): Promise<boolean>;
  onChange(changed: () => void): () => void;
}

/** Connections over the mesh between own devices; both ends are sure whose mesh key the other holds. */
export interface DeviceStreams {
  /** @param device mesh key @throws Fail MESH_OFF, REFUSED, UNREACHABLE, TIMED_OUT, CANCELLED */
  dial(device: string, port: number, signal: AbortSignal): Promise<Duplex>;
  listen(port: number, accept: (stream: Duplex, device: string) => void): () => Promise<void>;
}

export interface DevicesDeps {
  readonly people: DevicePeople;
  readonly streams: DeviceStreams;
}
