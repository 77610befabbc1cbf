import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { PlaceIdentity } from '../../format/place-identity.ts';
import type { PlaceBackend } from '../../places/backend.ts';
import { connect } from '../resp/client.ts';
import { dialTcp } from '../resp/dial.ts';
import { ConnectionError } from '../resp/reply.ts';
import { realDeps } from '../testing/deps.ts';
import { noRedis, startRedis } from '../testing/redis-server.ts';
import { bulk, type Script, startScriptedServer } from '../testing/scripted-server.ts';
import { createRedisBackend } from './backend.ts';
import type { RedisOptions } from './client.ts';
import { RedisError } from './errors.ts';

const identity: PlaceIdentity = {
  format: 'hypha-vault-place',
  version: 1,
  vault: '00112233445566778899aabbccddeeff',
  place: 'one',
  check: 'ffeeddccbbaa99887766554433221100',
  k: 4,
  m: 2,
  createdAt: 1,
};

const cleanup: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of cleanup.splice(0).reverse()) await end();
});

async function start(...settings: string[]) {
  const server = await startRedis('--save', '', ...settings);
  cleanup.push(() => server.end());
  return server;
}

const hasty = { ...realDeps, patience: { connectMs: 2000, stallMs: 100, commandMs: 300 } };

function open(port: number, options: Partial<RedisOptions> = {}, deps = realDeps): PlaceBackend {
  const backend = createRedisBackend({ host: '127.0.0.1', port, ...options }, deps);
  cleanup.push(() => backend.close());
  return backend;
}

async function scripted(script: Script): Promise<PlaceBackend> {
  const server = await startScriptedServer(script);
  cleanup.push(() => server.close());
  return open(server.port, {}, hasty);
}

const name = (i: number): string => `p/00000/${String(i).padStart(32, '0')}.00`;

describe.skipIf(noRedis)('a Redis server', () => {
  it('lets in by password, by user, and shows each database by itself', async () => {
    const { port } = await start('--requirepass', 'open sesame', ...'--user friend on >secret ~* &* +@all'.split(' '));
    expect((await open(port).inspect()).kind).toBe('unreadable');
    expect((await open(port, { password: 'wrong' }).inspect()).kind).toBe('unreadable');
    const mine = open(port, { password: 'open sesame' });
    expect(await mine.claim(identity)).toBe(true);
    const other = open(port, { user: 'friend', password: 'secret', database: 3 });
    expect((await other.inspect()).kind).toBe('empty');
    expect(await other.claim({ ...identity, place: 'three' })).toBe(true);
    expect((await mine.inspect()).identity?.place).toBe('one');
    expect((await open(port, { user: 'friend', password: 'secret', database: 99 }).inspect()).kind).toBe('unreadable');
  });

  it('is silent when it is gone, and a place again when it is back', async () => {
    const server = await start('--appendonly', 'yes', '--appendfsync', 'always');
    const backend = open(server.port);
    await backend.claim(identity);
    await server.kill();
    expect(await backend.inspect()).toMatchObject({ kind: 'silent', writable: false, device: 'host:127.0.0.1' });
    expect(await backend.isMarked(identity.vault, 'one')).toBe(false);
    await expect(backend.store.put(name(1), [new Uint8Array(5)])).rejects.toThrow(ConnectionError);
    await server.restart();
    expect(await backend.inspect()).toMatchObject({ kind: 'place', writable: true, free: null });
  });

  it.each([
    ['a log synced at every write', ['--appendonly', 'yes', '--appendfsync', 'always']],
    ['a log synced every second', ['--appendonly', 'yes', '--appendfsync', 'everysec']],
    ['snapshots only', ['--appendonly', 'no']],
  ])('keeps what was settled through kill -9 in the middle of writing, with %s', async (_, settings) => {
    const server = await start(...settings);
    const backend = open(server.port);
    await backend.claim(identity);
    const bytes = (i: number): Uint8Array => new Uint8Array(700_000 + i).fill(i);
    const settled = [1, 2, 3];
    for (const i of settled) await backend.store.put(name(i), [bytes(i).subarray(0, 80), bytes(i).subarray(80)]);
    await Promise.all([backend.store.settle(), backend.store.settle()]);
    const more = Array.from({ length: 20 }, (__, i) => 10 + i);
    const puts = more.map((i) => backend.store.put(name(i), [bytes(i)]));
    const ends = Promise.allSettled(puts);
    await puts[5]?.catch(() => {});
    await server.kill();
    await ends;
    await server.restart();
    const listed = await backend.store.list('p/00000').catch(() => backend.store.list('p/00000'));
    expect(listed).toEqual(expect.arrayContaining(settled.map(name)));
    for (const i of [...settled, ...more]) {
      const size = await backend.store.size(name(i));
      expect(listed.includes(name(i))).toBe(size !== null);
      if (size === null) continue;
      const target = new Uint8Array(bytes(i).length);
      expect(await backend.store.read(name(i), 0, target)).toBe(true);
      expect(Buffer.compare(target, bytes(i))).toBe(0);
    }
    expect(await backend.isMarked(identity.vault, 'one')).toBe(true);
  });

  it('is not written to where keys would be thrown away, nor when it is a replica, and says how much is free', async () => {
    const evicting = await start('--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru');
    expect((await open(evicting.port).inspect()).writable).toBe(false);
    const limited = await start('--maxmemory', '100mb');
    const seen = await open(limited.port).inspect();
    expect(seen.writable).toBe(true);
    expect(seen.free).toBeGreaterThan(50_000_000);
    expect(seen.free).toBeLessThan(100 * 1024 * 1024);
    const replica = await start('--replicaof', '127.0.0.1', '1', '--replica-serve-stale-data', 'yes');
    expect((await open(replica.port).inspect()).writable).toBe(false);
  });

  it('lists only names whose shard is there, whatever else was put into its sets', async () => {
    const { port } = await start();
    const backend = open(port);
    await backend.store.put(name(1), [new Uint8Array(5)]);
    await backend.store.put(name(2), [new Uint8Array(5)]);
    const admin = connect({ host: '127.0.0.1', port }, { setTimer: realDeps.host.setTimer });
    cleanup.push(() => admin.close());
    await admin.command('DEL', name(2));
    await admin.command(
      'SADD',
      'names:p/00000',
      '../../etc/passwd',
      'no such',
      new Uint8Array([255, 0]),
      'x'.repeat(70),
    );
    await admin.command('SADD', 'names:p', '00009', 'a/b');
    expect(await backend.store.list('p/00000')).toEqual([name(1)]);
    expect(await backend.store.list('p')).toEqual(['p/00000']);
    await admin.command('SET', 'names:c', 'not a set');
    await expect(backend.store.list('c')).rejects.toThrow(RedisError);
  });

  it('refuses names that are none', async () => {
    const { port } = await start();
    const { store } = open(port);
    for (const bad of [
      'hypha-place.json',
      'names:c',
      'c/../x',
      'c/',
      '/c/x',
      'c/a b',
      'c/x\r\nFLUSHALL',
      `c/${'x'.repeat(65)}`,
    ]) {
      await expect(store.put(bad, [new Uint8Array(1)])).rejects.toThrow('no name');
      await expect(store.remove(bad)).rejects.toThrow('no name');
      await expect(store.size(bad)).rejects.toThrow('no name');
    }
  });
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe.skipIf(noRedis !== undefined || !hasOpenssl)('over TLS', () => {
  it('reaches a server whose certificate is trusted for its name, and no other', async (context) => {
    const first = await start();
    const make = spawnSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-keyout',
        'key.pem',
        '-out',
        'cert.pem',
        '-days',
        '2',
        '-subj',
        '/CN=redis.test',
        '-addext',
        'subjectAltName=DNS:redis.test',
      ],
      { cwd: first.directory },
    );
    expect(make.status).toBe(0);
    const file = (one: string): string => join(first.directory, one);
    const ca = await readFile(file('cert.pem'), 'utf8');
    const admin = connect({ host: '127.0.0.1', port: first.port }, { setTimer: realDeps.host.setTimer });
    cleanup.push(() => admin.close());
    const built = (await admin.command('CONFIG', 'GET', 'tls-port')) as readonly unknown[];
    if (built.length === 0) return context.skip('this Redis server was built without TLS');
    const tlsPort = await first.freePort();
    await admin.command(
      'CONFIG',
      'SET',
      'tls-cert-file',
      file('cert.pem'),
      'tls-key-file',
      file('key.pem'),
      'tls-ca-cert-file',
      file('cert.pem'),
      'tls-auth-clients',
      'no',
      'tls-port',
      tlsPort,
    );
    const trusted = open(tlsPort, { tls: { ca, serverName: 'redis.test' } });
    expect(await trusted.claim(identity)).toBe(true);
    const bytes = new Uint8Array(3_000_000).fill(7);
    await trusted.store.put(name(1), [bytes]);
    expect(await trusted.store.size(name(1))).toBe(3_000_000);
    expect((await open(tlsPort, { tls: { serverName: 'redis.test' } }).inspect()).kind).toBe('unreadable');
    expect((await open(tlsPort, { tls: { ca, serverName: 'other.test' } }).inspect()).kind).toBe('unreadable');
    expect(['silent', 'unreadable']).toContain((await open(first.port, { tls: { ca } }, hasty).inspect()).kind);
    const viaDial = open(
      1,
      { tls: { ca, serverName: 'redis.test' } },
      { ...realDeps, dial: dialTcp({ host: '127.0.0.1', port: tlsPort }) },
    );
    expect((await viaDial.inspect()).kind).toBe('place');
  });
});

describe('a server that does not keep to it', () => {
  it('that hangs is silent, and every call ends', async () => {
    const backend = await scripted(() => null);
    expect((await backend.inspect()).kind).toBe('silent');
    await expect(backend.store.put(name(1), [new Uint8Array(5)])).rejects.toThrow(ConnectionError);
    await expect(backend.store.read(name(1), 0, new Uint8Array(5))).rejects.toThrow(ConnectionError);
    await expect(backend.store.list('c')).rejects.toThrow(ConnectionError);
    await expect(backend.store.settle()).rejects.toThrow(ConnectionError);
  });

  it('that answers short, or more than was asked, gives no bytes', async () => {
    for (const length of [0, 9, 11]) {
      const backend = await scripted(() => bulk(new Uint8Array(length)));
      expect(await backend.store.read(name(1), 0, new Uint8Array(10))).toBe(false);
    }
  });

  it('that drops a transaction, or takes half of it, has stored nothing as far as we are told', async () => {
    for (const exec of [
      '*-1\r\n',
      '-EXECABORT Transaction discarded\r\n',
      '*2\r\n:1\r\n-OOM no memory\r\n',
      '+OK\r\n',
    ]) {
      const backend = await scripted((words) =>
        Buffer.from(words[0] ?? []).toString() === 'EXEC' ? exec : '+QUEUED\r\n',
      );
      await expect(backend.store.put(name(1), [new Uint8Array(5)])).rejects.toThrow(RedisError);
    }
  });

  it('gives a value or a typed error for any answers', async () => {
    const answers = [
      '+OK\r\n',
      '$-1\r\n',
      ':0\r\n',
      ':-7\r\n',
      '*0\r\n',
      '*1\r\n$1\r\nx\r\n',
      '-ERR no\r\n',
      '-OOM\r\n',
      '$3\r\nabc\r\n',
      '*-1\r\n',
      '*2\r\n*0\r\n$-1\r\n',
      'HTTP/1.1 200\r\n',
      '',
      '-\r\n',
      '$2\r\nabc',
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...answers), { minLength: 3, maxLength: 12 }), async (said) => {
        let at = 0;
        const server = await startScriptedServer(() => said[at++ % said.length] ?? null);
        const backend = createRedisBackend(
          { host: '127.0.0.1', port: server.port },
          { ...realDeps, patience: { connectMs: 500, stallMs: 20, commandMs: 40 } },
        );
        try {
          const { store } = backend;
          const calls = [
            () => backend.inspect(),
            () => backend.isMarked(identity.vault, 'one'),
            () => store.size(name(1)),
            () => store.put(name(1), [new Uint8Array(10)]),
            () => store.read(name(1), 0, new Uint8Array(10)),
            () => store.list('c'),
            () => store.remove(name(1)),
            () => backend.unclaim(identity.vault, 'one'),
          ];
          for (const [i, result] of (await Promise.allSettled(calls.map((call) => call()))).entries()) {
            if (result.status === 'fulfilled') continue;
            expect(i).toBeGreaterThan(1);
            expect(result.reason instanceof RedisError || result.reason instanceof ConnectionError).toBe(true);
          }
        } finally {
          await backend.close();
          await server.close();
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('settling with WAITAOF', () => {
  const against = (answer: string) => {
    const said: string[] = [];
    const script: Script = (words) => {
      const text = words.map((word) => Buffer.from(word).toString()).join(' ');
      said.push(text);
      if (text === 'INFO persistence') return bulk('aof_enabled:1\r\naof_pending_bio_fsync:0\r\n');
      if (text.startsWith('WAITAOF')) return answer;
      if (text === 'CONFIG GET appendfsync') return '*2\r\n$11\r\nappendfsync\r\n$6\r\nalways\r\n';
      return '+OK\r\n';
    };
    return { said, script };
  };

  it('waits for what a write of its own came after', async () => {
    const { said, script } = against('*2\r\n:1\r\n:0\r\n');
    await (await scripted(script)).store.settle();
    expect(said).toEqual(['INFO persistence', 'SET hypha-settle 1', 'DEL hypha-settle', 'WAITAOF 1 0 10000']);
  });

  it('fails when the log was not synced in time', async () => {
    const { script } = against('*2\r\n:0\r\n:0\r\n');
    await expect((await scripted(script)).store.settle()).rejects.toThrow('in time');
  });

  it('asks an older server for its policy instead, and for WAITAOF never again', async () => {
    const { said, script } = against("-ERR unknown command 'WAITAOF'\r\n");
    const { store } = await scripted(script);
    await store.settle();
    await store.settle();
    expect(said.filter((one) => one.startsWith('WAITAOF'))).toHaveLength(1);
    expect(said.filter((one) => one.startsWith('CONFIG'))).toHaveLength(2);
  });
});
