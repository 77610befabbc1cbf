import { join } from 'node:path';
import type { AesGcm } from '#core/crypto/aead.ts';
import type { Host, Logger } from '#core/host.ts';
import { openDatabase } from '#core/store/database.ts';
import {
  type Arrival,
  type Given,
  openRecord,
  type RecordKind,
  type RecordOf,
  sealRecord,
  type Taken,
} from './records.ts';

const migration = `
  CREATE TABLE record (kind TEXT NOT NULL, id TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (kind, id)) STRICT;
  CREATE TABLE door (contact TEXT PRIMARY KEY, local_port INTEGER NOT NULL, offer TEXT, port INTEGER NOT NULL) STRICT;
  CREATE TABLE letter (seq INTEGER PRIMARY KEY, device BLOB NOT NULL, bytes BLOB NOT NULL) STRICT;
`;

const strangersMigration = 'ALTER TABLE letter ADD COLUMN stranger INTEGER NOT NULL DEFAULT 0;';

/** Letters of contacts that wait for an unlock. */
export const lettersMost = 2_000;
/** Letters of devices that nobody is known by yet, in all and of one of them. */
export const strangersMost = 256;
export const ofStrangerMost = 8;
export const arrivalsMost = 1_000;

/** A port that one contact alone reaches over the mesh; not sealed, as it opens before anybody unlocks. */
export interface Door {
  readonly contact: string;
  /** On 127.0.0.1. */
  readonly localPort: number;
  /** Of the mesh; null where it could not be offered yet. */
  readonly offer: string | null;
  /** On the mesh address; 0 while there is no offer. */
  readonly port: number;
}

/** `vault/sharing.db`. What changes is durable when the call returns. */
export interface SharingStore {
  readonly notice: { readonly code: string; readonly text: string } | null;
  /** Read everything that this key opens; null forgets it. @returns records that it does not open */
  unlock(key: AesGcm | null): number;
  isOpen(): boolean;
  given(): readonly Given[];
  taken(): readonly Taken[];
  /** Oldest first. */
  arrivals(): readonly Arrival[];
  putGiven(record: Given): void;
  putTaken(record: Taken): void;
  /** With what changed of its share. */
  addArrival(arrival: Arrival, share: Given): void;
  dropTaken(id: string): void;
  dropGiven(id: string): void;
  doors(): Door[];
  putDoor(door: Door): void;
  dropDoor(contact: string): void;
  /**
   * `stranger`: it waits until somebody is known by that device; there the oldest gives way.
   *
   * @returns false when too many wait already
   */
  keepLetter(device: Uint8Array, bytes: Uint8Array, stranger: boolean): boolean;
  letters(): {
    readonly seq: number;
    readonly device: Uint8Array;
    readonly bytes: Uint8Array;
    readonly stranger: 0 | 1;
  }[];
  dropLetter(seq: number): void;
  keepCopy(): Promise<void>;
  close(): void;
}

export function openSharingStore(home: string, log: Logger, random: Host['random']): SharingStore {
  const store = openDatabase({
    path: join(home, 'vault', 'sharing.db'),
    migrations: [migration, strangersMigration],
    log,
  });
  const { db } = store;
  const all = db.prepare('SELECT kind, id, sealed FROM record ORDER BY rowid');
  const put = db.prepare(
    'INSERT INTO record (kind, id, sealed) VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET sealed = excluded.sealed',
  );
  const drop = db.prepare('DELETE FROM record WHERE kind = ? AND id = ?');
  let key: AesGcm | null = null;
  const given = new Map<string, Given>();
  const taken = new Map<string, Taken>();
  const arrivals = new Map<string, Arrival>();

  const write = <K extends RecordKind>(kind: K, id: string, record: RecordOf<K>): void => {
    if (key === null) throw new Error('shares are locked');
    put.run(kind, id, sealRecord(key, kind, id, record, random));
  };
  const arrivalId = (): string => String(Number([...arrivals.keys()].at(-1) ?? '0') + 1).padStart(15, '0');

  return {
    notice: store.notice,
    unlock(next) {
      key = next;
      for (const map of [given, taken, arrivals]) map.clear();
      if (key === null) return 0;
      let lost = 0;
      const read = <K extends RecordKind>(
        of: AesGcm,
        kind: K,
        id: string,
        sealed: Uint8Array,
        into: Map<string, RecordOf<K>>,
      ) => {
        const record = openRecord(of, kind, id, sealed);
        if (record === null) lost++;
        else into.set(id, record);
      };
      for (const row of all.all() as { kind: RecordKind; id: string; sealed: Uint8Array }[]) {
        if (row.kind === 'given') read(key, 'given', row.id, row.sealed, given);
        else if (row.kind === 'taken') read(key, 'taken', row.id, row.sealed, taken);
        else read(key, 'arrival', row.id, row.sealed, arrivals);
      }
      return lost;
    },
    isOpen: () => key !== null,
    given: () => [...given.values()],
    taken: () => [...taken.values()],
    arrivals: () => [...arrivals.values()],
    putGiven(record) {
      write('given', record.id, record);
      given.set(record.id, record);
    },
    putTaken(record) {
      write('taken', record.id, record);
      taken.set(record.id, record);
    },
    addArrival(arrival, share) {
      const id = arrivalId();
      const old = [...arrivals.keys()].slice(0, Math.max(0, arrivals.size + 1 - arrivalsMost));
      store.transaction(() => {
        write('arrival', id, arrival);
        write('given', share.id, share);
        for (const one of old) drop.run('arrival', one);
      });
      arrivals.set(id, arrival);
      given.set(share.id, share);
      for (const one of old) arrivals.delete(one);
    },
    dropTaken(id) {
      drop.run('taken', id);
      taken.delete(id);
    },
    dropGiven(id) {
      drop.run('given', id);
      given.delete(id);
    },
    doors: () =>
      db.prepare('SELECT contact, local_port AS localPort, offer, port FROM door').all() as unknown as Door[],
    putDoor({ contact, localPort, offer, port }) {
      db.prepare('INSERT OR REPLACE INTO door VALUES (?, ?, ?, ?)').run(contact, localPort, offer, port);
    },
    dropDoor: (contact) => void db.prepare('DELETE FROM door WHERE contact = ?').run(contact),
    keepLetter(device, bytes, stranger) {
      const count = (where: string, ...values: Uint8Array[]): number =>
        (db.prepare(`SELECT count(*) AS n FROM letter WHERE ${where}`).get(...values) as { n: number }).n;
      if (!stranger && count('stranger = 0') >= lettersMost) return false;
      if (stranger && count('stranger = 1 AND device = ?', device) >= ofStrangerMost) return false;
      store.transaction(() => {
        if (stranger && count('stranger = 1') >= strangersMost)
          db.prepare('DELETE FROM letter WHERE seq = (SELECT min(seq) FROM letter WHERE stranger = 1)').run();
        db.prepare('INSERT INTO letter (device, bytes, stranger) VALUES (?, ?, ?)').run(
          device,
          bytes,
          Number(stranger),
        );
      });
      return true;
    },
    letters: () =>
      db.prepare('SELECT seq, device, bytes, stranger FROM letter ORDER BY seq').all() as unknown as ReturnType<
        SharingStore['letters']
      >,
    dropLetter: (seq) => void db.prepare('DELETE FROM letter WHERE seq = ?').run(seq),
    keepCopy: store.keepCopy,
    close: store.close,
  };
}
