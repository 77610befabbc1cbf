import type { Failure } from '#shared/rpc/fail.ts';
import { fail } from '#shared/rpc/fail.ts';
import { toFailure } from '../failure.ts';
import type { AgentConnection, Open } from './open.ts';

export type LinkState =
  | { readonly phase: 'connecting' }
  | { readonly phase: 'ready'; readonly connection: AgentConnection }
  /** The agent does not answer; tried again at `retryAt`. */
  | { readonly phase: 'away'; readonly since: number; readonly retryAt: number; readonly failure: Failure }
  /** The agent answered and said no; trying again by itself would be pointless. */
  | { readonly phase: 'refused'; readonly failure: Failure };

/** Time and chance, so that tests need neither. */
export interface LinkWorld {
  now(): number;
  random(): number;
  setTimer(ms: number, fire: () => void): () => void;
}

const browserWorld: LinkWorld = {
  now: () => Date.now(),
  random: () => Math.random(),
  setTimer: (ms, fire) => {
    const timer = setTimeout(fire, ms);
    return () => clearTimeout(timer);
  },
};

/** How long an attempt may take before it counts as failed. */
const attemptMs = 10_000;
const final = new Set(['VERSION_MISMATCH', 'UNAUTHENTICATED', 'FORBIDDEN']);

/** 250 ms, doubling to 10 s, spread by a quarter so that many windows do not knock at once. */
export function backoff(attempt: number, random: number): number {
  return Math.min(10_000, 250 * 2 ** attempt) * (0.75 + random * 0.5);
}

/** The connection to the agent, kept up: one at a time, made again when it breaks. */
export class AgentLink {
  #state: LinkState = { phase: 'connecting' };
  readonly #listeners = new Set<() => void>();
  readonly #open: Open;
  readonly #world: LinkWorld;
  #attempt = 0;
  #since: number | null = null;
  #cancelTimer: () => void = () => {};
  #stopped = true;

  constructor(open: Open, world: LinkWorld = browserWorld) {
    this.#open = open;
    this.#world = world;
  }

  get state(): LinkState {
    return this.#state;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The connection, or a DISCONNECTED failure while there is none. */
  connection(): AgentConnection {
    if (this.#state.phase === 'ready') return this.#state.connection;
    throw fail('DISCONNECTED', 'Your agent is not answering.', {
      meaning: 'What was already acknowledged is safe. Nothing new was done.',
      next: 'It is tried again by itself. You can also try again now.',
    });
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    void this.#try();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer();
    if (this.#state.phase === 'ready') this.#state.connection.close();
    this.#set({ phase: 'connecting' });
  }

  /** Try at once, whatever the backoff says. */
  retryNow(): void {
    if (this.#stopped || this.#state.phase === 'ready' || this.#state.phase === 'connecting') return;
    this.#cancelTimer();
    this.#attempt = 0;
    void this.#try();
  }

  async #try(): Promise<void> {
    const abort = new AbortController();
    const cancelDeadline = this.#world.setTimer(attemptMs, () => abort.abort());
    try {
      const connection = await this.#open(abort.signal);
      if (this.#stopped) {
        connection.close();
        return;
      }
      this.#attempt = 0;
      this.#since = null;
      this.#set({ phase: 'ready', connection });
      connection.onClose((why) => {
        if (!this.#stopped) this.#lost(why ?? fail('DISCONNECTED', 'The agent ended the connection.'));
      });
    } catch (error) {
      if (!this.#stopped) this.#lost(error);
    } finally {
      cancelDeadline();
    }
  }

  #lost(error: unknown): void {
    const failure = toFailure(error);
    if (final.has(failure.code)) {
      this.#set({ phase: 'refused', failure });
      return;
    }
    const now = this.#world.now();
    this.#since ??= now;
    const wait = backoff(this.#attempt, this.#world.random());
    this.#attempt += 1;
    this.#set({ phase: 'away', since: this.#since, retryAt: now + wait, failure });
    this.#cancelTimer = this.#world.setTimer(wait, () => void this.#try());
  }

  #set(state: LinkState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}
