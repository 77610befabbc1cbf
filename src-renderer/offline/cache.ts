import type { Dexie, Table } from 'dexie';
import type { MethodName } from '#shared/contract/agent.ts';
import type { OfflineStore } from '../lib/agent/query.ts';
import { importKey, type SealKey, seal, unseal } from './seal.ts';

interface Row {
  /** Method and input: opaque ids and sort orders, never a name. */
  id: string;
  at: number;
  sealed: Uint8Array;
}

/** Listings and states worth looking at without the agent. Never file contents, phrases or activity. */
const kept: ReadonlySet<MethodName> = new Set<MethodName>([
  'vault.status',
  'vault.list',
  'vault.places',
  'machines.list',
]);
/** Oldest rows go first; a row is one folder. */
const maxRows = 500;

/**
 * The sealed copy of listings. Without the key (locked, or never unlocked in this window) it gives nothing and takes
 * nothing. Rows sealed under another key do not open and are written over.
 */
export class OfflineCache implements OfflineStore {
  readonly #name: string;
  /** Made when first needed, which is after unlocking: the library is no part of the first paint. */
  #db: Promise<Dexie> | null = null;
  readonly #now: () => number;
  #key: SealKey | null = null;
  #generation = 0;

  constructor(name = 'hypha-offline', now: () => number = Date.now) {
    this.#name = name;
    this.#now = now;
  }

  get open(): boolean {
    return this.#key !== null;
  }

  async unlock(raw: Uint8Array): Promise<void> {
    const generation = ++this.#generation;
    const key = await importKey(raw);
    raw.fill(0);
    // Locked again meanwhile: the key came too late.
    if (generation === this.#generation) this.#key = key;
  }

  lock(): void {
    this.#generation += 1;
    this.#key = null;
  }

  keeps(method: MethodName): boolean {
    return kept.has(method);
  }

  async put(method: MethodName, input: unknown, value: unknown): Promise<void> {
    const key = this.#key;
    if (!key || !kept.has(method)) return;
    try {
      const id = rowId(method, input);
      const rows = await this.#rows();
      await rows.put({ id, at: this.#now(), sealed: await seal(key, id, value) });
      const over = (await rows.count()) - maxRows;
      if (over > 0) await rows.bulkDelete(await rows.orderBy('at').limit(over).primaryKeys());
    } catch {
      // A full or barred storage costs the offline view and nothing else.
    }
  }

  async get(method: MethodName, input: unknown): Promise<{ value: unknown; at: number } | null> {
    const key = this.#key;
    if (!key || !kept.has(method)) return null;
    try {
      const id = rowId(method, input);
      const row = await (await this.#rows()).get(id);
      const value = row && (await unseal(key, id, row.sealed));
      return row && value !== undefined && this.#key === key ? { value, at: row.at } : null;
    } catch {
      return null;
    }
  }

  async close(): Promise<void> {
    (await this.#db)?.close();
  }

  async #rows(): Promise<Table<Row, string>> {
    this.#db ??= import('dexie').then(({ default: Database }) => {
      const db = new Database(this.#name);
      db.version(1).stores({ rows: 'id, at' });
      return db;
    });
    return (await this.#db).table('rows');
  }
}

function rowId(method: MethodName, input: unknown): string {
  const sorted = Object.entries((input ?? {}) as Record<string, unknown>).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${method} ${JSON.stringify(sorted)}`;
}
