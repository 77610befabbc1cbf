import type { Hex } from 'viem';
import { toHex } from '#core/crypto/encoding.ts';
import type { Hash32 } from '#shared/model/evm.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { NameChain } from './ledgers.ts';
import type { NamesDeps } from './ports.ts';
import { type Commitment, calls, commitMin, openRegistry, refusal } from './registry.ts';
import type { NamesStore, RegistrationRow } from './store.ts';

/** How soon what is not ready, or did not work, is tried again. */
const againMs = 15_000;
/** What a minute on the ledger may lack by ours: its blocks are made when they are made. */
const slackMs = 1_000;
const takenMeanwhile = 'Somebody else took the name in the meantime.';

interface Parts {
  readonly deps: Pick<NamesDeps, 'host' | 'log' | 'accounts'>;
  readonly store: NamesStore;
  /** The ledger of a registration, while it is known. */
  readonly find: (row: RegistrationRow) => NameChain | null;
  readonly changed: (row: RegistrationRow) => void;
}

/**
 * Takes names: commits to one unseen, waits, takes it in the open. Each step is written down before it is done, and each transaction has a key
 * under which it is sent once however often it is asked for, so a registration goes on where it was after any end.
 */
export function createRegistering({ deps, store, find, changed }: Parts) {
  const { host, log, accounts } = deps;
  const timers = new Map<string, () => void>();
  const busy = new Set<string>();
  let stopped = true;
  const ending = new AbortController();
  const idle: (() => void)[] = [];

  const save = (row: RegistrationRow): RegistrationRow => {
    store.save(row);
    changed(row);
    return row;
  };
  const later = (row: RegistrationRow, ms: number): void => {
    timers.get(row.id)?.();
    if (!stopped)
      timers.set(
        row.id,
        host.setTimer(ms, () => void go(row.id)),
      );
  };
  const commitmentOf = ({ label, owner, term, secret }: RegistrationRow): Commitment => ({
    ...{ label, owner, secret },
    term: BigInt(term),
  });
  /** The secret is part of the key: a commitment that went stale is made anew with another one. */
  const keyOf = (row: RegistrationRow, what: string): string => `names/${row.id}/${row.secret.slice(2, 18)}/${what}`;
  const send = (row: RegistrationRow, data: Hex, value: bigint, what: 'commit' | 'register', about: string) =>
    accounts.send({ chain: row.chain, from: row.owner, to: row.registry, data, value, key: keyOf(row, what), about });
  const newSecret = () => `0x${toHex(host.random(32))}` as Hash32;
  const anew = (row: RegistrationRow): RegistrationRow =>
    save({ ...row, secret: newSecret(), state: 'committing', ready_at: null, tx: null, trouble: null });
  const failed = (row: RegistrationRow, trouble: string): RegistrationRow => save({ ...row, state: 'failed', trouble });

  /** One step further. @returns the row, and in how long the next step is due; null at the end */
  const step = async (
    row: RegistrationRow,
    on: NameChain,
  ): Promise<{ row: RegistrationRow; nextMs: number | null }> => {
    const registry = openRegistry(on.chain, on.registry);
    const what = commitmentOf(row);
    const commitment = await registry.commitment(what);
    if (row.state === 'committing') {
      if ((await registry.committedAt(commitment)) === 0) {
        const hash = await send(row, calls.commit(commitment), 0n, 'commit', `Get ready to take the name ${row.label}`);
        await accounts.settled(row.chain, hash, ending.signal);
      }
      const at = await registry.committedAt(commitment);
      if (at === 0) return { row, nextMs: againMs };
      const ready = (at + commitMin) * 1_000;
      return { row: save({ ...row, state: 'waiting', ready_at: ready, trouble: null }), nextMs: wait(ready) };
    }
    if (row.state === 'waiting') {
      const entry = await registry.lookUp(row.label);
      const at = await registry.committedAt(commitment);
      const isMine = entry.owner?.toLowerCase() === row.owner.toLowerCase();
      // Used up: it was taken, by us before the end, or handed in by somebody else, which makes it ours all the same.
      if (at === 0)
        return { row: isMine ? save({ ...row, state: 'done', trouble: null }) : anew(row), nextMs: isMine ? null : 0 };
      if (entry.owner !== null && !isMine) return { row: failed(row, takenMeanwhile), nextMs: null };
      const value = await registry.deposit(row.label);
      try {
        await registry.attempt(row.owner, calls.register(what), value);
      } catch (error) {
        const why = refusal(error);
        if (why === 'TooSoon') return { row, nextMs: againMs };
        if (why === 'TooLate') return { row: anew(row), nextMs: 0 };
        if (why === 'Taken') return { row: failed(row, takenMeanwhile), nextMs: null };
        throw error;
      }
      const going = save({ ...row, state: 'registering', trouble: null });
      return { row: going, nextMs: 0 };
    }
    const value = await registry.deposit(row.label);
    const hash = row.tx ?? (await send(row, calls.register(what), value, 'register', `Take the name ${row.label}`));
    const sent = row.tx === null ? save({ ...row, tx: hash, trouble: null }) : row;
    const receipt = await accounts.settled(row.chain, hash, ending.signal);
    if (receipt.ok) return { row: save({ ...sent, state: 'done', trouble: null }), nextMs: null };
    const entry = await registry.lookUp(row.label);
    const isMine = entry.owner?.toLowerCase() === row.owner.toLowerCase();
    if (isMine) return { row: save({ ...sent, state: 'done', trouble: null }), nextMs: null };
    // Not tried for ever: on other ledgers than one's own each attempt costs.
    return { row: failed(sent, entry.owner === null ? 'The ledger refused it.' : takenMeanwhile), nextMs: null };
  };
  const wait = (ready: number): number => Math.max(0, ready - host.now()) + slackMs;

  async function go(id: string): Promise<void> {
    timers.delete(id);
    if (stopped || busy.has(id)) return;
    const row = store.registration(id);
    if (row === null || row.state === 'done' || row.state === 'failed') return;
    const on = find(row);
    if (on === null || !accounts.list().some((own) => own.toLowerCase() === row.owner.toLowerCase())) return;
    busy.add(id);
    let nextMs: number | null = againMs;
    try {
      ({ nextMs } = await step(row, on));
    } catch (error) {
      const current = store.registration(id);
      if (!stopped && current !== null) afterTrouble(current, error);
    } finally {
      busy.delete(id);
      if (busy.size === 0) for (const resolve of idle.splice(0)) resolve();
    }
    if (nextMs !== null) later(row, nextMs);
  }

  function afterTrouble(row: RegistrationRow, error: unknown): void {
    log.warn({ label: row.label, error: String(error) }, 'a name could not be taken yet');
    const trouble = isFail(error) ? error.message : 'Something went wrong. It is tried again.';
    if (isFail(error, 'TX_LOST')) anew({ ...row, trouble });
    // What it would be refused for is seen where it waits.
    else if (isFail(error, 'CALL_REFUSED') && row.state === 'registering') save({ ...row, state: 'waiting', trouble });
    else save({ ...row, trouble });
  }

  /** All that are under way; at start, and when keys or ledgers came. */
  const goOn = (): void => {
    for (const row of store.registrations()) {
      if (row.state === 'done' || row.state === 'failed' || timers.has(row.id)) continue;
      later(row, row.ready_at === null || row.state !== 'waiting' ? 0 : wait(row.ready_at));
    }
  };

  return {
    begin(row: Omit<RegistrationRow, 'secret' | 'state' | 'ready_at' | 'trouble' | 'tx'>): RegistrationRow {
      const full = {
        ...row,
        secret: newSecret(),
        state: 'committing' as const,
        ready_at: null,
        trouble: null,
        tx: null,
      };
      save(full);
      later(full, 0);
      return full;
    },
    /** @returns whether it could still be stopped */
    forgo(row: RegistrationRow): boolean {
      if (busy.has(row.id) || (row.state !== 'committing' && row.state !== 'waiting')) return false;
      timers.get(row.id)?.();
      timers.delete(row.id);
      store.drop(row.id);
      changed(row);
      return true;
    },
    goOn,
    start(): void {
      stopped = false;
      goOn();
    },
    async stop(): Promise<void> {
      stopped = true;
      ending.abort();
      for (const cancel of timers.values()) cancel();
      timers.clear();
      if (busy.size > 0) await new Promise<void>((resolve) => idle.push(resolve));
    },
  };
}
