import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utils } from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PlaceIdentity } from '../../format/place-identity.ts';
import type { RemoteBackend } from '../remote-backend.ts';
import { realClock } from '../testing/real-clock.ts';
import { createSftpBackend } from './backend.ts';
import { readHostKey } from './connect.ts';
import type { SftpOptions } from './options.ts';
import { newKeyPair } from './testing/key-pair.ts';
import { kinds, statusPacket } from './testing/packets.ts';
import { login, newHostKey, type SshServer, sftpServer, startSshServer } from './testing/ssh-server.ts';

const identity: PlaceIdentity = {
  format: 'hypha-vault-place',
  version: 1,
  vault: 'ab'.repeat(16),
  place: 'one',
  check: 'cd'.repeat(16),
  k: 2,
  m: 1,
  createdAt: 1,
};
const noise = (length: number, seed = 31) => Uint8Array.from({ length }, (_, i) => (i * seed + (i >> 7)) & 255);
const timing = { connectMs: 5000, idleMs: 400 };

if (sftpServer === null) console.log('skipped: faults of SFTP: the program sftp-server is not there');
describe.skipIf(sftpServer === null)('a place on an SSH server', () => {
  let home: string;
  let server: SshServer;
  let options: SftpOptions;
  let one: RemoteBackend;
  const open: RemoteBackend[] = [];
  const backend = (more: Partial<SftpOptions> = {}): RemoteBackend => {
    const made = createSftpBackend({ ...options, ...more }, realClock, { timing, waits: [5, 20, 50] });
    open.push(made);
    return made;
  };
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'hypha-sftp-'));
    server = await startSshServer(home);
    const address = { host: '127.0.0.1', port: server.port };
    options = { ...address, ...login, path: 'place', hostKey: await readHostKey(address, realClock) };
    one = backend();
  });
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close();
    await server.close();
    await rm(home, { recursive: true, force: true });
  });
  const path = (...names: string[]) => join(home, 'place', ...names);

  it('tells its key before anything is said to it, and never learns a name from that', () => {
    expect(options.hostKey).toMatch(/^ssh-ed25519 SHA256:/);
    expect(server.tried).toEqual([]);
  });

  it('that shows another key than the pinned one gets no password, and the person is told', async () => {
    await one.claim(identity);
    const { port } = server;
    await server.close();
    server = await startSshServer(home, newHostKey(), port);
    await one.store.size('c/x').catch(() => {});
    expect(await one.inspect()).toMatchObject({ kind: 'unreadable', writable: false });
    expect(one.reason()?.text).toMatch(/shows another key .* than the one you confirmed/);
    await expect(one.store.put('c/x', [noise(1)])).rejects.toMatchObject({ kind: 'refused', code: 'EACCES' });
    expect(await one.isMarked(identity.vault, 'one')).toBe(false);
    expect(server.tried).toEqual([]);
  });

  it('lets in by key, and by a question for the password, and refuses in words', async () => {
    const pair = newKeyPair();
    const key = utils.parseKey(pair.private);
    if (!(key instanceof Error)) server.keys.push(key.getPublicSSH());
    const byKey = backend({ password: undefined, privateKey: pair.private });
    expect((await byKey.inspect()).kind).toBe('absent');
    server.accept = (method) => method === 'keyboard-interactive';
    expect((await backend().inspect()).kind).toBe('absent');
    const wrong = backend({ password: 'wrong' });
    expect((await wrong.inspect()).kind).toBe('unreadable');
    expect(wrong.reason()?.text).toContain('does not accept this user');
  });

  it('takes the right away in the middle: what is open goes on, the next connection is refused', async () => {
    await one.claim(identity);
    server.accept = () => false;
    await one.store.put('c/x', [noise(10)]);
    server.cut();
    await expect(one.store.put('c/y', [noise(10)])).rejects.toMatchObject({ code: 'EACCES' });
    expect(await one.inspect()).toMatchObject({ kind: 'unreadable' });
    server.accept = () => true;
    await one.store.put('c/y', [noise(10)]);
    expect(one.reason()).toBeNull();
  });

  it('hangs: every call ends in time, and the next one has a new connection', async () => {
    await one.claim(identity);
    // But for what opens a connection.
    server.request = (packet) => (packet[0] === 1 || packet[0] === kinds.extended ? packet : null);
    await expect(one.store.size('c/x')).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    await expect(one.store.put('c/x', [noise(200_000)])).rejects.toMatchObject({ kind: 'silent' });
    expect((await one.inspect()).kind).toBe('silent');
    server.request = (packet) => packet;
    await one.store.put('c/x', [noise(200_000)]);
    expect(await one.store.size('c/x')).toBe(200_000);
  });

  it('accepts a connection and says nothing, or something else', async () => {
    const silent = net.createServer((socket) => void socket.resume());
    await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const short = { connectMs: 300, idleMs: 300 };
    await expect(readHostKey({ host: '127.0.0.1', port }, realClock, short)).rejects.toMatchObject({ kind: 'silent' });
    const mute = createSftpBackend({ ...options, port }, realClock, { timing: short, waits: [] });
    expect((await mute.inspect()).kind).toBe('silent');
    await mute.close();
    silent.on('connection', (socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await expect(readHostKey({ host: '127.0.0.1', port }, realClock, timing)).rejects.toMatchObject({
      name: 'Trouble',
    });
    await new Promise((resolve) => void silent.close(resolve));
    const gone = backend({ port });
    expect((await gone.inspect()).kind).toBe('silent');
    expect(gone.reason()?.text).toContain('takes no connection');
  });

  it('lets its file server die: the call succeeds on the next', async () => {
    await one.claim(identity);
    for (let round = 0; round < 3; round++) {
      server.killFileServers();
      await one.store.put('c/x', [noise(1000, round)]);
    }
    expect(server.logins()).toBeGreaterThan(1);
    expect(await readdir(path('c'))).toEqual(['x']);
  });

  it('gives fewer bytes at a time than asked for, or a wrong number, or garbage', async () => {
    await one.claim(identity);
    const bytes = noise(300_000);
    await one.store.put('c/x', [bytes]);
    // Pieces of 1,000 bytes.
    server.request = (packet) => {
      if (packet[0] === kinds.read) packet.writeUInt32BE(1000, packet.length - 4);
      return packet;
    };
    const target = new Uint8Array(250_000);
    expect(await one.store.read('c/x', 50_000, target)).toBe(true);
    expect(target).toEqual(bytes.subarray(50_000));
    expect(await one.store.read('c/x', 50_001, target)).toBe(false);
    // More than asked for: what is beyond is not taken.
    server.request = (packet) => packet;
    server.reply = (packet) => {
      if (packet[0] !== kinds.data) return packet;
      const more = Buffer.concat([packet, Buffer.alloc(50)]);
      more.writeUInt32BE(packet.readUInt32BE(5) + 50, 5);
      return more;
    };
    const some = new Uint8Array(200);
    expect(await one.store.read('c/x', 0, some.subarray(0, 100))).toBe(true);
    expect(some).toEqual(Uint8Array.from([...bytes.subarray(0, 100), ...new Uint8Array(100)]));
    // A packet that ends before it should.
    server.reply = (packet) => (packet[0] === kinds.data ? packet.subarray(0, 8) : packet);
    await expect(one.store.read('c/x', 0, new Uint8Array(100))).rejects.toMatchObject({ name: 'Trouble' });
    server.reply = (packet) => packet;
    expect(await one.store.read('c/x', 0, new Uint8Array(100))).toBe(true);
  });

  it('tells of a directory without end, and of names that lead out of it', async () => {
    await one.claim(identity);
    await one.store.put('c/x', [noise(1)]);
    server.reply = (packet) => {
      // SSH_FXP_NAME: the one name `x` becomes `/`.
      const at = packet[0] === 104 ? packet.indexOf(Buffer.from([0, 0, 0, 1, 'x'.charCodeAt(0)])) : -1;
      if (at > 0) packet[at + 4] = '/'.charCodeAt(0);
      return packet;
    };
    expect(await one.store.list('c')).toEqual([]);
  });

  it.each([
    ['a file in its place', async () => writeFile(join(home, 'place'), 'x'), 'not-a-directory'],
    [
      'a directory where the mark should be',
      async () => mkdir(path('hypha-place.json'), { recursive: true }),
      'bad-mark',
    ],
    [
      'a mark being written by who was killed',
      async () => {
        await mkdir(path(), { recursive: true });
        await writeFile(path('.hypha-place.json.0123456789ab.tmp'), '{');
      },
      'empty',
    ],
  ] as const)('has %s', async (_, make, kind) => {
    await make();
    expect((await one.inspect()).kind).toBe(kind);
  });

  it('never makes the directory of a place again whose disk is gone', async () => {
    await one.claim(identity);
    await one.store.put('p/00000/x', [noise(10)]);
    await rm(path(), { recursive: true });
    await expect(one.store.put('p/00000/y', [noise(10)])).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readdir(home)).toEqual([]);
    // When only a directory within it was deleted, it is made again.
    await mkdir(path());
    await one.store.put('p/00000/y', [noise(10)]);
    await rm(path('p'), { recursive: true });
    await one.store.put('p/00000/z', [noise(10)]);
    expect(await readdir(path('p/00000'))).toEqual(['z']);
  });

  it('clears away what was being written by somebody long ago, not what is new', async () => {
    await one.claim(identity);
    await one.store.put('c/x', [noise(10)]);
    await writeFile(path('c/old.00.part'), 'x');
    await utimes(path('c/old.00.part'), 1_600_000_000, 1_600_000_000);
    await writeFile(path('c/new.00.part'), 'x');
    expect(await one.store.list('c')).toEqual(['c/x']);
    expect((await readdir(path('c'))).sort()).toEqual(['new.00.part', 'x']);
  });

  it('refuses to write: seen after the first try, forgotten when it works again', async () => {
    await one.claim(identity);
    server.request = (packet, answer) => {
      if (packet[0] !== kinds.open || packet.readUInt32BE(9 + packet.readUInt32BE(5)) === 1) return packet;
      answer(statusPacket(packet.readUInt32BE(1), 3, 'Permission denied'));
      return null;
    };
    await expect(one.store.put('c/x', [noise(1)])).rejects.toMatchObject({ code: 'EACCES' });
    expect(await one.inspect()).toMatchObject({ kind: 'place', writable: false });
    server.request = (packet) => packet;
    await one.store.put('c/x', [noise(1)]);
    expect(await one.inspect()).toMatchObject({ kind: 'place', writable: true });
  });

  it('without hard links: a claim that was cut between the file and its text is ended by the next try', async () => {
    server.plain = true;
    let cuts = 1;
    server.request = (packet) => {
      if (packet[0] !== kinds.write || cuts-- <= 0) return packet;
      server.cut();
      return null;
    };
    expect(await one.claim(identity)).toBe(true);
    expect((await one.inspect()).kind).toBe('place');
  });

  it('ends what is under way when it is closed, and takes nothing after', async () => {
    await one.claim(identity);
    server.request = () => null;
    const waiting = Promise.allSettled([one.store.put('c/x', [noise(1)]), one.store.size('c/x'), one.inspect()]);
    await one.close();
    expect((await waiting).map((each) => each.status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    await expect(one.store.size('c/x')).rejects.toMatchObject({ kind: 'closed' });
  });
});
