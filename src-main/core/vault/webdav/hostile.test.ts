import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { noise } from '../testing/harness.ts';
import { ask, basicOf, openDisk, statusOf, type TestDisk } from './testing/disk.ts';
import { onPath } from './testing/on-path.ts';

const curl = onPath('curl');
if (!curl) console.log('skipped: curl is not installed (Debian package curl)');

let disk: TestDisk;
beforeAll(async () => {
  disk = await openDisk({ disk: { head: 300, silence: 300, connections: 8, puts: 2, drain: 100_000 } });
  await ask(disk, 'PUT', '/vault/a.txt', {}, 'mine');
});
afterAll(() => disk.close());
const mine = async (): Promise<string> => (await ask(disk, 'GET', '/vault/a.txt')).text;

/** Send bytes as they are; what comes back until the other side ends it. */
function raw(text: string): { socket: Socket; got: Promise<string> } {
  const socket = connect(disk.port, '127.0.0.1');
  let all = '';
  socket.on('data', (piece) => {
    all += piece.toString('latin1');
  });
  socket.on('error', () => {});
  socket.write(text);
  return { socket, got: new Promise((resolve) => socket.on('close', () => resolve(all))) };
}
const head = (line: string, more = ''): string =>
  `${line} HTTP/1.1\r\nHost: 127.0.0.1:${disk.port}\r\nAuthorization: ${basicOf(disk)}\r\n${more}\r\n`;

describe('a page in a browser', () => {
  it.each<[string, Record<string, string>, number]>([
    ['of another origin', { Origin: 'https://evil.example' }, 403],
    ['of no origin', { Origin: 'null' }, 403],
    ['of another port of this computer', { Origin: 'http://127.0.0.1:1' }, 403],
    ['by an image or a link', { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['by DNS rebinding', { Host: 'evil.example' }, 421],
    ['by a name that ends like ours', { Host: 'localhost.evil.example' }, 421],
  ])('%s gets nothing, even with the password', async (_, headers, status) => {
    for (const method of ['GET', 'PUT', 'PROPFIND', 'DELETE', 'OPTIONS']) {
      const got = await ask(disk, method, '/vault/a.txt', headers, method === 'PUT' ? 'theirs' : undefined);
      expect(got.status, method).toBe(status);
      expect(got.headers['access-control-allow-origin']).toBeUndefined();
      expect(got.headers['www-authenticate']).toBeUndefined();
    }
    expect(await mine()).toBe('mine');
  });

  it('cannot be made of a file of the vault', async () => {
    await ask(disk, 'PUT', '/vault/x.html', {}, '<script>1</script>');
    const { headers } = await ask(disk, 'GET', '/vault/x.html');
    expect(headers['content-security-policy']).toMatch(/sandbox/);
    expect(headers['x-content-type-options']).toBe('nosniff');
  });
});

describe('somebody without the password', () => {
  it('learns nothing, by any method', async () => {
    for (const method of [
      'GET',
      'HEAD',
      'PUT',
      'DELETE',
      'MKCOL',
      'COPY',
      'MOVE',
      'PROPFIND',
      'PROPPATCH',
      'LOCK',
      'UNLOCK',
    ]) {
      for (const path of ['/vault/a.txt', '/vault/none', '/']) {
        expect((await ask(disk, method, path, { Authorization: '' })).status, `${method} ${path}`).toBe(401);
      }
    }
    expect(await mine()).toBe('mine');
  });

  it('is held back when trying often, and holds nobody else back', async () => {
    const wrong = { Authorization: 'Basic aHlwaGE6eA==' };
    for (let i = 0; i < 10; i++) await ask(disk, 'GET', '/vault/a.txt', wrong);
    let answered = false;
    const held = ask(disk, 'GET', '/vault/a.txt', wrong).then((got) => {
      answered = true;
      return got;
    });
    expect(await mine()).toBe('mine');
    expect(answered).toBe(false);
    await vi.waitFor(() => {
      disk.bench.host.advance(1_000);
      expect(answered).toBe(true);
    });
    expect((await held).status).toBe(401);
  });
});

describe('requests that nobody means well', () => {
  it.each([
    '/vault/../../etc/passwd',
    '/vault/%2e%2e/%2e%2e/etc/passwd',
    '/vault/..%2f..%2fetc/passwd',
    '/vault/a%00.txt',
    '/vault/%c0%ae%c0%ae/',
    '/vault/a.txt#b',
  ])('have no path: %s', async (path) => {
    for (const method of ['GET', 'PUT', 'DELETE', 'MKCOL', 'LOCK']) {
      expect((await ask(disk, method, path, {}, method === 'PUT' ? 'x' : undefined)).status, method).toBe(400);
    }
    expect((await ask(disk, 'MOVE', '/vault/a.txt', { Destination: path })).status).toBe(400);
    expect(await mine()).toBe('mine');
  });

  it('are refused by name when they are no methods of ours', async () => {
    expect((await ask(disk, 'POST', '/vault/a.txt', {}, 'x')).status).toBe(405);
    expect((await ask(disk, 'REPORT', '/vault/a.txt', {}, 'x')).status).toBe(501);
    expect((await ask(disk, 'OPTIONS', '/vault/', { Authorization: '' })).headers.dav).toBe('1, 2');
  });

  it('are bounded in head, body, and what their XML may be', async () => {
    expect((await ask(disk, 'PROPFIND', '/vault/', { 'X-Long': 'x'.repeat(20_000) })).status).toBe(431);
    const bomb = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><propfind xmlns="DAV:"><allprop/>&c;</propfind>';
    for (const method of ['PROPFIND', 'PROPPATCH', 'LOCK']) {
      expect((await ask(disk, method, '/vault/a.txt', {}, bomb)).status, method).toBe(400);
      expect((await ask(disk, method, '/vault/a.txt', {}, `<a>${'x'.repeat(140_000)}</a>`)).status, method).toBe(413);
      expect(await ask(disk, method, '/vault/a.txt', {}, Buffer.from([0x3c, 0xff]))).toMatchObject({ status: 400 });
      expect((await ask(disk, method, '/vault/a.txt', { 'Content-Encoding': 'gzip' }, 'x')).status, method).toBe(415);
    }
    const names = Array.from({ length: 300 }, (_, i) => `<a${i}/>`).join('');
    const many = `<propfind xmlns="DAV:"><prop>${names}</prop></propfind>`;
    expect((await ask(disk, 'PROPFIND', '/vault/', {}, many)).status).toBe(400);
    expect((await ask(disk, 'PROPFIND', '/vault/', { If: `(${'<a>'.repeat(1000)})` })).status).toBe(400);
    expect(await mine()).toBe('mine');
  });

  it('do not hold the door open: heads that drip, bodies that stop, answers that nobody takes', {
    timeout: 30_000,
  }, async () => {
    expect(await raw('PROPFIND /vault/ HTTP/1.1\r\nHost: ').got).toMatch(/^(HTTP\/1\.1 408|$)/);
    expect(await raw(head('PUT /vault/a.txt', 'Content-Length: 1000\r\n')).got).toBe('');
    // More than the system holds for who does not read.
    await ask(disk, 'PUT', '/vault/big.bin', {}, noise(24_000_000, 3));
    const { socket } = raw(head('GET /vault/big.bin'));
    socket.pause();
    await vi.waitFor(async () => expect((await statusOf(disk)).connections).toBe(1));
    await vi.waitFor(async () => expect((await statusOf(disk)).connections).toBe(0), { timeout: 20_000 });
    socket.destroy();
    expect(await mine()).toBe('mine');
  });

  it('are not many at a time', async () => {
    const open = Array.from({ length: 20 }, () => raw('GET / HTTP/1.1\r\n'));
    await Promise.all(open.map(({ got }) => got));
    expect(await mine()).toBe('mine');
  });

  it('that break off in the middle of a file leave the old one', async () => {
    const { socket, got } = raw(`${head('PUT /vault/a.txt', 'Content-Length: 3000000\r\n')}${'x'.repeat(500_000)}`);
    socket.once('ready', () => socket.end());
    await got;
    const chunked = raw(`${head('PUT /vault/a.txt', 'Transfer-Encoding: chunked\r\n')}5\r\nhello\r\n`);
    chunked.socket.once('ready', () => chunked.socket.end());
    await chunked.got;
    expect(await mine()).toBe('mine');
    // Both lanes are free again.
    for (let i = 0; i < 3; i++) expect((await ask(disk, 'PUT', `/vault/n${i}`, {}, 'x')).status).toBe(201);
  });
});

describe.skipIf(!curl)('curl', () => {
  it('killed in the middle of a file leaves the old one', { timeout: 30_000 }, async () => {
    const scratch = await mkdtemp(join(tmpdir(), 'hypha-webdav-'));
    try {
      const file = join(scratch, 'file');
      await writeFile(file, noise(20_000_000, 9));
      await ask(disk, 'PUT', '/vault/kept.bin', {}, 'old');
      const user = `hypha:${disk.password}`;
      const args = ['-s', '-u', user, '--limit-rate', '4M', '-T', file, `${disk.url}kept.bin`];
      const child = spawn('curl', args, { stdio: 'ignore' });
      const ended = new Promise((resolve) => child.on('exit', resolve));
      await vi.waitFor(async () => expect((await statusOf(disk)).connections).toBeGreaterThan(0), { timeout: 10_000 });
      child.kill('SIGKILL');
      await ended;
      await vi.waitFor(async () => expect((await statusOf(disk)).connections).toBe(0), { timeout: 10_000 });
      expect((await ask(disk, 'GET', '/vault/kept.bin')).text).toBe('old');
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });
});
