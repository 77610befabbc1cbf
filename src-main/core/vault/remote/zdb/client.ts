import { utf8 } from '#core/crypto/bytes.ts';
import { toHex } from '#core/crypto/encoding.ts';
import { sha1 } from '#core/crypto/sha1.ts';
import type { Host } from '#core/host.ts';
import { connect, type RespSession, type RespTarget } from '../resp/client.ts';
import { type ReplyLimits, usualLimits } from '../resp/decode.ts';
import type { Word } from '../resp/encode.ts';
import { ConnectionError, type Reply, ReplyError } from '../resp/reply.ts';
import { typed } from './errors.ts';
import { type NamespaceInfo, parseNamespaceInfo } from './nsinfo.ts';

/** The longest value that a 0-db takes. */
const limits: ReplyLimits = { ...usualLimits, bulk: 8 * 1024 * 1024 };

export interface ZdbOptions {
  /** `default` where none is given. */
  readonly namespace?: string | undefined;
  readonly password?: string | undefined;
  /**
   * Send the password itself, in clear, instead of the answer to a challenge: for servers that know no challenge. A challenge keeps the
   * password from who listens, not the rest of the conversation.
   */
  readonly plainPassword?: boolean | undefined;
  readonly setTimer: Host['setTimer'];
  readonly connectMs?: number;
  readonly stallMs?: number;
  readonly commandMs?: number;
  readonly inFlightBytes?: number;
}

export interface ZdbEntry {
  readonly key: Uint8Array;
  /** Bytes of its value. */
  readonly length: number;
  /** When it was written, in seconds since 1970 by the server's clock. */
  readonly time: number;
}

export interface ZdbPage {
  /** Where to go on; opaque, 17 bytes. */
  readonly cursor: Uint8Array;
  readonly entries: readonly ZdbEntry[];
}

/** One namespace of a 0-db. Every method throws ZdbError for what the server refuses, ConnectionError when it cannot be asked. */
export interface ZdbClient {
  ping(): Promise<void>;
  /**
   * Store under a key (user mode), or replace what a sequential id has. `sent` is called when the bytes are out of our hands.
   *
   * @returns false when the very same bytes are stored already
   */
  set(key: Uint8Array | string, value: Uint8Array | readonly Uint8Array[], sent?: () => void): Promise<boolean>;
  /** Store under a new id (sequential mode). @returns the id: 8 bytes, little-endian */
  append(value: Uint8Array, sent?: () => void): Promise<Uint8Array>;
  get(key: Uint8Array | string): Promise<Uint8Array | null>;
  /** As `get`, from `skip` on into `target`. @returns the length of the whole value, or null */
  getInto(key: Uint8Array | string, target: Uint8Array, skip?: number): Promise<number | null>;
  /** At most 1023 at once. */
  mget(keys: readonly (Uint8Array | string)[]): Promise<(Uint8Array | null)[]>;
  /** @returns false when there was no such key */
  del(key: Uint8Array | string): Promise<boolean>;
  exists(key: Uint8Array | string): Promise<boolean>;
  /** For each key whether it is there, asked all at once. */
  existAll(keys: readonly (Uint8Array | string)[]): Promise<boolean[]>;
  length(key: Uint8Array | string): Promise<number | null>;
  /** Let the server compare what is on its disk with its checksum. It may lie. Null: no such key. */
  check(key: Uint8Array | string): Promise<'good' | 'bad' | 'unreadable' | null>;
  /** Keys there are. */
  count(): Promise<number>;
  info(): Promise<NamespaceInfo>;
  /** Entries after a cursor, oldest first. @returns null when there are no more */
  scan(cursor?: Uint8Array): Promise<ZdbPage | null>;
  /** Anything else. */
  command(...words: readonly Word[]): Promise<Reply>;
  close(): Promise<void>;
}

export function connectZdb(target: RespTarget, options: ZdbOptions): ZdbClient {
  const namespace = options.namespace ?? 'default';
  const client = connect(target, {
    ...options,
    limits,
    greet: (session) => select(session, namespace, options.password, options.plainPassword ?? false),
  });
  const command = (...words: readonly Word[]): Promise<Reply> =>
    client.command(...words).catch((error: unknown) => {
      throw typed(error);
    });
  const set = async (key: Word, value: Word, sent?: () => void): Promise<Uint8Array | null> => {
    const [reply = null] = await client.batch([['SET', key, value]], sent);
    if (reply instanceof ReplyError) throw typed(reply);
    return bytesOrNull(reply);
  };
  return {
    command,
    async ping() {
      await command('PING');
    },
    set: async (key, value, sent) => (await set(key, value, sent)) !== null,
    async append(value, sent) {
      const id = await set('', value, sent);
      if (id?.length !== 8) throw unclear('SET');
      return id;
    },
    get: async (key) => bytesOrNull(await command('GET', key)),
    getInto: (key, into, skip) =>
      client.readInto(['GET', key], into, skip).catch((error: unknown) => {
        throw typed(error);
      }),
    async mget(keys) {
      if (keys.length === 0) return [];
      const reply = list(await command('MGET', ...keys));
      if (reply.length !== keys.length) throw unclear('MGET');
      return reply.map(bytesOrNull);
    },
    async del(key) {
      const [reply = null] = await client.batch([['DEL', key]]);
      if (!(reply instanceof ReplyError)) return true;
      if (reply.message === 'Key not found') return false;
      throw typed(reply);
    },
    exists: async (key) => count(await command('EXISTS', key)) === 1,
    async existAll(keys) {
      const replies = await client.batch(keys.map((key) => ['EXISTS', key]));
      return replies.map((reply) => {
        if (reply instanceof ReplyError) throw typed(reply);
        return count(reply) === 1;
      });
    },
    async length(key) {
      const reply = await command('LENGTH', key);
      return reply === null ? null : count(reply);
    },
    async check(key) {
      const reply = await command('CHECK', key);
      return reply === null ? null : reply === 1 ? 'good' : reply === 0 ? 'bad' : 'unreadable';
    },
    count: async () => count(await command('DBSIZE')),
    async info() {
      const reply = bytesOrNull(await command('NSINFO', namespace));
      if (!reply) throw unclear('NSINFO');
      return parseNamespaceInfo(text(reply));
    },
    async scan(cursor) {
      const [reply = null] = await client.batch([cursor ? ['SCAN', cursor] : ['SCAN']]);
      if (reply instanceof ReplyError) {
        if (reply.message === 'No more data') return null;
        throw typed(reply);
      }
      const [next, entries] = list(reply);
      if (!(next instanceof Uint8Array) || next.length > 64) throw unclear('SCAN');
      // Copied: it is kept while what it came in would be held in memory by it.
      return { cursor: next.slice(), entries: list(entries).map(entry) };
    },
    close: () => client.close(),
  };
}

/** Enter a namespace. @throws ReplyError when the server does not let us */
async function select(
  session: RespSession,
  namespace: string,
  password: string | undefined,
  plain: boolean,
): Promise<void> {
  if (namespace === 'default' && password === undefined) return;
  try {
    if (password === undefined) await session.command('SELECT', namespace);
    else if (plain) await session.command('SELECT', namespace, password);
    else {
      const challenge = await session.command('AUTH', 'SECURE', 'CHALLENGE');
      if (typeof challenge !== 'string') throw unclear('AUTH');
      await session.command('SELECT', namespace, 'SECURE', toHex(sha1(utf8(`${challenge}:${password}`))));
    }
  } catch (error) {
    throw typed(error);
  }
}

function entry(reply: Reply): ZdbEntry {
  const [key, length, time] = list(reply);
  if (!(key instanceof Uint8Array)) throw unclear('SCAN');
  return { key, length: count(length), time: count(time) };
}

const decoder = new TextDecoder();
const text = (bytes: Uint8Array): string => decoder.decode(bytes);

const unclear = (command: string): ConnectionError =>
  new ConnectionError('protocol', `The 0-db answered ${command} with something else.`);

function bytesOrNull(reply: Reply): Uint8Array | null {
  if (reply === null || reply instanceof Uint8Array) return reply;
  throw unclear('a command');
}

function count(reply: Reply | undefined): number {
  if (typeof reply === 'number' && reply >= 0) return reply;
  throw unclear('a command');
}

function list(reply: Reply | undefined): readonly Reply[] {
  if (Array.isArray(reply)) return reply;
  throw unclear('a command');
}
