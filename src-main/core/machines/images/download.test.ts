import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toHex } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { seededRandom } from '#core/testing/fake-host.ts';
import { fakeTask, missingParts, realHost, silentLog } from '../testing/rig.ts';
import { decodeCatalogue } from './catalogue.ts';
import { download } from './download.ts';
import { createImageStore } from './image-store.ts';

const run = promisify(execFile);

/** A vendor's server: ranges, ETags, and connections that break. */
interface Vendor {
  readonly server: Server;
  url: string;
  files: Map<string, Uint8Array>;
  etag: string;
  /** Send only so many bytes of each answer, and break the connection when the reader has them; 0: never. */
  cutAfter: number;
  /** Told how far the reader has come. */
  reached: (done: number) => void;
  requests: { path: string; range: string | undefined }[];
}

async function openVendor(): Promise<Vendor> {
  const vendor: Vendor = {
    server: createServer(),
    url: '',
    files: new Map(),
    etag: '"v1"',
    cutAfter: 0,
    reached: () => {},
    requests: [],
  };
  vendor.server.on('request', (request, response) => {
    const path = (request.url ?? '').slice(1);
    const range = request.headers.range;
    vendor.requests.push({ path, range });
    const body = vendor.files.get(path);
    if (body === undefined) return void response.writeHead(404).end();
    const from = request.headers['if-range'] === vendor.etag ? Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0) : 0;
    const part = body.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, {
      etag: vendor.etag,
      'content-length': part.length,
      ...(from > 0 ? { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` } : {}),
    });
    if (vendor.cutAfter > 0 && part.length > vendor.cutAfter) {
      response.write(part.subarray(0, vendor.cutAfter));
      const edge = from + vendor.cutAfter;
      vendor.reached = (done) => {
        if (done === edge) response.destroy();
      };
    } else response.end(part);
  });
  await new Promise<void>((resolve) => vendor.server.listen(0, '127.0.0.1', resolve));
  vendor.url = `http://127.0.0.1:${(vendor.server.address() as AddressInfo).port}/`;
  return vendor;
}

const content = seededRandom(3)(300_000);
const hexOf = (bytes: Uint8Array): string => toHex(sha256(bytes));

let dir: string;
let vendor: Vendor;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hypha-download-'));
  vendor = await openVendor();
  vendor.files.set('image', content);
});
afterEach(async () => {
  vendor.server.closeAllConnections();
  vendor.server.close();
  await rm(dir, { recursive: true, force: true });
});

describe('a catalogue', () => {
  it('names vendors by https only, but for a server on this computer', () => {
    const entry = (base: string) => ({
      ...{ id: 'x', name: 'X', about: '', arch: 'amd64', base, file: 'image', format: 'qcow2', defaultUser: 'x' },
      ...{ checksums: { file: 'SUMS', algorithm: 'sha256' }, boot: { kind: 'firmware' }, tried: null },
      ...{ minMemoryMiB: 64, minDiskMiB: 1 },
    });
    const decode = (base: string) =>
      decodeCatalogue(JSON.stringify({ format: 'hypha-images/1', images: [entry(base)] }));
    for (const base of ['https://vendor.test/', 'http://127.0.0.1:8080/', 'http://[::1]/', 'http://localhost:1/'])
      expect(decode(base)).toHaveLength(1);
    for (const base of ['http://vendor.test/', 'http://127.0.0.1.vendor.test/', 'http://10.0.0.1/', 'ftp://127.0.0.1/'])
      expect(() => decode(base), base).toThrow(/malformed/);
  });
});

describe('a download', () => {
  const get = (over: { url?: string; hex?: string; attempts?: number; signal?: AbortSignal } = {}) =>
    download({
      url: over.url ?? `${vendor.url}image`,
      target: join(dir, 'image'),
      expected: { algorithm: 'sha256', hex: over.hex ?? hexOf(content) },
      host: realHost,
      signal: over.signal ?? new AbortController().signal,
      progress: (done) => vendor.reached(done),
      attempts: over.attempts ?? 5,
    });

  it('follows no redirect off encryption, wherever it leads in the end, and asks only once', async () => {
    const [real, heard] = [globalThis.fetch, [] as string[]];
    // A vendor whose https address leads over http back to https, the last of them with the very file.
    const way: Record<string, string> = {
      'https://vendor.test/image': 'http://mirror.test/image',
      'http://mirror.test/image': 'https://mirror.test/image',
      'https://vendor.test/local': vendor.url,
      'https://vendor.test/odd': 'http://[',
      'https://vendor.test/again': '/again',
      'https://vendor.test/other': 'https://mirror.test/image',
    };
    globalThis.fetch = async (input, init) => {
      const url = String(input);
      heard.push(url);
      const answer = (to: string): Promise<Response> => {
        const next = way[to];
        if (next === undefined) return Promise.resolve(new Response(content.slice()));
        if (init?.redirect === 'manual')
          return Promise.resolve(new Response(null, { status: 302, headers: { location: next } }));
        return answer(next);
      };
      return answer(url);
    };
    try {
      for (const path of ['image', 'local', 'odd', 'again']) {
        heard.length = 0;
        await expect(get({ url: `https://vendor.test/${path}` }), path).rejects.toMatchObject({ code: 'UNREACHABLE' });
        expect(heard.filter((u) => u === `https://vendor.test/${path}`).length, path).toBe(path === 'again' ? 21 : 1);
        expect(heard.filter((u) => u.startsWith('http:'))).toEqual([]);
      }
      await expect(get({ url: 'http://vendor.test/image' })).rejects.toMatchObject({ code: 'UNREACHABLE' });
      await get({ url: 'https://vendor.test/other' });
    } finally {
      globalThis.fetch = real;
    }
    expect(new Uint8Array(await readFile(join(dir, 'image')))).toEqual(content);
  });

  it('goes on after cuts where it stopped, and is whole', async () => {
    vendor.cutAfter = 100_000;
    await get();
    expect(new Uint8Array(await readFile(join(dir, 'image')))).toEqual(content);
    expect(vendor.requests.length).toBeGreaterThan(2);
    expect(vendor.requests.slice(1).every((r) => /bytes=[1-9]/.test(r.range ?? ''))).toBe(true);
    expect(await readdir(dir)).toEqual(['image']);
  });

  it('goes on in a later attempt by another process', async () => {
    vendor.cutAfter = 120_000;
    await expect(get({ attempts: 1 })).rejects.toMatchObject({ code: 'UNREACHABLE', next: expect.any(String) });
    expect((await readdir(dir)).sort()).toEqual(['image.part', 'image.part.json']);
    vendor.cutAfter = 0;
    vendor.requests = [];
    await get();
    expect(vendor.requests[0]?.range).toMatch(/^bytes=[1-9]\d*-$/);
    expect(hexOf(await readFile(join(dir, 'image')))).toBe(hexOf(content));
  });

  it('begins anew when the vendor has published another version meanwhile', async () => {
    vendor.cutAfter = 120_000;
    await expect(get({ attempts: 1 })).rejects.toMatchObject({ code: 'UNREACHABLE' });
    const newer = seededRandom(4)(200_000);
    vendor.files.set('image', newer);
    vendor.etag = '"v2"';
    vendor.cutAfter = 0;
    await get({ hex: hexOf(newer) });
    expect(hexOf(await readFile(join(dir, 'image')))).toBe(hexOf(newer));
  });

  it('with a wrong checksum is refused and removed', async () => {
    await expect(get({ hex: '0'.repeat(64) })).rejects.toMatchObject({
      code: 'CHECKSUM_WRONG',
      meaning: expect.any(String),
    });
    expect(await readdir(dir)).toEqual([]);
  });

  it('notices damage in the part kept on disk', async () => {
    vendor.cutAfter = 120_000;
    await expect(get({ attempts: 1 })).rejects.toMatchObject({ code: 'UNREACHABLE' });
    const part = await readFile(join(dir, 'image.part'));
    part[10] = (part[10] ?? 0) ^ 1;
    await writeFile(join(dir, 'image.part'), part);
    vendor.cutAfter = 0;
    await expect(get()).rejects.toMatchObject({ code: 'CHECKSUM_WRONG' });
    await get();
  });

  it('is cancelled at once, keeping its part', async () => {
    const stop = new AbortController();
    stop.abort();
    await expect(get({ signal: stop.signal })).rejects.toThrow();
  });
});

const missing = await missingParts();
describe.skipIf(missing !== null)('an image of the catalogue', () => {
  const entry = (format: 'qcow2' | 'raw') => ({
    id: 'test-1',
    name: 'Test',
    about: '',
    arch: process.arch === 'arm64' ? 'arm64' : 'amd64',
    base: vendor.url,
    file: 'image',
    format,
    checksums: { file: 'SHA256SUMS', algorithm: 'sha256' },
    boot: { kind: 'firmware' },
    defaultUser: 'test',
    minMemoryMiB: 128,
    minDiskMiB: 64,
    tried: null,
  });

  async function store(format: 'qcow2' | 'raw' = 'qcow2') {
    await writeFile(join(dir, 'test.json'), JSON.stringify({ format: 'hypha-images/1', images: [entry(format)] }));
    vendor.files.set('SHA256SUMS', new TextEncoder().encode(`${hexOf(vendor.files.get('image') ?? content)}  image\n`));
    const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
    const config = { catalogue: dir, microPlaces: [] };
    return createImageStore({ host: realHost, log: silentLog, home: dir, arch, config, changed: () => {} });
  }
  const fetch = async (images: Awaited<ReturnType<typeof store>>) =>
    images.fetch('test-1', fakeTask().signal, () => {}, 'qemu-img');

  it('is checked against the vendor’s file and kept by its content', async () => {
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', join(dir, 'disk'), '8M']);
    vendor.files.set('image', await readFile(join(dir, 'disk')));
    const images = await store();
    expect((await images.find('test-1')).detail).toMatch(/Nobody has tried/);
    const ready = await fetch(images);
    expect(ready).toMatchObject({ kind: 'cloud', virtualMiB: 8, user: 'test' });
    expect((await images.find('test-1')).state).toBe('ready');
  });

  it('that points to a file of this computer is refused and removed', async () => {
    await writeFile(join(dir, 'secret'), 'secret');
    await run('qemu-img', [
      'create',
      '-q',
      '-f',
      'qcow2',
      '-b',
      join(dir, 'secret'),
      '-F',
      'raw',
      join(dir, 'evil'),
      '8M',
    ]);
    vendor.files.set('image', await readFile(join(dir, 'evil')));
    const images = await store();
    await expect(fetch(images)).rejects.toMatchObject({ code: 'BACKING_FILE' });
    expect(await readdir(join(dir, 'images', 'sha256'))).toEqual([]);
  });

  it('with an external data file is refused', async () => {
    const options = `data_file=${join(dir, 'secret')}`;
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-o', options, join(dir, 'evil'), '8M']);
    vendor.files.set('image', await readFile(join(dir, 'evil')));
    await expect(fetch(await store())).rejects.toMatchObject({ code: 'BACKING_FILE' });
  });

  it('that is no qcow2 at all is refused', async () => {
    await expect(fetch(await store())).rejects.toMatchObject({ code: 'BACKING_FILE' });
  });

  it('that is not in the vendor’s checksum file is refused', async () => {
    const images = await store();
    vendor.files.set('SHA256SUMS', new TextEncoder().encode(`${'a'.repeat(64)}  other\n`));
    await expect(fetch(images)).rejects.toMatchObject({ code: 'CHECKSUM_WRONG' });
  });
});
