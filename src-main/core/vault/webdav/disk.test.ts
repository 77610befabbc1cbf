import { writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { VaultItem } from '#shared/contract/vault.ts';
import { noise, testContext } from '../testing/harness.ts';
import { ask, back, basicOf, type Got, openDisk, type TestDisk } from './testing/disk.ts';

let disk: TestDisk;
beforeEach(async () => {
  disk = await openDisk();
});
afterEach(() => disk.close());

const list = async (folder: string): Promise<VaultItem[]> => {
  const all = { folder, sort: 'name', descending: false, offset: 0, limit: 1000 } as const;
  return (await disk.bench.vault.handlers['vault.list'](all, testContext())).items;
};
const names = async (folder = 'root'): Promise<string[]> => (await list(folder)).map(({ name }) => name);
const put = (path: string, body: string | Uint8Array, headers: Record<string, string> = {}): Promise<Got> =>
  ask(disk, 'PUT', path, headers, body);
const get = (path: string, headers: Record<string, string> = {}): Promise<Got> => ask(disk, 'GET', path, headers);
const hrefs = ({ text }: Got): string[] =>
  [...text.matchAll(/<D:href>([^<]*)<\/D:href>/g)].map(([, href = '']) => href);
const find = (path: string, depth: string, body?: string): Promise<Got> =>
  ask(disk, 'PROPFIND', path, { Depth: depth }, body);
/** Only the clock: what waits for places with a deadline goes on waiting. */
const later = (ms: number): void => disk.bench.host.setNow(disk.bench.host.now() + ms);
const lockBody =
  '<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype><owner>Ada</owner></lockinfo>';
const lock = (path: string, headers: Record<string, string> = {}): Promise<Got> =>
  ask(disk, 'LOCK', path, headers, lockBody);

describe('files', () => {
  it('are read whole, in part, and not again when they are known', async () => {
    const bytes = noise(3_000_000, 7);
    expect((await put('/vault/a.bin', bytes)).status).toBe(201);
    const whole = await get('/vault/a.bin');
    expect([whole.status, whole.body.equals(bytes)]).toEqual([200, true]);
    const { etag = '', 'last-modified': modified = '' } = whole.headers;
    const part = await get('/vault/a.bin', { Range: 'bytes=2999990-' });
    expect([part.status, part.headers['content-range']]).toEqual([206, 'bytes 2999990-2999999/3000000']);
    expect(part.body.equals(bytes.subarray(2_999_990))).toBe(true);
    const middle = await get('/vault/a.bin', { Range: 'bytes=1000000-1999999' });
    expect(middle.body.equals(bytes.subarray(1_000_000, 2_000_000))).toBe(true);
    expect((await get('/vault/a.bin', { Range: 'bytes=3000000-' })).status).toBe(416);
    expect((await get('/vault/a.bin', { Range: 'bytes=0-9', 'If-Range': etag })).status).toBe(206);
    expect((await get('/vault/a.bin', { Range: 'bytes=0-9', 'If-Range': '"other"' })).status).toBe(200);
    expect((await get('/vault/a.bin', { 'If-None-Match': etag })).status).toBe(304);
    expect((await get('/vault/a.bin', { 'If-Modified-Since': modified })).status).toBe(304);
    expect((await get('/vault/a.bin', { 'If-Match': '"other"' })).status).toBe(412);
    const head = await ask(disk, 'HEAD', '/vault/a.bin');
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, '3000000', 0]);
  });

  it('give way to the bin, and are told apart by what they hold', async () => {
    const first = (await put('/vault/a.txt', 'one')).headers.etag;
    expect((await put('/vault/a.txt', 'two', { 'If-Match': '"not it"' })).status).toBe(412);
    const second = await put('/vault/a.txt', 'two', { 'If-Match': String(first) });
    expect([second.status, second.headers.etag === first]).toEqual([204, false]);
    expect((await put('/vault/a.txt', 'one', { 'If-None-Match': '*' })).status).toBe(412);
    expect((await put('/vault/b.txt', 'one', { 'If-None-Match': '*' })).headers.etag).toBe(first);
    expect([(await get('/vault/a.txt')).text, await names(), await names('bin')]).toEqual([
      'two',
      ['a.txt', 'b.txt'],
      ['a.txt'],
    ]);
    expect((await ask(disk, 'DELETE', '/vault/a.txt')).status).toBe(204);
    expect(await names('bin')).toEqual(['a.txt', 'a.txt']);
  });

  it('that were empty leave nothing in the bin when they are written', async () => {
    await put('/vault/a.txt', '');
    expect((await get('/vault/a.txt')).status).toBe(200);
    await put('/vault/a.txt', 'now');
    expect([await names('bin'), (await get('/vault/a.txt')).text]).toEqual([[], 'now']);
    await disk.bench.restart();
    expect(await names('bin')).toEqual([]);
  });

  it('keep the time that their sender says', async () => {
    const { headers } = await put('/vault/a.txt', 'x', { 'X-OC-Mtime': '1000000000' });
    expect([headers['x-oc-mtime'], headers['last-modified']]).toEqual(['accepted', 'Sun, 09 Sep 2001 01:46:40 GMT']);
  });

  it('are never half written, and what cannot be written whole is refused', async () => {
    await put('/vault/a.txt', 'old');
    expect((await put('/vault/a.txt', 'x', { 'Content-Range': 'bytes 0-0/3' })).status).toBe(400);
    expect((await put('/vault/a.txt', 'x', { 'Content-Encoding': 'gzip' })).status).toBe(415);
    expect((await put('/vault/nowhere/a.txt', 'x')).status).toBe(409);
    expect((await put('/vault/a.txt/b', 'x')).status).toBe(409);
    await ask(disk, 'MKCOL', '/vault/folder');
    expect((await put('/vault/folder', 'x')).status).toBe(405);
    expect((await get('/vault/a.txt')).text).toBe('old');
  });

  it('that two write at once are one of the two', async () => {
    const bodies = [noise(700_000, 1), noise(700_000, 2), noise(300, 3)];
    const done = await Promise.all(bodies.map((body) => put('/vault/a.bin', body)));
    expect(done.every(({ status }) => status === 201 || status === 204)).toBe(true);
    const { body } = await get('/vault/a.bin');
    expect(bodies.some((one) => one.equals(body))).toBe(true);
    expect([await names(), (await names('bin')).length]).toEqual([['a.bin'], 2]);
  });
});

describe('names', () => {
  const odd = [
    'ä.txt',
    '100% #1 & <more>; it’s "q".txt',
    ' spaces  ',
    'dots...',
    'CON',
    'a:b*c?d|e\\f',
    '.DS_Store',
    '._a.txt',
    '🍄'.repeat(63),
    'x'.repeat(255),
    '%2e%2e',
    'tab\there',
  ];
  it('come back as they were given', async () => {
    for (const name of odd) expect((await put(`/vault/${encodeURIComponent(name)}`, name)).status, name).toBe(201);
    expect((await names()).toSorted()).toEqual(odd.toSorted());
    const found = hrefs(await find('/vault/', '1')).slice(1);
    expect(found.map((href) => decodeURIComponent(href.slice('/vault/'.length))).toSorted()).toEqual(odd.toSorted());
    for (const href of found) expect((await get(href)).text).toBe(decodeURIComponent(href.slice('/vault/'.length)));
  });

  it('are one however their accents are composed', async () => {
    await put(`/vault/${encodeURIComponent('Cafe\u0301')}`, 'one');
    expect(await names()).toEqual(['Caf\u00e9']);
    expect((await get(`/vault/${encodeURIComponent('Caf\u00e9')}`)).text).toBe('one');
    expect((await put(`/vault/${encodeURIComponent('Caf\u00e9')}`, 'two')).status).toBe(204);
    expect((await get(`/vault/${encodeURIComponent('Cafe\u0301')}`)).text).toBe('two');
  });

  it('that the vault cannot hold are refused', async () => {
    const long = 'x'.repeat(256);
    expect((await put(`/vault/${long}`, 'x')).status).toBe(403);
    expect((await ask(disk, 'MKCOL', `/vault/${long}`)).status).toBe(403);
    expect((await lock(`/vault/${long}`)).status).toBe(403);
    await put('/vault/a', 'x');
    expect((await ask(disk, 'MOVE', '/vault/a', { Destination: `/vault/${long}` })).status).toBe(403);
  });
});

describe('copying and moving', () => {
  const to = (path: string, more: Record<string, string> = {}) => ({
    Destination: `http://127.0.0.1:${disk.port}${path}`,
    ...more,
  });

  it('makes no bytes anew, and takes along what lies below', async () => {
    await ask(disk, 'MKCOL', '/vault/a');
    await ask(disk, 'MKCOL', '/vault/a/b');
    await put('/vault/a/b/c.txt', noise(100_000, 1));
    const stored = async () => (await disk.bench.vault.handlers['vault.status']({}, testContext())).stored;
    const before = await stored();
    expect((await ask(disk, 'COPY', '/vault/a', to('/vault/copy'))).status).toBe(201);
    expect((await get('/vault/copy/b/c.txt')).body.equals(noise(100_000, 1))).toBe(true);
    expect(await stored()).toBe(before);
    expect((await ask(disk, 'COPY', '/vault/a', to('/vault/copy', { Depth: '0' }))).status).toBe(204);
    expect(hrefs(await find('/vault/copy', 'infinity'))).toEqual(['/vault/copy/']);
    expect((await ask(disk, 'MOVE', '/vault/a/', to('/vault/copy/moved/'))).status).toBe(201);
    expect((await get('/vault/copy/moved/b/c.txt')).status).toBe(200);
    expect((await get('/vault/a')).status).toBe(404);
    expect(await names('bin')).toEqual(['copy']);
    // The copies hold on their own.
    await ask(disk, 'DELETE', '/vault/copy/moved');
    const purge = disk.bench.vault.handlers['vault.purge'];
    await purge({}, testContext());
    expect(await names('bin')).toEqual([]);
  });

  it('keeps a copy whole when what it was made of is deleted for good', async () => {
    await put('/vault/a.bin', noise(500_000, 5));
    await ask(disk, 'COPY', '/vault/a.bin', to('/vault/b.bin'));
    await ask(disk, 'DELETE', '/vault/a.bin');
    await disk.bench.vault.handlers['vault.purge']({}, testContext());
    expect((await get('/vault/b.bin')).body.equals(noise(500_000, 5))).toBe(true);
  });

  it('writes over what is there only where that is allowed', async () => {
    await put('/vault/a', 'a');
    await put('/vault/b', 'b');
    for (const method of ['COPY', 'MOVE']) {
      expect((await ask(disk, method, '/vault/a', to('/vault/b', { Overwrite: 'F' }))).status).toBe(412);
      expect((await ask(disk, method, '/vault/a', to('/vault/no/b'))).status).toBe(409);
      expect((await ask(disk, method, '/vault/none', to('/vault/b'))).status).toBe(404);
      expect((await ask(disk, method, '/vault/a', to('/vault/a'))).status).toBe(403);
      expect((await ask(disk, method, '/vault/a', { Destination: 'http://other.example/vault/x' })).status).toBe(502);
      expect((await ask(disk, method, '/vault/a', to('/elsewhere'))).status).toBe(403);
      expect((await ask(disk, method, '/vault/a', to('/vault/../x'))).status).toBe(400);
      expect((await ask(disk, method, '/vault/a')).status).toBe(400);
    }
    expect((await get('/vault/b')).text).toBe('b');
    expect((await ask(disk, 'MOVE', '/vault/a', to('/vault/b'))).status).toBe(204);
    expect([(await get('/vault/b')).text, await names(), await names('bin')]).toEqual(['a', ['b'], ['b']]);
  });

  it('never puts a folder into itself, nor in the place of one it lies in', async () => {
    await ask(disk, 'MKCOL', '/vault/a');
    await ask(disk, 'MKCOL', '/vault/a/b');
    for (const method of ['COPY', 'MOVE']) {
      expect((await ask(disk, method, '/vault/a', to('/vault/a/b/c'))).status).toBe(403);
      expect((await ask(disk, method, '/vault/a/b', to('/vault/a'))).status).toBe(403);
      expect((await ask(disk, method, '/vault/', to('/vault/c'))).status).toBe(403);
      expect((await ask(disk, method, '/vault/a', to('/vault/'))).status).toBe(403);
    }
    expect((await ask(disk, 'DELETE', '/vault/')).status).toBe(403);
    expect(hrefs(await find('/vault/', 'infinity'))).toEqual(['/vault/', '/vault/a/', '/vault/a/b/']);
  });

  it('changes how a name is written', async () => {
    await put('/vault/letter.txt', 'x');
    expect((await ask(disk, 'MOVE', '/vault/letter.txt', to('/vault/Letter.txt'))).status).toBe(201);
    expect(await names()).toEqual(['Letter.txt']);
  });
});

describe('properties', () => {
  const patch = (path: string, inner: string): Promise<Got> =>
    ask(disk, 'PROPPATCH', path, {}, `<propertyupdate xmlns="DAV:">${inner}</propertyupdate>`);
  const windows =
    '<Win32LastModifiedTime xmlns="urn:schemas-microsoft-com:">Sun, 09 Sep 2001 01:46:40 GMT</Win32LastModifiedTime>';

  it('of clients stay with their file: over restarts, moves, copies and new contents', async () => {
    await put('/vault/a.txt', 'x');
    const set = await patch(
      '/vault/a.txt',
      `<set><prop>${windows}<mark xmlns="urn:m" b="&amp;">é<i/></mark></prop></set>`,
    );
    expect([set.status, /200 OK/.test(set.text)]).toEqual([207, true]);
    expect((await get('/vault/a.txt')).headers['last-modified']).toBe('Sun, 09 Sep 2001 01:46:40 GMT');
    await put('/vault/a.txt', 'y');
    await ask(disk, 'COPY', '/vault/a.txt', { Destination: '/vault/b.txt' });
    await ask(disk, 'MOVE', '/vault/a.txt', { Destination: '/vault/c.txt' });
    await disk.bench.restart();
    await back(disk);
    for (const path of ['/vault/b.txt', '/vault/c.txt']) {
      const { text } = await find(path, '0', '<propfind xmlns="DAV:"><prop><mark xmlns="urn:m"/></prop></propfind>');
      expect(text).toContain('<mark xmlns="urn:m" b="&amp;">é<i/></mark>');
    }
    expect((await find('/vault/b.txt', '0', '<propfind xmlns="DAV:"><propname/></propfind>')).text).toContain('Win32');
  });

  it('change all together or not at all', async () => {
    await put('/vault/a.txt', 'x');
    const { text } = await patch(
      '/vault/a.txt',
      '<set><prop><a xmlns="urn:m">1</a><getetag>mine</getetag></prop></set>',
    );
    expect(text).toMatch(/getetag.*403 Forbidden.*cannot-modify-protected-property.*424 Failed Dependency/);
    const all = await find('/vault/a.txt', '0');
    expect(all.text).not.toContain('urn:m');
    const big = `<a xmlns="urn:m">${'x'.repeat(70_000)}</a>`;
    expect((await patch('/vault/a.txt', `<set><prop>${big}</prop></set>`)).text).toContain('507');
    expect((await patch('/vault/a.txt', '<set/>')).status).toBe(400);
    expect((await patch('/vault/none', '<set><prop><a/></prop></set>')).status).toBe(404);
  });

  it('tell of room only when it is asked for', async () => {
    await put('/vault/a.txt', 'four');
    expect((await find('/vault/', '0')).text).not.toContain('quota');
    const quota = '<propfind xmlns="DAV:"><prop><quota-available-bytes/><quota-used-bytes/></prop></propfind>';
    const { text } = await find('/vault/', '0', quota);
    expect(text).toContain('<D:quota-used-bytes>4</D:quota-used-bytes>');
    expect(Number(/available-bytes>(\d+)</.exec(text)?.[1])).toBeGreaterThan(1_000_000);
  });

  it('show the folder above the vault to who looks there first', async () => {
    expect(hrefs(await find('/', '1'))).toEqual(['/', '/vault/']);
    expect((await find('/other/', '0')).status).toBe(404);
    expect((await put('/other', 'x')).status).toBe(404);
    expect((await put('/', 'x')).status).toBe(403);
  });
});

describe('locks', () => {
  it('keep others off until they end', async () => {
    await put('/vault/a.txt', 'old');
    const taken = await lock('/vault/a.txt', { Timeout: 'Second-100' });
    const token = String(taken.headers['lock-token']);
    expect([taken.status, /<D:timeout>Second-100</.test(taken.text)]).toEqual([200, true]);
    expect(taken.text).toContain('<owner xmlns="DAV:">Ada</owner>');
    for (const [method, headers] of [
      ['PUT', {}],
      ['DELETE', {}],
      ['MOVE', { Destination: '/vault/b.txt' }],
      ['LOCK', {}],
    ] as const) {
      const body = method === 'LOCK' ? lockBody : method === 'PUT' ? 'new' : undefined;
      expect((await ask(disk, method, '/vault/a.txt', headers, body)).status, method).toBe(423);
    }
    expect((await put('/vault/a.txt', 'new', { If: `(${token})` })).status).toBe(204);
    expect((await put('/vault/a.txt', 'new', { If: `(${token} ["not its tag"])` })).status).toBe(412);
    later(60_000);
    expect((await ask(disk, 'LOCK', '/vault/a.txt', { If: `(${token})`, Timeout: 'Second-100' })).status).toBe(200);
    later(60_000);
    expect((await put('/vault/a.txt', 'x')).status).toBe(423);
    later(40_000);
    expect((await put('/vault/a.txt', 'later')).status).toBe(204);
    expect((await ask(disk, 'UNLOCK', '/vault/a.txt', { 'Lock-Token': token })).status).toBe(409);
  });

  it('of a name that is not there yet hold it', async () => {
    const taken = await lock('/vault/new.txt', { Depth: '0' });
    expect([taken.status, await names()]).toEqual([201, ['new.txt']]);
    const token = String(taken.headers['lock-token']);
    expect((await put('/vault/new.txt', 'x')).status).toBe(423);
    expect((await put('/vault/new.txt', 'x', { If: `</vault/new.txt> (${token})` })).status).toBe(204);
    expect((await ask(disk, 'UNLOCK', '/vault/new.txt', { 'Lock-Token': token })).status).toBe(204);
    expect(await names('bin')).toEqual([]);
    expect((await lock('/vault/no/new.txt')).status).toBe(409);
  });

  it('of a folder hold for all in it, and end with it', async () => {
    await ask(disk, 'MKCOL', '/vault/a');
    await put('/vault/a/b.txt', 'x');
    const token = String((await lock('/vault/a')).headers['lock-token']);
    expect((await put('/vault/a/b.txt', 'y')).status).toBe(423);
    expect((await put('/vault/a/c.txt', 'y')).status).toBe(423);
    expect((await ask(disk, 'DELETE', '/vault/a')).status).toBe(423);
    expect((await put('/vault/a/b.txt', 'y', { If: `(${token})` })).status).toBe(204);
    expect((await ask(disk, 'DELETE', '/vault/a', { If: `(${token})` })).status).toBe(204);
    expect((await ask(disk, 'MKCOL', '/vault/a')).status).toBe(201);
  });

  it('of something below keep a folder from being deleted', async () => {
    await ask(disk, 'MKCOL', '/vault/a');
    await put('/vault/a/b.txt', 'x');
    await lock('/vault/a/b.txt');
    expect((await ask(disk, 'DELETE', '/vault/a')).status).toBe(423);
    expect((await ask(disk, 'MOVE', '/vault/a', { Destination: '/vault/c' })).status).toBe(423);
    expect((await get('/vault/a/b.txt')).text).toBe('x');
  });
});

describe('many', { timeout: 60_000 }, () => {
  it('are listed folder by folder, and bounded where a client asks for all at once', async () => {
    const source = await mkdtemp(join(tmpdir(), 'hypha-many-'));
    try {
      await mkdir(join(source, 'many'));
      const all = Array.from({ length: 10_000 }, (_, i) => `n${i}.txt`);
      for (const name of all) writeFileSync(join(source, 'many', name), '');
      const input = { paths: [join(source, 'many')], into: 'root', clash: 'both' as const };
      await disk.bench.vault.handlers['vault.put'](input, testContext());
      const found = await find('/vault/many', '1');
      expect([found.status, new Set(hrefs(found)).size]).toEqual([207, 10_001]);
      expect((await find('/vault/many', '0')).text.length).toBeLessThan(2_000);
      const deep = await find('/vault/', 'infinity');
      expect([deep.status, /propfind-finite-depth/.test(deep.text)]).toEqual([403, true]);
      // A client that turns away in the middle of the list is no trouble to others.
      await expect(cut('PROPFIND', '/vault/many')).resolves.toBeGreaterThan(0);
      expect((await find('/vault/many/n9999.txt', '0')).status).toBe(207);
    } finally {
      await rm(source, { recursive: true, force: true });
    }
  });

  it('are copied whole, more than fit one transaction', async () => {
    await ask(disk, 'MKCOL', '/vault/f');
    for (let i = 0; i < 10; i++) await put(`/vault/f/${i}.txt`, `${i}`);
    // By copies that double: 10 · 2^7 files, in folders in one another.
    for (let i = 0; i < 7; i++) {
      await ask(disk, 'COPY', '/vault/f', { Destination: '/vault/g' });
      await ask(disk, 'MOVE', '/vault/g', { Destination: `/vault/f/g${i}` });
    }
    expect(hrefs(await find('/vault/f', 'infinity'))).toHaveLength(10 * 128 + 128);
    expect((await get('/vault/f/g6/g5/g4/3.txt')).text).toBe('3');
  });
});

/** Ask, and end the connection at the first bytes of the answer. */
const cut = (method: string, path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const sent = request({
      host: '127.0.0.1',
      port: disk.port,
      method,
      path,
      headers: { Authorization: basicOf(disk), Depth: '1' },
      agent: false,
    });
    sent.on('error', () => {});
    sent.on('response', (response) => {
      response.once('data', (piece: Buffer) => {
        resolve(piece.length);
        response.destroy();
      });
    });
    sent.on('close', () => reject(new Error('it ended without an answer')));
    sent.end();
  });

describe('places without room', () => {
  it('are told of, and what was there stays', async () => {
    let full = false;
    const other = await openDisk({
      wrapStore: (store) => ({
        ...store,
        async put(name, ...rest) {
          if (full) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
          await store.put(name, ...rest);
        },
      }),
    });
    try {
      await ask(other, 'PUT', '/vault/a.bin', {}, 'old');
      full = true;
      const got = await ask(other, 'PUT', '/vault/a.bin', {}, noise(3_000_000, 1));
      expect([got.status, /quota-not-exceeded/.test(got.text)]).toEqual([507, true]);
      expect((await ask(other, 'GET', '/vault/a.bin')).text).toBe('old');
      full = false;
      await other.bench.vault.handlers['vault.places']({}, testContext());
      await other.bench.vault.handlers['vault.verify']({}, testContext());
      const again = await ask(other, 'PUT', '/vault/a.bin', {}, noise(3_000_000, 1));
      expect(again.status).toBe(204);
    } finally {
      await other.close();
    }
  });
});
