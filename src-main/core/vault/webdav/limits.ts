export interface DiskLimits {
  readonly connections: number;
  /** Files stored at the same time; others wait their turn. */
  readonly puts: number;
  /** Milliseconds for a request's head, and that a connection may be silent. */
  readonly head: number;
  readonly silence: number;
  /** Bytes of a refused request that are still read, so that the client hears why. */
  readonly drain: number;
}
export const defaultDiskLimits: DiskLimits = {
  connections: 64,
  puts: 4,
  head: 10_000,
  silence: 120_000,
  drain: 8 * 1024 * 1024,
};
