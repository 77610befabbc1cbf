import { encodeCursor } from '../layout/cursor.ts';
import type { Namespace } from '../namespaces.ts';
import type { Entry } from '../store/key-table.ts';
import { limits } from '../wire/limits.ts';
import { arrayOf, bulk, bulkRoom, failure, integer, nil, ok, type Reply } from '../wire/reply.ts';
import { type Word, wordBytes, wordText } from '../wire/request-parser.ts';
import {
  type Answer,
  adminOnly,
  exactly,
  frozen,
  type Ground,
  type Handler,
  leadingNumber,
  locked,
  now,
  refuse,
  type Session,
  unexpected,
} from './answer.ts';

/* Commands on keys and values: SET GET MGET DEL EXISTS CHECK LENGTH KEYTIME KEYCUR. */

const keyNotFound = refuse('Key not found');
const invalidKey = refuse('Invalid key');
const readOnly = refuse('Namespace is in read-only mode');
const noSpace = refuse('No space left on this namespace');
const unreadable: Reply = failure('Internal Error');
const cannotWrite = { data: refuse('Cannot write data right now'), index: refuse('Cannot write index right now') };
const cannotDelete = { data: refuse('Cannot delete key (data)'), index: refuse('Cannot delete key (index)') };

/** Bytes that the index may take whatever the limit. */
const indexFree = 1 << 20;

/** Seconds since 1970, from the client where it may say so. */
function timestamp(ground: Ground, given: Word | undefined): number {
  const said = given === undefined ? null : (leadingNumber(wordText(given)) ?? 0);
  return (said ?? Math.floor(ground.now() / 1000)) >>> 0;
}

const durable = (namespace: Namespace, reply: Reply, refused: Answer): Answer => {
  const after = namespace.store.acknowledged();
  if (after === null) return now(reply);
  return { kind: 'durable', reply, after, refused: refused.kind === 'now' ? refused.reply : unreadable };
};

export const set: Handler = (ground, session, words) => {
  if (words.length === 4) {
    const denied = adminOnly(ground, session);
    if (denied !== null) return denied;
  } else if (words.length !== 3) return unexpected;
  const [, keyWord, value] = words as [Word, Word, Word];
  if (keyWord.length > limits.key) return refuse('Key too large');
  const { namespace } = session;
  const { settings, store } = namespace;
  if (!session.writable) return readOnly;
  if (settings.lock === 'frozen') return frozen;
  if (settings.lock === 'locked') return locked;
  const key = keyWord.length === 0 ? null : wordBytes(keyWord);
  const existing = key === null ? null : store.find(key);
  if (existing !== null && settings.worm) return refuse('Namespace is protected by worm mode');
  if (settings.maxsize > 0) {
    const after = store.liveBytes() + value.length - (existing?.length ?? 0);
    // Of many tiny values the index takes more than they do, and a limit is there to keep the disk from filling up.
    if (after > settings.maxsize || store.indexBytes() > settings.maxsize + indexFree) return noSpace;
  }
  if (store.mode() === 'user') {
    if (key === null) return refuse('Invalid argument, key needed');
  } else if (key !== null && existing === null) return refuse('Invalid key, only update authorized');
  const put = store.put(key, existing, value, timestamp(ground, words[3]));
  if (put.kind === 'same') return now(nil);
  if (put.kind === 'refused') return cannotWrite[put.file];
  return durable(namespace, bulk(put.key), cannotWrite.data);
};

/** The value as a reply. The bytes were checked against their checksum; nothing else is ever sent as a value. */
function valueReply({ namespace, pool }: Session, key: Uint8Array, entry: Entry | null): Reply {
  if (entry === null) return nil;
  const { whole, value } = bulkRoom(entry.length, pool);
  return namespace.store.read(entry, key.length, value) === null ? [whole] : unreadable;
}

export const get: Handler = (_ground, session, words) => {
  const wrong = exactly(words, 2);
  if (wrong !== null) return wrong;
  const [, keyWord] = words as [Word, Word];
  if (keyWord.length > limits.key) return invalidKey;
  if (session.namespace.settings.lock === 'frozen') return frozen;
  const key = wordBytes(keyWord);
  return now(valueReply(session, key, session.namespace.store.find(key)));
};

export const mget: Handler = (_ground, session, words) => {
  if (words.length < 2) return refuse('Invalid arguments');
  const wanted = words.slice(1);
  if (wanted.some((key) => key.length > limits.key)) return invalidKey;
  const { namespace } = session;
  if (namespace.settings.lock === 'frozen') return frozen;
  // Asked for again long after the request is gone.
  const keys = wanted.map((word) => Uint8Array.from(wordBytes(word)));
  function* pieces(): Generator<Reply> {
    yield arrayOf(keys.length);
    for (const key of keys) {
      // It may have been deleted or emptied since the reply began; the rest is told as what it then is.
      const usable = !namespace.removed && namespace.paused === null;
      yield usable ? valueReply(session, key, namespace.store.find(key)) : unreadable;
    }
  }
  return { kind: 'pieces', pieces: pieces() };
};

export const del: Handler = (ground, session, words) => {
  if (words.length === 3) {
    const denied = adminOnly(ground, session);
    if (denied !== null) return denied;
  } else {
    const wrong = exactly(words, 2);
    if (wrong !== null) return wrong;
  }
  const [, keyWord] = words as [Word, Word];
  if (keyWord.length > limits.key) return invalidKey;
  const { namespace } = session;
  const { settings, store } = namespace;
  if (!session.writable) return readOnly;
  if (settings.lock === 'frozen') return frozen;
  if (settings.lock === 'locked') return locked;
  const key = wordBytes(keyWord);
  const existing = store.find(key);
  if (existing === null) return keyNotFound;
  if (settings.worm) return refuse('Cannot delete a key when namespace is in worm mode');
  const refused = store.remove(key, existing, timestamp(ground, words[2]));
  return refused === null ? durable(namespace, ok, cannotDelete.data) : cannotDelete[refused];
};

/** A command that takes one key and tells something of it. */
const about =
  (tell: (session: Session, entry: Entry, key: Uint8Array) => Answer, absent: Answer, checkKey = true): Handler =>
  (_ground, session, words) => {
    const wrong = exactly(words, 2);
    if (wrong !== null) return wrong;
    const [, keyWord] = words as [Word, Word];
    if (checkKey && keyWord.length > limits.key) return invalidKey;
    if (session.namespace.settings.lock === 'frozen') return frozen;
    const key = wordBytes(keyWord);
    const entry = session.namespace.store.find(key);
    return entry === null ? absent : tell(session, entry, key);
  };

export const exists = about(() => now(integer(1)), now(integer(0)));
export const length = about((_session, entry) => now(integer(entry.length)), now(nil));
export const keytime = about((_session, entry) => now(integer(entry.timestamp)), now(nil));

export const check = about((session, entry, key) => {
  const { store } = session.namespace;
  const fault = store.read(entry, key.length, new Uint8Array(entry.length));
  return now(integer(fault === null ? 1 : fault === 'wrong' ? 0 : -1));
}, now(nil));

export const keycur = about(
  (_session, entry, key) =>
    now(
      bulk(
        encodeCursor({
          keyLength: key.length,
          file: entry.indexFile,
          length: entry.length,
          offset: entry.indexOffset,
          crc: entry.crc,
        }),
      ),
    ),
  keyNotFound,
  false,
);
