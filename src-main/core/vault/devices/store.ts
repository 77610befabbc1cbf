import { setImmediate } from 'node:timers/promises';
import type { Host } from '#core/host.ts';
import type { Session } from '../core.ts';
import { openRow, sealRow } from '../format/row.ts';
import { readRecord, recordValue } from './format/record.ts';
import { agreedValue, intentValue, metaValue, readAgreed, readIntent, readMeta } from './format/rows.ts';
import { contentBytes, content as contentOf, packed, readPacked } from './format/values.ts';
import type { DeviceRecord } from './model/records.ts';
import type { Loaded, Rows } from './rows.ts';

/*
 * What this computer knows of the files of other devices: rows of the catalogue, each sealed by itself (docs/formats/devices.md). In the same
 * database as the vault's items, so that an item and what it stands for change as one, and come back from a copy as one.
 */

type Keys = Pick<Session, 'catalogue' | 'keys'>;
/** Opened at a time, so that the agent goes on meanwhile. */
const batch = 2_000;

/**
 * Everything, as far as it can be opened. When a record cannot, nothing is said to be known: others tell it anew, and what is ours goes
 * on under another name.
 */
export async function loadRows({ catalogue, keys }: Keys, signal: AbortSignal): Promise<Loaded> {
  const open = async <K extends string | number, T>(
    table: string,
    column: string,
    first: K,
    read: (key: NoInfer<K>, plain: Uint8Array) => T | null,
  ): Promise<{ readonly rows: T[]; readonly lost: number }> => {
    const rows: T[] = [];
    let lost = 0;
    for (let after = first; ; ) {
      signal.throwIfAborted();
      const found = catalogue.all<{ key: K; sealed: Uint8Array }>(
        `SELECT ${column} AS key, sealed FROM devices_${table} WHERE ${column} > ? ORDER BY ${column} LIMIT ${batch}`,
        after,
      );
      for (const { key, sealed } of found) {
        const plain = openRow(keys, 'devices', `${table} ${key}`, sealed);
        const row = plain && read(key, plain);
        if (row === null) lost++;
        else rows.push(row);
      }
      const last = found.at(-1);
      if (!last || found.length < batch) return { rows, lost };
      after = last.key;
      await setImmediate();
    }
  };
  const record = (number: number, plain: Uint8Array): readonly [number, DeviceRecord] | null => {
    const read = readPacked(plain, readRecord, recordValue);
    return read && [number, read];
  };
  const self = await open('self', 'id', 0, (_, plain) => readPacked(plain, readMeta, metaValue));
  const records = await open('records', 'number', 0, record);
  const agreed = await open('agreed', 'entry', '', (_, plain) => readPacked(plain, readAgreed, agreedValue));
  const readings = await open('readings', 'item', '', (item, plain) => {
    const content = readPacked(plain, contentOf, contentBytes);
    return content === null ? null : { item, content };
  });
  const intents = await open('intents', 'item', '', (item, plain) =>
    readPacked(plain, (value) => readIntent(item, value), intentValue),
  );
  return {
    meta: records.lost > 0 ? null : (self.rows[0] ?? null),
    records: records.rows,
    agreed: agreed.rows,
    readings: readings.rows,
    intents: intents.rows,
  };
}

export function createRows(
  { catalogue, keys }: Keys,
  random: Host['random'],
  probe: (point: string) => void = () => {},
): Rows {
  const put = (table: string, column: string, key: string | number, plain: Uint8Array): void => {
    const sealed = sealRow(keys, random, 'devices', `${table} ${key}`, plain);
    catalogue.run(`INSERT OR REPLACE INTO devices_${table} (${column}, sealed) VALUES (?, ?)`, key, sealed);
  };
  const drop = (table: string, column: string, key: string | number): void =>
    void catalogue.run(`DELETE FROM devices_${table} WHERE ${column} = ?`, key);
  return {
    transaction(work) {
      probe('devices-writing');
      const done = catalogue.transaction(work);
      probe('devices-written');
      return done;
    },
    putMeta: (meta) => put('self', 'id', 1, packed(metaValue(meta))),
    putRecord: (number, record) => put('records', 'number', number, packed(recordValue(record))),
    dropRecord: (number) => drop('records', 'number', number),
    putAgreed: (agreed) => put('agreed', 'entry', agreed.entry, packed(agreedValue(agreed))),
    dropAgreed: (entry) => drop('agreed', 'entry', entry),
    putReading: ({ item, content }) => put('readings', 'item', item, packed(contentBytes(content))),
    dropReading: (item) => drop('readings', 'item', item),
    putIntent: (intent) => put('intents', 'item', intent.item, packed(intentValue(intent))),
    dropIntent: (item) => drop('intents', 'item', item),
  };
}

export const deviceTables = [
  'devices_self',
  'devices_records',
  'devices_agreed',
  'devices_readings',
  'devices_intents',
] as const;

/** Forget all that is known of other devices. Durable when it returns. */
export function forgetRows({ catalogue }: Pick<Session, 'catalogue'>): void {
  catalogue.transaction(() => {
    for (const table of deviceTables) catalogue.run(`DELETE FROM ${table}`);
  });
}
