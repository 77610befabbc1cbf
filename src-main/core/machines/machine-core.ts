import { type Console, createConsole } from './console/console.ts';
import { type MachineContext, wasDeleted } from './context.ts';
import { isDamaged } from './damaged.ts';
import type { Live } from './live.ts';
import type { MachinePaths } from './machine-store.ts';
import type { MachineRecord } from './record.ts';

/** What the actions of one machine share: its record, its process while it has one, and the order in which they run. */
export interface MachineCore {
  readonly context: MachineContext;
  readonly id: string;
  readonly paths: MachinePaths;
  readonly console: Console;
  /** Its record cannot be read: what stands in for it is never written. */
  readonly damaged: boolean;
  readonly record: MachineRecord;
  live: Live | null;
  /** The agent has let go of it: nothing more is done with it. */
  released: boolean;
  /** Fires when the machine is gone for good. */
  readonly deleted: AbortController;
  /** What runs now or waits, settled when all of it has ended. */
  readonly turn: Promise<unknown>;
  exclusive<T>(action: () => Promise<T>, evenDamaged?: boolean): Promise<T>;
  update(change: Partial<MachineRecord>): Promise<void>;
  settle(change: Partial<MachineRecord>): Promise<void>;
}

export function createCore(context: MachineContext, first: MachineRecord, damaged: boolean): MachineCore {
  const { store, log, host } = context;
  const { id } = first;
  const paths = store.paths(id);
  const deleted = new AbortController();
  let record = first;
  let turn: Promise<unknown> = Promise.resolve();

  const exclusive = <T>(action: () => Promise<T>, evenDamaged = false): Promise<T> => {
    const mine = turn.then(() => {
      // What waited behind a deletion finds nothing to act on.
      if (deleted.signal.aborted) throw wasDeleted(record.spec.name);
      if (damaged && !evenDamaged) throw isDamaged(record);
      return action();
    });
    turn = mine.catch(() => {});
    return mine;
  };

  /** An intention: on disk before anything is done. When it cannot be written, nothing has changed. */
  async function update(change: Partial<MachineRecord>): Promise<void> {
    const next = { ...record, ...change };
    await store.save(next);
    record = next;
    context.changed(id);
  }

  /**
   * What has happened already: true whether it can be written or not (a full disk must not keep a machine from being stopped). The next
   * start of the agent finds out the same from the process itself.
   */
  async function settle(change: Partial<MachineRecord>): Promise<void> {
    record = { ...record, ...change };
    context.changed(id);
    if (damaged) return;
    await store.save(record).catch((error: unknown) => {
      log.error({ machine: id, error: String(error) }, 'the state of a machine could not be written');
    });
  }

  return {
    context,
    id,
    paths,
    console: createConsole(paths.console, host),
    damaged,
    get record() {
      return record;
    },
    live: null,
    released: false,
    deleted,
    get turn() {
      return turn;
    },
    exclusive,
    update,
    settle,
  };
}
