import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { PlaceIdentity } from '../../format/place-identity.ts';
import type { PlaceBackend } from '../../places/backend.ts';
import { isFull } from '../../places/places.ts';
import { openServer } from '../../zdb-server/testing/bench.ts';
import { type Dial, dialTcp } from '../resp/dial.ts';
import { ConnectionError } from '../resp/reply.ts';
import { realDeps } from '../testing/deps.ts';
import { bulk, type Script, startScriptedServer } from '../testing/scripted-server.ts';
import { createZdbBackend, type ZdbPlaceOptions } from './backend.ts';
import { connectZdb } from './client.ts';
import { ZdbError } from './errors.ts';

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

const cleanup: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of cleanup.splice(0).reverse()) await end();
});

const hasty = { ...realDeps, patience: { connectMs: 2000, stallMs: 100, commandMs: 300 } };
const name = (i: number): string => `p/00000/${String(i).padStart(32, '0')}.00`;
const bytes = (i: number): Uint8Array => new Uint8Array(700_000 + i * 40_000).fill(i);

function open(options: Partial<ZdbPlaceOptions> & { port: number }, deps = realDeps): PlaceBackend {
  const backend = createZdbBackend({ host: '127.0.0.1', ...options }, deps);
  cleanup.push(() => backend.close());
  return backend;
}

async function expectWhole({ store }: PlaceBackend, i: number, allowed: readonly Uint8Array[]): Promise<boolean> {
  const size = await store.size(name(i));
  if (size === null) return false;
  const target = new Uint8Array(size);
  expect(await store.read(name(i), 0, target)).toBe(true);
  expect(allowed.some((one) => Buffer.compare(one, target) === 0)).toBe(true);
  return true;
}

describe('a 0-db', () => {
  async function serve() {
    const bench = await openServer();
    cleanup.push(() => bench.stop());
    const admin = connectZdb({ host: '127.0.0.1', port: bench.port }, { setTimer: realDeps.host.setTimer });
    cleanup.push(() => admin.close());
    const set = (property: string, value: string): Promise<unknown> => admin.command('NSSET', 'ns', property, value);
    await admin.command('NSNEW', 'ns');
    return { port: bench.port, admin, set };
  }

  it('lets in by password, and is only read without it where it may be', async () => {
    const { port, set } = await serve();
    await set('password', 'secret');
    expect((await open({ port, namespace: 'ns' }).inspect()).writable).toBe(false);
    await set('public', '0');
    for (const wrong of [{}, { password: 'wrong' }, { password: 'wrong', plainPassword: true }]) {
      expect((await open({ port, namespace: 'ns', ...wrong }).inspect()).kind).toBe('unreadable');
    }
    expect((await open({ port, namespace: 'nowhere', password: 'secret' }).inspect()).kind).toBe('unreadable');
    for (const right of [{}, { plainPassword: true }]) {
      expect(await open({ port, namespace: 'ns', password: 'secret', ...right }).inspect()).toMatchObject({
        kind: 'empty',
        writable: true,
        device: 'host:127.0.0.1',
      });
    }
  });

  it('is not written to while it is locked or keeps everything for ever, and cannot be looked at while frozen or sequential', async () => {
    const { port, admin, set } = await serve();
    const backend = open({ port, namespace: 'ns' });
    await backend.claim(identity);
    for (const property of ['worm', 'lock']) {
      await set(property, '1');
      expect(await backend.inspect()).toMatchObject({ kind: 'place', writable: false });
      await set(property, '0');
    }
    await set('freeze', '1');
    expect((await backend.inspect()).kind).toBe('unreadable');
    await set('freeze', '0');
    expect(await backend.inspect()).toMatchObject({ kind: 'place', writable: true });
    await admin.command('NSNEW', 'numbers');
    await admin.command('NSSET', 'numbers', 'mode', 'seq');
    expect(await open({ port, namespace: 'numbers' }).inspect()).toMatchObject({ kind: 'unreadable', writable: false });
  });

  it('says how much is free, and is full where its limit is', async () => {
    const { port, set } = await serve();
    const backend = open({ port, namespace: 'ns' });
    await backend.claim(identity);
    await set('maxsize', '3000000');
    await backend.store.put(name(1), [new Uint8Array(1_000_000)]);
    const { free } = await backend.inspect();
    expect(free).toBeLessThan(2_000_000);
    expect(free).toBeGreaterThan(1_990_000);
    const error = await backend.store.put(name(2), [new Uint8Array(2_500_000)]).catch((one: unknown) => one);
    expect(isFull(error)).toBe(true);
    // The parts that were taken before it was full are gone again.
    expect((await backend.inspect()).free).toBe(free);
    expect(await backend.store.list('p/00000')).toEqual([name(1)]);
  });

  it('that loses its namespace in the middle says so, and nothing is written elsewhere', async () => {
    const { port, admin } = await serve();
    const backend = open({ port, namespace: 'ns' });
    await backend.claim(identity);
    await admin.command('NSDEL', 'ns');
    await expect(backend.store.put(name(1), [new Uint8Array(5)])).rejects.toThrow();
    expect((await backend.inspect()).kind).toBe('unreadable');
    expect(await admin.count()).toBe(0);
  });
});

describe('killed and cut', () => {
  const rounds = Number(process.env.HYPHA_REMOTE_KILLS ?? 3);
  const program = fileURLToPath(new URL('../../zdb-server/testing/server-child.ts', import.meta.url));

  it(`keeps what it answered for through ${rounds} kills in the middle of writing, whole, old or new`, {
    timeout: 60_000 + rounds * 30_000,
  }, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hypha-zdb-'));
    cleanup.push(() => rm(directory, { recursive: true, force: true }));
    let child: ChildProcess | null = null;
    const start = async (): Promise<number> => {
      const started = spawn(process.execPath, [program, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
      child = started;
      cleanup.push(() => void started.kill('SIGKILL'));
      const [line] = (await once(started.stdout, 'data')) as [Buffer];
      return Number(line.toString());
    };
    let port = await start();
    // One backend through all of it, as the vault has one: it finds the server again by itself.
    const dial: Dial = (signal) => dialTcp({ host: '127.0.0.1', port })(signal);
    const backend = open({ port }, { ...realDeps, dial });
    await backend.claim(identity);
    const settled = new Map<number, Uint8Array>();
    for (let round = 0; round < rounds; round++) {
      const writing = Array.from({ length: 8 }, (_, i) => round * 4 + i);
      const value = (i: number): Uint8Array => bytes((i + round * 3) % 40);
      const puts = writing.map((i) => backend.store.put(name(i), [value(i).subarray(0, 80), value(i).subarray(80)]));
      const ends = Promise.allSettled(puts);
      await puts[round % puts.length]?.catch(() => {});
      child = child as ChildProcess | null;
      child?.kill('SIGKILL');
      if (child && child.signalCode === null && child.exitCode === null) await once(child, 'exit');
      const done = await ends;
      port = await start();
      await backend.inspect();
      for (const [at, i] of writing.entries()) {
        const before = settled.get(i);
        const answered = done[at]?.status === 'fulfilled';
        const there = await expectWhole(backend, i, answered || !before ? [value(i)] : [before, value(i)]);
        if (answered || before) expect(there).toBe(true);
        // What nobody answered for may be either from here on: it is written again, as the vault would.
        await backend.store.put(name(i), [value(i)]);
        settled.set(i, value(i));
      }
      const listed = await backend.store.list('p/00000');
      for (const half of listed.filter((one) => one.endsWith('.part'))) await backend.store.remove(half);
      expect((await backend.store.list('p/00000')).sort()).toEqual([...settled.keys()].sort((a, b) => a - b).map(name));
    }
    for (const [i, value] of settled) expect(await expectWhole(backend, i, [value])).toBe(true);
    expect(await backend.isMarked(identity.vault, 'one')).toBe(true);
  });

  it('is silent while it is gone', async () => {
    const bench = await openServer();
    const backend = open({ port: bench.port });
    await backend.claim(identity);
    await bench.stop();
    expect(await backend.inspect()).toMatchObject({ kind: 'silent', device: 'host:127.0.0.1' });
    expect(await backend.isMarked(identity.vault, 'one')).toBe(false);
    await expect(backend.store.read(name(1), 0, new Uint8Array(1))).rejects.toThrow(ConnectionError);
  });
});

describe('a server that does not keep to it', () => {
  async function scripted(script: Script): Promise<PlaceBackend> {
    const server = await startScriptedServer(script);
    cleanup.push(() => server.close());
    return open({ port: server.port }, hasty);
  }
  const word = (words: Uint8Array[], i = 0): string => Buffer.from(words[i] ?? []).toString();

  it('that hangs is silent, and every call ends', async () => {
    const backend = await scripted(() => null);
    expect((await backend.inspect()).kind).toBe('silent');
    await expect(backend.store.put(name(1), [new Uint8Array(5)])).rejects.toThrow(ConnectionError);
    await expect(backend.store.put(name(1), [new Uint8Array(2_000_000)])).rejects.toThrow(ConnectionError);
    await expect(backend.store.list('c')).rejects.toThrow(ConnectionError);
    await expect(backend.claim(identity)).rejects.toThrow(ConnectionError);
  });

  it('that never comes to the end of its keys is given up', async () => {
    const page = '*2\r\n$1\r\nc\r\n*0\r\n';
    const backend = await scripted((words) => (word(words) === 'SCAN' ? page : ':0\r\n'));
    await expect(backend.store.list('c')).rejects.toThrow(ConnectionError);
    let now = 0;
    const endless = await startScriptedServer((words) =>
      word(words) === 'SCAN' ? `*2\r\n$1\r\nc\r\n*1\r\n*3\r\n$3\r\nkey\r\n:1\r\n:1\r\n` : ':0\r\n',
    );
    cleanup.push(() => endless.close());
    const clock = { ...realDeps, host: { ...realDeps.host, now: () => (now += 1000) } };
    await expect(open({ port: endless.port }, clock).store.list('c')).rejects.toThrow('end of its keys');
  });

  it('that acknowledges and forgets shows nothing, and one that answers with other bytes what it answers', async () => {
    const forgets = await scripted((words) =>
      word(words) === 'SET' ? bulk(words[1] ?? '') : word(words) === 'SCAN' ? '-No more data\r\n' : '$-1\r\n',
    );
    await forgets.store.put(name(1), [new Uint8Array(2_000_000)]);
    expect(await forgets.store.size(name(1))).toBeNull();
    expect(await forgets.store.read(name(1), 0, new Uint8Array(5))).toBe(false);
    expect(await forgets.store.list('p/00000')).toEqual([]);
    for (const answer of ['', '\x01', '\x02', `\x02${'\x00'.repeat(23)}`, `\x02${'\xff'.repeat(23)}`, '\x01short']) {
      const lies = await scripted(() => bulk(Buffer.from(answer, 'latin1')));
      expect(await lies.store.read(name(1), 0, new Uint8Array(10))).toBe(false);
    }
  });

  it('gives a value or a typed error for any answers', async () => {
    const nsinfo =
      'name: default\nentries: 1\npublic: yes\nworm: no\nlocked: no\npassword: no\ndata_size_bytes: 1\ndata_limits_bytes: 0\nmode: userkey\n';
    const answers: (string | Uint8Array)[] = [
      '+OK\r\n',
      '$-1\r\n',
      ':0\r\n',
      ':24\r\n',
      ':-7\r\n',
      '*0\r\n',
      '-No more data\r\n',
      '-No space left on this namespace\r\n',
      '-Invalid key format\r\n',
      '*2\r\n$1\r\nc\r\n*1\r\n*3\r\n$3\r\nc/a\r\n:1\r\n:1\r\n',
      '*2\r\n*0\r\n$-1\r\n',
      'HTTP/1.1 200\r\n',
      '',
      '$2\r\nabc',
      bulk(nsinfo),
      bulk(Buffer.from(`0200000000000800600020000000${'0000'}0123456789abcdef`, 'hex')),
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...answers), { minLength: 3, maxLength: 12 }), async (said) => {
        let at = 0;
        const server = await startScriptedServer(() => said[at++ % said.length] ?? null);
        const backend = createZdbBackend(
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
            () => store.put(name(2), [new Uint8Array(600_000)]),
            () => store.read(name(1), 0, new Uint8Array(10)),
            () => store.list('c'),
            () => store.remove(name(1)),
            () => backend.claim(identity),
            () => backend.unclaim(identity.vault, 'one'),
          ];
          for (const [i, result] of (await Promise.allSettled(calls.map((call) => call()))).entries()) {
            if (result.status === 'fulfilled') continue;
            expect(i).toBeGreaterThan(1);
            expect(result.reason instanceof ZdbError || result.reason instanceof ConnectionError).toBe(true);
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
