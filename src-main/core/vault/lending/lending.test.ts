import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isFail } from '#shared/rpc/fail.ts';
import type { MeshOffers } from '../ports.ts';
import { type Bench, openBench, testContext } from '../testing/harness.ts';
import { connectRaw, type RawClient } from '../zdb-server/testing/raw-client.ts';
import { decodeLending, encodeLending, lendingPath } from './stored.ts';

const least = 128 * 1024 * 1024;

/** The mesh as the vault knows it: what is offered now. */
function fakeMesh() {
  const offers = new Map<string, { localPort: number; port: number; allow: readonly string[] }>();
  let next = 1;
  const mesh: MeshOffers = {
    keep: (who) => who.map((name) => `@${name}`),
    show: (kept) => kept.map((name) => name.slice(1)),
    async offer(localPort, port, allow, instead) {
      if (instead !== null) offers.delete(instead);
      const id = `offer-${next++}`;
      offers.set(id, { localPort, port, allow });
      return { id, port };
    },
    async withdraw(id) {
      offers.delete(id);
    },
    address: () => '400::1',
  };
  return { mesh, offers };
}

let top: string;
let bench: Bench;
let fake: ReturnType<typeof fakeMesh>;
const clients: RawClient[] = [];
beforeEach(async () => {
  top = await mkdtemp(join(tmpdir(), 'hypha-lend-'));
  fake = fakeMesh();
  bench = await openBench({ home: join(top, 'home'), mesh: fake.mesh });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await bench.close();
  await rm(top, { recursive: true, force: true });
});

const lend = async (name: string, to: string[] = [], mode: 'user' | 'seq' = 'user') =>
  bench.vault.handlers['vault.lend']({ name, bytes: least, to, mode }, testContext());
const lendIn = async (directory: string | undefined, bytes = least) =>
  bench.vault.handlers['vault.lend']({ name: 'bob', bytes, to: [], mode: 'user', directory }, testContext());
const lending = () => bench.vault.handlers['vault.lending']({}, testContext());
/** The server opens in its own time after a start. */
async function opened(): Promise<number> {
  for (;;) {
    const { localPort, problem } = await lending();
    if (localPort !== null) return localPort;
    if (problem) throw new Error(problem.text);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
async function connect(): Promise<RawClient> {
  const client = await connectRaw(await opened());
  clients.push(client);
  return client;
}
const code = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => (isFail(error) ? error.code : error),
  );

describe('storage lent to others', () => {
  it('is off until something is lent', async () => {
    expect(await lending()).toMatchObject({ on: false, localPort: null, lent: [] });
    expect(await code(Promise.resolve(bench.vault.handlers['vault.lendOn']({}, testContext())))).toBe('NOT_FOUND');
  });

  it('is reached with its password, counted, limited, and there again after a restart, at the same port', async () => {
    const context = testContext();
    const handed = await bench.vault.handlers['vault.lend'](
      { name: 'ada', bytes: least, to: ['ada'], mode: 'user' },
      context,
    );
    expect(handed).toMatchObject({ host: '400::1', port: 9900, namespace: 'ada', mode: 'user', bytes: least });
    expect(context.undone).toEqual([{ method: 'vault.unlend', input: { name: 'ada' } }]);
    const port = await opened();
    expect([...fake.offers.values()]).toEqual([{ localPort: port, port: 9900, allow: ['@ada'] }]);
    let client = await connect();
    expect(await client.say('SET', 'a', 'b')).toBe('-Namespace is in read-only mode|');
    expect(await client.say('NSNEW', 'mine')).toBe('-Permission denied|');
    expect(await client.say('SELECT', 'ada')).toBe('-Namespace protected and private|');
    expect(await client.say('SELECT', 'ada', handed.password)).toBe('+OK|');
    expect(await client.say('SET', 'key', 'x'.repeat(1000))).toBe('$3|key|');
    expect((await lending()).lent).toMatchObject([
      { name: 'ada', to: ['ada'], bytes: least, used: 1000, keys: 1, problem: null },
    ]);
    const kept = await readFile(lendingPath(bench.home), 'utf8');
    expect(kept).not.toContain(handed.password);
    await bench.restart();
    expect(await opened()).toBe(port);
    expect(fake.offers.size).toBe(1);
    client = await connect();
    expect(await client.say('SELECT', 'ada', handed.password)).toBe('+OK|');
    expect(await client.say('LENGTH', 'key')).toBe(':1000|');
  });

  it('goes to several, each their own, in the mode that was asked for', async () => {
    const ada = await lend('ada', ['ada'], 'seq');
    const bob = await lend('bob', ['bob']);
    const local = await lend('here');
    expect(local.host).toBe(null);
    expect([...fake.offers.values()].map(({ allow }) => allow)).toEqual([['@ada', '@bob']]);
    const client = await connect();
    expect(await client.say('SELECT', 'bob', ada.password)).toBe('-Access denied|');
    expect(await client.say('SELECT', 'ada', ada.password)).toBe('+OK|');
    expect(await client.say('SET', '', 'v')).toBe('$8|\0\0\0\0\0\0\0\0|');
    expect(await client.say('SELECT', 'bob', bob.password)).toBe('+OK|');
    expect(await code(lend('ada'))).toBe('ALREADY_EXISTS');
    expect(await code(lend('ADA'))).toBe('ALREADY_EXISTS');
    await bench.vault.handlers['vault.unlend']({ name: 'ada' }, testContext());
    expect([...fake.offers.values()].map(({ allow }) => allow)).toEqual([['@bob']]);
    await bench.vault.handlers['vault.unlend']({ name: 'bob' }, testContext());
    expect(fake.offers.size).toBe(0);
    expect((await lending()).lent.map(({ name }) => name)).toEqual(['here']);
    expect(await code(Promise.resolve(bench.vault.handlers['vault.unlend']({ name: 'bob' }, testContext())))).toBe(
      'NOT_FOUND',
    );
  });

  it('is changed: a new password ends connections, another limit counts at once', async () => {
    const before = await lend('ada', ['ada']);
    const client = await connect();
    await client.say('SELECT', 'ada', before.password);
    const context = testContext();
    const { password, lent } = await bench.vault.handlers['vault.changeLoan'](
      { name: 'ada', bytes: 2 * least, newPassword: true },
      context,
    );
    expect(lent.bytes).toBe(2 * least);
    expect(context.undone).toEqual([{ method: 'vault.changeLoan', input: { name: 'ada', bytes: least } }]);
    await client.ended;
    const again = await connect();
    expect(await again.say('SELECT', 'ada', before.password)).toBe('-Access denied|');
    expect(await again.say('SELECT', 'ada', password ?? '')).toBe('+OK|');
  });

  it('is closed and opened again, and stays closed over a restart', async () => {
    const { password } = await lend('ada', ['ada']);
    const client = await connect();
    const off = await bench.vault.handlers['vault.lendOff']({}, testContext());
    expect(off).toMatchObject({ on: false, localPort: null, host: null });
    await client.ended;
    expect(fake.offers.size).toBe(0);
    await bench.restart();
    expect(await lending()).toMatchObject({ on: false, localPort: null });
    await bench.vault.handlers['vault.lendOn']({}, testContext());
    expect(fake.offers.size).toBe(1);
    expect(await (await connect()).say('SELECT', 'ada', password)).toBe('+OK|');
  });

  it('comes back by itself when its thread ends, with all that was acknowledged, and says so', async () => {
    const threads: Worker[] = [];
    await bench.restart({ lendingThread: (thread) => threads.push(thread) });
    const { password } = await lend('ada', ['ada']);
    const port = await opened();
    const client = await connect();
    await client.say('SELECT', 'ada', password);
    const value = Buffer.alloc(100_000, 'a piece of somebody’s file ');
    let acknowledged = 0;
    const writing = (async () => {
      for (let i = 0; i < 1000; i++) {
        const reply = await client.say('SET', `key${i}`, value).catch(() => null);
        if (reply === null) return;
        acknowledged++;
        if (i === 5) void threads[0]?.terminate();
      }
    })();
    await client.ended;
    await writing;
    await expect.poll(() => bench.vault.notices()).toMatchObject([{ code: 'LENDING_RESTARTED' }]);
    expect(await opened()).toBe(port);
    expect(fake.offers.size).toBe(1);
    const again = await connect();
    expect(await again.say('SELECT', 'ada', password)).toBe('+OK|');
    for (let i = 0; i < acknowledged; i++) expect(await again.say('CHECK', `key${i}`)).toBe(':1|');
    // Whoever ends it again and again waits a little longer each time.
    void threads[1]?.terminate();
    await again.ended;
    await expect.poll(async () => (await lending()).localPort).toBe(null);
    expect(threads.length).toBe(2);
    bench.host.advance(1_000);
    expect(await opened()).toBe(port);
    expect(bench.vault.notices()[0]?.text).toContain('2 times');
  });

  it('moves to another port where its own was taken, and so does the offer', async () => {
    await lend('ada', ['ada']);
    const port = await opened();
    await bench.vault.stop();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    await bench.restart();
    const moved = await opened();
    expect(moved).not.toBe(port);
    expect([...fake.offers.values()]).toEqual([{ localPort: moved, port: 9900, allow: ['@ada'] }]);
    await new Promise((resolve) => other.close(resolve));
  });

  it('lies where it was said to, all in one directory', async () => {
    const directory = join(top, 'disk', 'lent');
    await bench.vault.handlers['vault.lend'](
      { name: 'ada', bytes: least, to: [], mode: 'user', directory },
      testContext(),
    );
    expect((await lending()).directory).toBe(directory);
    for (const elsewhere of [join(top, 'other'), 'not/whole']) expect(await code(lendIn(elsewhere))).toBe('BAD_TARGET');
    expect(await code(lendIn(undefined, 2 ** 52))).toBe('DISK_FULL');
  });
});

describe('what is kept of lending', () => {
  it('is read as it was written, and nothing else is', () => {
    const port = fc.integer({ min: 1, max: 65_535 });
    const stored = fc.record({
      on: fc.boolean(),
      directory: fc.option(fc.string()),
      localPort: fc.option(port),
      offer: fc.option(fc.record({ id: fc.string(), port, localPort: port })),
      lent: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.record({ to: fc.array(fc.string()), since: fc.nat() })),
    });
    fc.assert(
      fc.property(stored, (value) => {
        expect(decodeLending(encodeLending(value))).toEqual({ ...value, lent: { ...value.lent } });
      }),
    );
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(decodeLending(text)).toBe(null);
      }),
    );
  });
});
