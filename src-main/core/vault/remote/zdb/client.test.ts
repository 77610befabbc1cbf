import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { utf8 } from '#core/crypto/bytes.ts';
import { ReplyDecoder } from '../resp/decode.ts';
import { ConnectionError, type Reply } from '../resp/reply.ts';
import { setRealTimer } from '../testing/real-timer.ts';
import { bulk, type Script, startScriptedServer } from '../testing/scripted-server.ts';
import { connectZdb, type ZdbClient, type ZdbOptions } from './client.ts';
import { ZdbError } from './errors.ts';
import { parseNamespaceInfo } from './nsinfo.ts';

interface Line {
  readonly port: number;
  readonly conn: number;
  /** Hex; long ones are not written out. */
  readonly args: readonly (string | object)[];
  readonly reply: string | object;
}

/** What a real 0-db 2.0.7 with its usual settings answered, one connection after the other, byte for byte. */
const transcript = readFileSync(new URL('../../zdb-server/testing/transcript.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Line)
  .flatMap(({ port, conn, args, reply }) =>
    port === 19900 && typeof reply === 'string' && args.every((arg) => typeof arg === 'string')
      ? [{ conn, args, reply }]
      : [],
  );

const cleanup: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of cleanup.splice(0).reverse()) await end();
});

async function against(script: Script, options: Partial<ZdbOptions> = {}): Promise<ZdbClient> {
  const server = await startScriptedServer(script);
  cleanup.push(() => server.close());
  const client = connectZdb({ host: '127.0.0.1', port: server.port }, { setTimer: setRealTimer, ...options });
  cleanup.push(() => client.close());
  return client;
}

/** Answers each command as the 0-db did, the first time with its first answer, and so on. */
function replay(conn: number, from = 0): Script {
  const left = transcript.slice(from).filter((line) => line.conn === conn);
  return (words) => {
    const hex = words.map((word) => Buffer.from(word).toString('hex')).join();
    const at = left.findIndex((line) => line.args.join() === hex);
    const [line] = at === -1 ? [] : left.splice(at, 1);
    return line ? Buffer.from(line.reply, 'hex') : '-not in the transcript\r\n';
  };
}

const reason = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'none',
    (error: unknown) => (error instanceof ZdbError ? error.reason : error),
  );

it('reads every answer of a real 0-db as one reply', () => {
  for (const { reply } of transcript) {
    const replies: Reply[] = [];
    new ReplyDecoder((one) => replies.push(one)).push(Buffer.from(reply, 'hex'));
    expect(replies).toHaveLength(1);
  }
});

it('does in user mode what a real 0-db was seen to do', async () => {
  const zdb = await against(replay(1));
  await zdb.ping();
  expect(await zdb.count()).toBe(0);
  expect(await zdb.scan()).toBeNull();
  expect(await zdb.set('k1', utf8('hello'))).toBe(true);
  expect(await zdb.set('k1', utf8('hello'))).toBe(false);
  expect(await zdb.get('k1')).toEqual(Buffer.from('world'));
  expect(await zdb.get('nope')).toBeNull();
  expect(await zdb.length('empty')).toBe(0);
  expect(await zdb.length('zz')).toBeNull();
  expect(await zdb.check('empty')).toBe('good');
  expect(await zdb.check('zz')).toBeNull();
  expect(await zdb.mget(['k1', 'nope', 'kts'])).toEqual([Buffer.from('world'), null, Buffer.from('v')]);
  expect(await zdb.exists('k1')).toBe(true);
  expect(await zdb.exists('zz')).toBe(false);
  const page = await zdb.scan();
  expect(page?.entries.map(({ key }) => Buffer.from(key).toString()).slice(0, 2)).toEqual(['k1', 'empty']);
  expect(page?.cursor).toHaveLength(17);
  expect(await zdb.del('k1')).toBe(true);
  expect(await zdb.del('k1')).toBe(false);
});

it('appends in sequential mode', async () => {
  const zdb = await against(replay(1), { namespace: 'ns1' });
  expect(await zdb.append(utf8('v0'))).toEqual(Buffer.alloc(8));
  expect(await zdb.append(utf8('v1'))).toEqual(Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]));
  const target = new Uint8Array(1);
  expect(await zdb.getInto(new Uint8Array(8), target, 1)).toBe(2);
  expect(Buffer.from(target).toString()).toBe('0');
  expect(await reason(zdb.set('abc', utf8('x')))).toBe('refused');
});

it('answers the challenge as the server wants it, without saying the password', async () => {
  const said: string[] = [];
  const challenge = Buffer.from('CHALLENGE').toString('hex');
  const answers = replay(
    2,
    transcript.findIndex(({ args }) => args.includes(challenge)),
  );
  const zdb = await against(
    (words, socket) => {
      said.push(words.map((word) => Buffer.from(word).toString()).join(' '));
      return answers(words, socket);
    },
    { namespace: 'ns1', password: 'pw1' },
  );
  // The namespace may be written now.
  expect(await zdb.append(utf8('x'))).toHaveLength(8);
  expect(said.join('\n')).not.toContain('pw1');
  expect(said[0]).toBe('AUTH SECURE CHALLENGE');
});

it('tells a wrong password, a private namespace and one that is not there', async () => {
  const wrong = await against(replay(2), { namespace: 'ns1', password: 'bad', plainPassword: true });
  expect(await reason(wrong.ping())).toBe('denied');
  const none = await against(replay(2), { namespace: 'ns1' });
  expect(await reason(none.ping())).toBe('denied');
  const gone = await against(replay(1), { namespace: 'zz' });
  expect(await reason(gone.ping())).toBe('gone');
});

it.each([
  ['No space left on this namespace', 'full', 'ENOSPC'],
  ['Cannot write data right now', 'disk', 'ENOSPC'],
  ['Namespace is in read-only mode', 'read-only', undefined],
  ['Namespace is temporarily locked (read-only)', 'read-only', undefined],
  ['Namespace is temporarily frozen (read-write disabled)', 'frozen', undefined],
  ['Namespace is protected by worm mode', 'worm', undefined],
  ['Your active namespace is not available anymore (probably removed).', 'gone', undefined],
  ['Internal Error', 'damaged', undefined],
])('says what “%s” is', async (text, expected, code) => {
  const zdb = await against(() => `-${text}\r\n`);
  const error = await zdb.set('k', utf8('v')).catch((one: unknown) => one);
  expect(error).toBeInstanceOf(ZdbError);
  expect(error).toMatchObject({ reason: expected, code });
});

const nsinfo = `# namespace
name: ns1
entries: 5
public: no
worm: no
locked: no
password: yes
data_size_bytes: 40
data_size_mb: 0.00
data_limits_bytes: 1000
index_size_bytes: 0
index_size_kb: 0.00
next_internal_id: 0x500000000000000
mode: sequential
space_available: 960
index_disk_freespace_bytes: 123456789
index_disk_freespace_mb: 117.74
data_disk_freespace_bytes: 123456789
data_disk_freespace_mb: 117.74
`;

it('reads what NSINFO tells, and does not guess', async () => {
  const zdb = await against(() => bulk(nsinfo));
  expect(await zdb.info()).toEqual({
    name: 'ns1',
    entries: 5,
    public: false,
    password: true,
    worm: false,
    locked: false,
    mode: 'sequential',
    used: 40,
    limit: 1000,
    indexFree: 123456789,
    dataFree: 123456789,
  });
  expect(() => parseNamespaceInfo(nsinfo.replace(/mode.*\n/, ''))).toThrow(ConnectionError);
  expect(() => parseNamespaceInfo(nsinfo.replace('entries: 5', 'entries: -5'))).toThrow(ConnectionError);
  expect(() => parseNamespaceInfo('')).toThrow(ConnectionError);
});

it.each([
  ['a number where bytes belong', ':5\r\n'],
  ['a list where bytes belong', '*0\r\n'],
  ['a line where bytes belong', '+OK\r\n'],
])('ends in a typed error for %s', async (_, answer) => {
  const zdb = await against(() => answer);
  for (const call of [zdb.get('k'), zdb.info(), zdb.getInto('k', new Uint8Array(5)), zdb.append(utf8('v'))]) {
    await expect(call).rejects.toThrow(ConnectionError);
  }
});

it('ends in a typed error for a scan that is none', async () => {
  for (const answer of [
    '*0\r\n',
    '*2\r\n$1\r\nc\r\n*1\r\n:1\r\n',
    '*2\r\n$1\r\nc\r\n*1\r\n*3\r\n$1\r\nk\r\n:-1\r\n:1\r\n',
  ]) {
    const zdb = await against(() => answer);
    await expect(zdb.scan()).rejects.toThrow(ConnectionError);
  }
});
