import { decodePosition, encodePosition, type Position, positionBytes } from '../layout/cursor.ts';
import type { IndexRecord } from '../layout/records.ts';
import type { DataStore } from '../store/data-store.ts';
import { cursorOf, cursorPosition, type Found, scanBackward, scanForward } from '../store/walk.ts';
import { array, bulk, bulkText, integer, nil } from '../wire/reply.ts';
import { type Word, wordBytes } from '../wire/request-parser.ts';
import { type Answer, frozen, type Handler, internal, now, refuse } from './answer.ts';

/* Commands that walk over keys and versions: SCAN SCANX RSCAN KSCAN HISTORY. */

/** Keys told at once. 0-db tells as many as it reads in two milliseconds; a number is the same on every computer. */
const keysAtOnce = 256;

type Walk = (store: DataStore, from: Position | null, most: number) => Found[];

const scanWith =
  (walk: Walk): Handler =>
  (ground, session, words) => {
    const { settings, store } = session.namespace;
    if (settings.lock === 'frozen') return frozen;
    if (walk === scanBackward) session.namespace.walkedBackAt = ground.now();
    const [, cursor] = words;
    const from = cursor === undefined ? null : cursorPosition(store, wordBytes(cursor));
    if (cursor !== undefined && from === null) return refuse('Invalid key format');
    const found = walk(store, from, keysAtOnce);
    const last = found.at(-1);
    // zstor compares this text.
    if (last === undefined) return refuse('No more data');
    const keys = found.map(({ record }) =>
      array([bulk(record.key), integer(record.length), integer(record.timestamp)]),
    );
    return now(array([bulk(cursorOf(last)), array(keys)]));
  };

export const scan = scanWith(scanForward);
export const rscan = scanWith(scanBackward);

export const kscan: Handler = () => refuse('Command disabled in release code, not yet available');

/** A version with the place of the one before it. The payload is read where it was written, which 0-db gets wrong. */
function version(store: DataStore, record: IndexRecord, position: Position): Answer {
  const entry = store.entryOf(record, position);
  const payload = new Uint8Array(entry.length);
  if (store.read(entry, record.key.length, payload) !== null) return internal;
  const before = { file: record.parentFile, offset: record.parentOffset };
  const known = before.file !== 0 || before.offset !== 0 ? store.recordAt(before) : null;
  // Where its data file was cleared, its record stays without data.
  const isThere = known !== null && store.hasData(store.entryOf(known, before));
  return now(array([isThere ? bulk(encodePosition(before)) : nil, bulkText(String(record.timestamp)), bulk(payload)]));
}

export const history: Handler = (_ground, session, words) => {
  if (words.length !== 2 && words.length !== 3) return refuse('Invalid arguments');
  const { settings, store } = session.namespace;
  if (settings.lock === 'frozen') return frozen;
  const [, keyWord, positionWord] = words as [Word, Word, Word | undefined];
  const key = wordBytes(keyWord);
  if (positionWord === undefined) {
    const entry = store.find(key);
    const position = entry === null ? null : { file: entry.indexFile, offset: entry.indexOffset };
    const record = position === null ? null : store.recordAt(position);
    return record === null || position === null ? refuse('Key not found') : version(store, record, position);
  }
  if (positionWord.length !== positionBytes) return refuse('Invalid arguments');
  const position = decodePosition(wordBytes(positionWord)) as Position;
  if (position.file === 0 && position.offset === 0) return refuse('No more history');
  const record = store.recordAt(position);
  if (record === null) return refuse('Invalid arguments (index query)');
  if (record.key.length !== key.length || Buffer.compare(record.key, key) !== 0) {
    return refuse('Invalid arguments (invalid key)');
  }
  return version(store, record, position);
};
