import type { AgentEvent } from '#shared/contract/system.ts';

/**
 * What the core asks of the shell that runs it: the outside world that differs between Electron, the headless daemon
 * and tests. Nothing in the core reads the clock, makes randomness or spawns JavaScript but through here.
 */
export interface Host {
  readonly shell: 'electron' | 'daemon' | 'test';
  /** Milliseconds since 1970 UTC. */
  now(): number;
  /** `n` cryptographically strong random bytes. */
  random(n: number): Uint8Array;
  /** Timers, so that tests can drive them. `unref`ed: they never keep the process alive. Returns a cancel. */
  setTimer(ms: number, fire: () => void): () => void;
  /** Sealing by the operating system's keyring; null where there is none. */
  readonly keyring: Keyring | null;
  /** Why there is no keyring, or which one it is, in plain words. */
  readonly keyringDetail: string;
  /** Where what ships with the app lies (catalogue, prebuilt images). */
  readonly resources: string;
}

/** A secret store of the operating system (Electron safeStorage). */
export interface Keyring {
  seal(plain: Uint8Array): Promise<Uint8Array>;
  /** Rejects when the keyring no longer knows the secret. */
  open(sealed: Uint8Array): Promise<Uint8Array>;
}

/** Tell connected clients that something changed. */
export type Emit = (event: AgentEvent) => void;

export interface Logger {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}
