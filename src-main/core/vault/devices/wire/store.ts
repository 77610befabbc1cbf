import { join } from 'node:path';
import type { AesGcm } from '#core/crypto/aead.ts';
import { toHex } from '#core/crypto/encoding.ts';
import type { Host, Logger } from '#core/host.ts';
import { openDatabase } from '#core/store/database.ts';
import type { Acceptance } from './format/statements.ts';
import { acceptancesMost } from './format/talk.ts';
import { type Other, openRecord, type RecordKind, type RecordOf, type Self, sealRecord } from './records.ts';

const migration = `
  CREATE TABLE record (kind TEXT NOT NULL, id TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (kind, id)) STRICT;
`;

const acceptancesOfOneMost = 64;

/** `vault/own-devices.db`. What changes is durable when the call returns. */
export interface DevicesStore {
  readonly notice: { readonly code: string; readonly text: string } | null;
  /** Read everything that this key opens; null forgets it. */
  unlock(key: AesGcm | null): void;
  self(): Self | null;
  putSelf(record: Self): void;
  others(): readonly Other[];
  putOther(record: Other): void;
  acceptances(): readonly Acceptance[];
  /** @returns false for one that is here already, and when there are too many of whom it is by */
  addAcceptance(record: Acceptance): boolean;
  dropAcceptances(unwanted: (record: Acceptance) => boolean): void;
  keepCopy(): Promise<void>;
  close(): void;
}

export function openDevicesStore(home: string, log: Logger, random: Host['random']): DevicesStore {
  const store = openDatabase({ path: join(home, 'vault', 'own-devices.db'), migrations: [migration], log });
  const { db } = store;
  const put = db.prepare(
    'INSERT INTO record (kind, id, sealed) VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET sealed = excluded.sealed',
  );
  const drop = db.prepare('DELETE FROM record WHERE kind = ? AND id = ?');
  let key: AesGcm | null = null;
  let self: Self | null = null;
  const others = new Map<string, Other>();
  const acceptances = new Map<string, Acceptance>();

  const write = <K extends RecordKind>(kind: K, id: string, record: RecordOf<K>): void => {
    if (key === null) throw new Error('the records of own devices are locked');
    put.run(kind, id, sealRecord(key, kind, id, record, random));
  };
  const idOf = ({ by, device, key: hash }: Acceptance): string => `${by} ${device} ${toHex(hash)}`;

  return {
    notice: store.notice,
    unlock(next) {
      key = next;
      self = null;
      others.clear();
      acceptances.clear();
      if (next === null) return;
      const rows = db.prepare('SELECT kind, id, sealed FROM record').all() as {
        kind: string;
        id: string;
        sealed: Uint8Array;
      }[];
      let lost = 0;
      for (const { kind, id, sealed } of rows) {
        if (kind === 'self') self = openRecord(next, kind, id, sealed);
        const other = kind === 'other' ? openRecord(next, kind, id, sealed) : null;
        if (other !== null) others.set(id, other);
        const acceptance = kind === 'acceptance' ? openRecord(next, kind, id, sealed) : null;
        if (acceptance !== null) acceptances.set(id, acceptance);
        if (other === null && acceptance === null && (kind !== 'self' || self === null)) lost++;
      }
      // Nothing of the person's files: what is missing is said, or accepted, again.
      if (lost > 0) log.warn({ lost }, 'records of own devices could not be read and are left out');
    },
    self: () => self,
    putSelf(record) {
      write('self', 'self', record);
      self = record;
    },
    others: () => [...others.values()],
    putOther(record) {
      write('other', record.device, record);
      others.set(record.device, record);
    },
    acceptances: () => [...acceptances.values()],
    addAcceptance(record) {
      const id = idOf(record);
      if (acceptances.has(id) || acceptances.size >= acceptancesMost) return false;
      // One device that means no good fills no list for the others.
      const ofSame = [...acceptances.values()].filter(({ by }) => by === record.by).length;
      if (ofSame >= acceptancesOfOneMost) return false;
      write('acceptance', id, record);
      acceptances.set(id, record);
      return true;
    },
    dropAcceptances(unwanted) {
      for (const [id, record] of acceptances) {
        if (!unwanted(record)) continue;
        drop.run('acceptance', id);
        acceptances.delete(id);
      }
    },
    keepCopy: store.keepCopy,
    close: store.close,
  };
}
