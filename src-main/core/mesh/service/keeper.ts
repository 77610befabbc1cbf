import { equalBytes } from '#core/crypto/equal.ts';
import type { Logger } from '#core/host.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import { type EngineThread, type EngineThreadDeps, startEngineThread } from '../engine/engine-thread.ts';
import type { EngineConfig, EngineStarted } from '../engine/protocol.ts';

export type KeeperState =
  | { readonly kind: 'off' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'on'; readonly thread: EngineThread; readonly started: EngineStarted; readonly since: number }
  | { readonly kind: 'failed'; readonly detail: string };

export interface KeeperDeps {
  readonly log: Logger;
  readonly now: () => number;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
  readonly events: EngineThreadDeps['events'];
  /** How the node is to run now; null for not at all. @throws Fail when it cannot run as the person wants it */
  readonly wanted: () => EngineConfig | null;
  /** A thread is there and the node does not run yet: tell it what holds from the first packet on. */
  readonly prepare: (thread: EngineThread) => Promise<void>;
  /** The node runs: give it its peers and services. */
  readonly onStart: (thread: EngineThread, started: EngineStarted) => Promise<void>;
  readonly onChange: () => void;
}

/** Keeps the node running as it is wanted: starts it, starts it anew when that changed, or when its thread died. */
export interface Keeper {
  state(): KeeperState;
  /** The running node's thread. @throws Fail MESH_OFF */
  thread(): EngineThread;
  /** Make the node be as it is wanted; resolves when it is so. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

const firstRetry = 1_000;
const longestRetry = 60_000;

export function createKeeper(deps: KeeperDeps): Keeper {
  let state: KeeperState = { kind: 'off' };
  let config: EngineConfig | null = null;
  let stopped = false;
  let failures = 0;
  let cancelRetry: (() => void) | null = null;
  let turn: Promise<void> = Promise.resolve();

  const become = (next: KeeperState): void => {
    state = next;
    deps.onChange();
  };

  const end = async (): Promise<void> => {
    const was = state;
    config = null;
    if (was.kind === 'on') await was.thread.close();
  };

  const retryLater = (error: unknown): void => {
    deps.log.error({ error }, 'the mesh node stopped');
    // One that dies as soon as it runs is not started every second.
    if (state.kind === 'on' && deps.now() - state.since >= longestRetry) failures = 0;
    config = null;
    become({ kind: 'failed', detail: 'The mesh node stopped by itself; it is started again.' });
    cancelRetry?.();
    const delay = Math.min(longestRetry, firstRetry * 2 ** Math.min(failures, 10));
    failures++;
    if (!stopped) cancelRetry = deps.setTimer(delay, () => void keeper.settle());
  };

  const begin = async (wanted: EngineConfig): Promise<void> => {
    become({ kind: 'starting' });
    const thread = startEngineThread({
      log: deps.log,
      setTimer: deps.setTimer,
      events: deps.events,
      died: (error) => {
        if (state.kind === 'on' && state.thread !== thread) return;
        retryLater(error);
      },
    });
    try {
      await deps.prepare(thread);
      const started = await thread.call.start(wanted);
      config = asStarted(wanted, started);
      become({ kind: 'on', thread, started, since: deps.now() });
      await deps.onStart(thread, started);
    } catch (error) {
      await thread.close();
      if (state.kind !== 'failed') retryLater(error);
    }
  };

  const settleNow = async (): Promise<void> => {
    let wanted: EngineConfig | null = null;
    try {
      wanted = stopped ? null : deps.wanted();
    } catch (error) {
      if (!isFail(error)) throw error;
      // Better no node than one that is another than the person thinks.
      await end();
      become({ kind: 'failed', detail: [error.message, error.next].filter(Boolean).join(' ') });
      return;
    }
    if (wanted !== null && config !== null && state.kind === 'on' && same(wanted, config)) return;
    cancelRetry?.();
    cancelRetry = null;
    await end();
    if (wanted === null) {
      if (state.kind !== 'off') become({ kind: 'off' });
    } else await begin(wanted);
  };

  const keeper: Keeper = {
    state: () => state,
    thread() {
      if (state.kind === 'on') return state.thread;
      throw fail('MESH_OFF', 'The mesh node does not run.', {
        next: state.kind === 'off' ? 'Join the mesh first.' : 'Try again in a moment.',
      });
    },
    settle() {
      // What cannot be read now is no reason to settle nothing ever after.
      turn = turn.then(settleNow).catch((error: unknown) => {
        deps.log.error({ error }, 'the mesh node could not be made as it is wanted');
      });
      return turn;
    },
    async stop() {
      stopped = true;
      await keeper.settle();
    },
  };
  return keeper;
}

/** A port left to the system is the one it gave, from then on. */
function asStarted(config: EngineConfig, { listening }: EngineStarted): EngineConfig {
  if (config.listen?.port !== 0 || listening === null) return config;
  return { ...config, listen: { ...config.listen, port: listening } };
}

function same(a: EngineConfig, b: EngineConfig): boolean {
  const networks = [a.privateNetwork, b.privateNetwork] as const;
  const [one, other] = networks;
  const network =
    one === null || other === null ? one === other : one.name === other.name && equalBytes(one.key, other.key);
  return (
    network &&
    equalBytes(a.secret, b.secret) &&
    a.listen?.host === b.listen?.host &&
    a.listen?.port === b.listen?.port &&
    a.discovery === b.discovery &&
    a.answerPings === b.answerPings
  );
}
