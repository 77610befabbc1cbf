import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeHost } from '#core/testing/fake-host.ts';
import type { ZdbServerOptions } from './server.ts';
import { type Disk, nodeDisk } from './store/disk.ts';
import { openServer, type ServerBench } from './testing/bench.ts';
import { request } from './testing/raw-client.ts';

let bench: ServerBench;
afterEach(() => bench.stop());

/** A disk that refuses when told to. */
function brokenDisk(): Disk & { full: boolean; failSync: boolean; room: number } {
  const disk = {
    ...nodeDisk,
    full: false,
    failSync: false,
    /** Bytes of a write that still go through when full. */
    room: 0,
    write(file: number, parts: readonly Uint8Array[], position: number) {
      if (disk.full && parts.some((part) => part.length > 1)) {
        nodeDisk.write(file, [Buffer.concat(parts).subarray(0, disk.room)], position);
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      }
      nodeDisk.write(file, parts, position);
    },
    async sync(file: number) {
      if (disk.failSync) throw Object.assign(new Error('EIO: input/output error'), { code: 'EIO' });
      await nodeDisk.sync(file);
    },
  };
  return disk;
}

describe('a full disk', () => {
  it.each([0, 10, 60])(
    'refuses writes, reads on, and takes writes again when there is room (%i bytes got through)',
    async (room) => {
      const disk = brokenDisk();
      disk.room = room;
      bench = await openServer({ disk });
      const client = await bench.connect();
      await client.say('NSNEW', 's');
      await client.say('NSSET', 's', 'mode', 'seq');
      await client.say('SET', 'a', 'before');
      const seq = await bench.connect();
      await seq.say('SELECT', 's');
      await seq.say('SET', '', 'first');
      disk.full = true;
      expect(await client.say('SET', 'b', 'x'.repeat(100))).toMatch(/^-Cannot write (data|index) right now\|$/);
      expect(await client.say('SET', 'a', 'other')).toMatch(/^-Cannot write/);
      expect(await client.say('DEL', 'a')).toMatch(/^-Cannot delete key/);
      expect(await seq.say('SET', '', 'second')).toMatch(/^-Cannot write/);
      expect(await seq.say('SET', Buffer.alloc(8), 'changed')).toMatch(/^-Cannot write/);
      expect(await client.say('GET', 'a')).toBe('$6|before|');
      expect(await seq.say('GET', Buffer.alloc(8))).toBe('$5|first|');
      disk.full = false;
      expect(await client.say('SET', 'b', 'after')).toBe('$1|b|');
      expect(await client.say('SET', 'a', 'changed')).toBe('$1|a|');
      expect(await seq.say('SET', '', 'third')).toMatch(/^\$8\|/);
      bench = await bench.again();
      const again = await bench.connect();
      expect(await again.say('MGET', 'a', 'b')).toBe('*2|$7|changed|$5|after|');
      expect(await again.say('DBSIZE')).toBe(':2|');
      await again.say('SELECT', 's');
      expect(await again.say('GET', Buffer.alloc(8))).toBe('$5|first|');
      expect(await again.say('DBSIZE')).toBe(':2|');
    },
  );

  it('does not begin a pair of files that cannot be begun', async () => {
    const disk = brokenDisk();
    bench = await openServer({ disk, datasize: 524_288 });
    const client = await bench.connect();
    await client.say('SET', 'a', 'x'.repeat(500_000));
    disk.full = true;
    expect(await client.say('SET', 'b', 'x'.repeat(100_000))).toBe('-Cannot write data right now|');
    disk.full = false;
    expect(await client.say('SET', 'b', 'x'.repeat(100_000))).toBe('$1|b|');
    bench = await bench.again();
    expect(await (await bench.connect()).say('DBSIZE')).toBe(':2|');
  });
});

describe('a disk that does not take what it was given', () => {
  it('nothing is acknowledged, and nothing written until the namespace is loaded again', async () => {
    const disk = brokenDisk();
    bench = await openServer({ disk });
    const client = await bench.connect();
    await client.say('SET', 'a', 'durable');
    disk.failSync = true;
    expect(await client.say('SET', 'b', 'lost')).toBe('-Cannot write data right now|');
    disk.failSync = false;
    expect(await client.say('SET', 'c', 'no')).toBe('-Cannot write data right now|');
    expect(await client.say('GET', 'a')).toBe('$7|durable|');
    expect(await client.say('RELOAD', 'default')).toBe('+OK|');
    expect(await client.say('SET', 'c', 'yes')).toBe('$1|c|');
  });
});

describe('quotas and modes', () => {
  it('a namespace takes what it may hold and no more, deletes and smaller values make room', async () => {
    bench = await openServer();
    const client = await bench.connect();
    await client.say('NSNEW', 'small');
    await client.say('NSSET', 'small', 'maxsize', '1000');
    await client.say('SELECT', 'small');
    expect(await client.say('SET', 'a', 'x'.repeat(600))).toBe('$1|a|');
    expect(await client.say('SET', 'b', 'x'.repeat(401))).toBe('-No space left on this namespace|');
    expect(await client.say('SET', 'b', 'x'.repeat(400))).toBe('$1|b|');
    expect(await client.say('SET', 'a', 'y'.repeat(600))).toBe('$1|a|');
    expect(await client.say('SET', 'a', 'z')).toBe('$1|a|');
    expect(await client.say('SET', 'c', 'x'.repeat(599))).toBe('$1|c|');
    expect(await client.say('DEL', 'b')).toBe('+OK|');
    expect(await client.say('NSINFO', 'small')).toContain('space_available: 400');
  });

  it('locks outlive a restart', async () => {
    bench = await openServer();
    const client = await bench.connect();
    await client.say('NSNEW', 'held');
    await client.say('NSSET', 'held', 'freeze', '1');
    bench = await bench.again();
    const again = await bench.connect();
    expect(await again.say('SELECT', 'held')).toBe('+OK|');
    expect(await again.say('GET', 'x')).toBe('-Namespace is temporarily frozen (read-write disabled)|');
  });
});

describe('flush', () => {
  it('removes all keys for good and keeps the namespace', async () => {
    bench = await openServer({ datasize: 524_288 });
    const client = await bench.connect();
    await client.say('NSNEW', 'full');
    await client.say('NSSET', 'full', 'password', 'pw');
    await client.say('NSSET', 'full', 'public', '0');
    await client.say('SELECT', 'full', 'pw');
    for (let i = 0; i < 10; i++) await client.say('SET', `k${i}`, 'x'.repeat(200_000));
    const other = await bench.connect();
    await other.say('SELECT', 'full', 'pw');
    const [flushed, after] = await Promise.all([client.say('FLUSH'), other.say('GET', 'k1')]);
    expect(flushed).toBe('+OK|');
    expect(after === '$-1|' || after.startsWith('$200000|')).toBe(true);
    expect(await other.say('DBSIZE')).toBe(':0|');
    await other.say('SET', 'new', 'value');
    bench = await bench.again();
    const again = await bench.connect();
    await again.say('SELECT', 'full', 'pw');
    expect(await again.say('DBSIZE')).toBe(':1|');
    expect(await again.say('GET', 'new')).toBe('$5|value|');
  });
});

describe('history', () => {
  it('gives every version across files', async () => {
    bench = await openServer({ datasize: 524_288 });
    const client = await bench.connect();
    const sizes = [200_000, 300_000, 150_000, 400_000, 10];
    for (const [i, size] of sizes.entries()) await client.say('SET', 'k', String(i).repeat(size));
    let position: Uint8Array | null = null;
    for (const [i, size] of [...sizes.entries()].reverse()) {
      const reply: Buffer = await (position === null
        ? client.ask('HISTORY', 'k')
        : client.ask('HISTORY', 'k', position));
      const text = reply.toString('latin1');
      expect(text.endsWith(`$${size}\r\n${String(i).repeat(size)}\r\n`)).toBe(true);
      position = text.startsWith('*3\r\n$8\r\n') ? reply.subarray(8, 16) : null;
      expect(position === null).toBe(i === 0);
    }
  });
});

describe('clients', () => {
  it('whose namespace is deleted are told so and sent away', async () => {
    bench = await openServer();
    const admin = await bench.connect();
    await admin.say('NSNEW', 'gone');
    const client = await bench.connect();
    await client.say('SELECT', 'gone');
    await client.say('SET', 'a', 'b');
    client.send(Buffer.concat(Array.from({ length: 50 }, (_, i) => request('SET', `k${i}`, 'x'.repeat(1000)))));
    expect(await admin.say('NSDEL', 'gone')).toBe('+OK|');
    client.send(request('GET', 'a'));
    await client.ended;
    expect(await admin.say('NSNEW', 'gone')).toBe('+OK|');
    expect(await admin.say('SELECT', 'gone')).toBe('+OK|');
    expect(await admin.say('DBSIZE')).toBe(':0|');
  });

  it('writing at once both get what they wrote', async () => {
    bench = await openServer();
    const clients = await Promise.all([bench.connect(), bench.connect(), bench.connect()]);
    await clients[0]?.say('NSNEW', 's');
    await clients[0]?.say('NSSET', 's', 'mode', 'seq');
    const keys = new Map<string, string>();
    await Promise.all(
      clients.map(async (client, c) => {
        await client.say('SELECT', 's');
        await Promise.all(
          Array.from({ length: 100 }, async (_, i) => {
            const reply = await client.ask('SET', '', `${c}-${i}`);
            keys.set(reply.subarray(4, 12).toString('hex'), `${c}-${i}`);
          }),
        );
      }),
    );
    expect(keys.size).toBe(300);
    for (const [key, value] of keys) {
      expect(await clients[0]?.say('GET', Buffer.from(key, 'hex'))).toBe(`$${value.length}|${value}|`);
    }
  });

  it('that do not read are not answered without end', async () => {
    bench = await openServer();
    const other = await bench.connect();
    const size = 1 << 20;
    await other.say('SET', 'big', 'x'.repeat(size));
    const socket = connect({ port: bench.port, host: '127.0.0.1' });
    socket.pause();
    const keys = Array.from({ length: 150 }, () => 'big');
    socket.write(request('MGET', ...keys));
    socket.write(Buffer.concat(Array.from({ length: 150 }, () => request('GET', 'big'))));
    const before = process.memoryUsage().arrayBuffers;
    // Others are served meanwhile, and memory does not grow with what was asked for.
    for (let i = 0; i < 200; i++) expect(await other.say('PING')).toBe('+PONG|');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 << 20);
    let left = 6 + 300 * (size + 12);
    await new Promise<void>((resolve) => {
      socket.on('data', (chunk) => {
        left -= chunk.length;
        if (left <= 0) resolve();
      });
      socket.resume();
    });
    expect(left).toBe(0);
    socket.destroy();
  });

  it('too many are sent away, and those that say nothing make room after a while', async () => {
    const host = createFakeHost();
    const timed: Partial<ZdbServerOptions> = { now: host.now, setTimer: host.setTimer, connections: 20 };
    bench = await openServer(timed);
    const silent = await Promise.all(Array.from({ length: 19 }, () => bench.connect()));
    const used = await bench.connect();
    expect(await used.say('PING')).toBe('+PONG|');
    for (const client of silent.slice(0, 9)) client.send('*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1000000\r\nx');
    const late = await bench.connect();
    await expect(late.reply().then((reply) => reply.toString())).resolves.toBe('-Too many clients\r\n');
    await late.ended;
    expect(await used.say('PING')).toBe('+PONG|');
    host.advance(60_000);
    await Promise.all(silent.map((client) => client.ended));
    expect(bench.server.connections()).toBe(1);
    expect(await used.say('PING')).toBe('+PONG|');
    expect(await (await bench.connect()).say('PING')).toBe('+PONG|');
  });

  it('a connection that is half closed gets its answers first', async () => {
    bench = await openServer();
    const socket = connect({ port: bench.port, host: '127.0.0.1', allowHalfOpen: true });
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk as Buffer));
    socket.end(Buffer.concat([request('SET', 'a', 'x'), request('GET', 'a'), request('MGET', 'a', 'b')]));
    await new Promise((resolve) => socket.on('end', resolve));
    expect(Buffer.concat(chunks).toString()).toBe('$1\r\na\r\n$1\r\nx\r\n*2\r\n$1\r\nx\r\n$-1\r\n');
    socket.destroy();
  });

  it('that send nonsense are told so and sent away; others are not disturbed', async () => {
    bench = await openServer();
    const other = await bench.connect();
    for (const bytes of [
      'GET a\r\n',
      '*0\r\n',
      '*2\r\n$3\r\nGET\r\n:1\r\n',
      '*1\r\n$9999999999\r\n',
      '\0\0\0\0',
      '*1\r\n$-5\r\n',
    ]) {
      const client = await bench.connect();
      client.send(bytes);
      expect((await client.reply()).toString()).toMatch(/^-[A-Z].*\r\n$/);
      await client.ended;
    }
    expect(await other.say('PING')).toBe('+PONG|');
  });
});

describe('passwords', () => {
  it('SECURE works once the password is known, and CLIENT SETINFO is answered', async () => {
    bench = await openServer();
    const client = await bench.connect();
    client.send(
      Buffer.concat([request('CLIENT', 'SETINFO', 'LIB-NAME', 'x'), request('CLIENT', 'SETINFO', 'LIB-VER', '1')]),
    );
    expect((await client.reply()).toString()).toBe('-Command not supported\r\n');
    expect((await client.reply()).toString()).toBe('-Command not supported\r\n');
    await client.say('NSNEW', 'p');
    await client.say('NSSET', 'p', 'password', 'word');
    await client.say('NSSET', 'p', 'public', '0');
    bench = await bench.again();
    const again = await bench.connect();
    // Checked slowly, many at once.
    const answers = await Promise.all(
      Array.from({ length: 6 }, async (_, i) => (await bench.connect()).say('SELECT', 'p', i % 2 ? 'word' : 'no')),
    );
    expect(answers).toEqual(Array.from({ length: 6 }, (_, i) => (i % 2 ? '+OK|' : '-Access denied|')));
    expect(await again.say('SELECT', 'p', 'word')).toBe('+OK|');
    expect(await again.say('NSSET', 'p', 'password', '*')).toBe('+OK|');
    expect(await (await bench.connect()).say('SELECT', 'p')).toBe('+OK|');
  });
});
