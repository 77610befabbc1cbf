import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concatBytes } from '#core/crypto/bytes.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import { toHex } from '#core/crypto/ids.ts';
import { setRealTimer } from '../../remote/testing/real-timer.ts';
import { connectZdb } from '../../remote/zdb/client.ts';
import { noise } from '../../testing/harness.ts';
import { formatIp } from '../address.ts';
import { type Backends, createBackends } from '../backends.ts';
import { parseConfig } from '../config.ts';
import { createEngine, type Engine } from '../engine.ts';
import { createObjects, type Objects } from '../objects.ts';
import { objectKey } from '../paths.ts';
import { pieceBytes } from '../sealing.ts';
import { configText } from '../testing/config-text.ts';
import { password, type RealZdb, startRealZdb } from './real-zdb.ts';

/*
 * Our objects and those of the real zstor (0.4.0, ZSTOR_BIN), on real 0-dbs (2.0.7, ZDB_BIN): each reads, checks and rebuilds what the other
 * wrote, also after two of five were killed.
 */
const zstor = process.env.ZSTOR_BIN ?? '';
const zdb = process.env.ZDB_BIN ?? '';
const why = zstor === '' ? 'ZSTOR_BIN names none' : zdb === '' ? 'ZDB_BIN names no 0-db' : null;
if (why !== null) console.log(`skipped: the real zstor, because ${why}`);
const run = promisify(execFile);
const signal = new AbortController().signal;

describe.skipIf(why !== null)('the real zstor', () => {
  let directory = '';
  let config = '';
  let zdbs: RealZdb[] = [];
  let backends: Backends;
  let engine: Engine;
  let objects: Objects;
  const mixed = noise(5 * pieceBytes + 99_999, 11);
  mixed.fill(0x20, 1_000_000, 5_000_000);
  const file = (name: string): string => join(directory, name);
  const key = (name: string): Promise<string> => objectKey('interop', file(name));
  const real = (command: string, name: string) =>
    run(zstor, ['-c', config, '--log_file', file('zstor.log'), command, '-f', file(name)], { cwd: directory });

  async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 1 << 20) yield bytes.subarray(at, at + (1 << 20));
  }
  const ours = {
    store: async (name: string, bytes: Uint8Array) =>
      objects.store(await key(name), name, pieces(bytes), signal, () => {}),
    async load(name: string): Promise<Uint8Array> {
      const record = await objects.record(await key(name), name);
      if (!record) throw new Error(`no record of ${name}`);
      const out: Uint8Array[] = [];
      await objects.load(record, name, async (plain) => void out.push(plain.slice()), signal);
      return concatBytes(...out);
    },
    async states(name: string): Promise<string> {
      const record = await objects.record(await key(name), name);
      return record ? (await objects.check(record, true, signal)).join() : 'no record';
    },
  };
  /** What the real one reads, in the place of what was there. */
  const retrieved = async (name: string): Promise<Uint8Array> => {
    await rm(file(name), { force: true });
    await real('retrieve', name);
    return readFile(file(name));
  };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hypha-zstor-real-'));
    zdbs = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((i) => startRealZdb(zdb, file(`zdb${i}`), { meta: 'user', data: 'seq' })),
    );
    const at = (namespace: string) => zdbs.map(({ port }) => ({ port, namespace, password }));
    const text = configText({
      k: 3,
      parity: 2,
      key: noise(32, 1),
      prefix: 'interop',
      metadata: at('meta').slice(0, 4),
      groups: [at('data')],
    });
    config = file('zstor.toml');
    await writeFile(config, text);
    backends = createBackends(({ address, namespace, password: word }) =>
      connectZdb(
        { host: formatIp(address.ip), port: address.port },
        { namespace: namespace ?? undefined, password: word ?? undefined, setTimer: setRealTimer, connectMs: 2000 },
      ),
    );
    engine = createEngine(true);
    let names = 0;
    const spool = { directory, name: () => file(`spool${++names}`) };
    objects = createObjects({
      config: parseConfig(text),
      backends,
      engine,
      random: (n) => crypto.getRandomValues(new Uint8Array(n)),
      spool,
    });
  });
  afterAll(async () => {
    await backends?.close();
    await engine?.close();
    await Promise.all(zdbs.map((one) => one.kill()));
    if (directory !== '') await rm(directory, { recursive: true, force: true });
  });

  const cases: [string, Uint8Array][] = [
    ['nothing', new Uint8Array(0)],
    ['one-byte', Uint8Array.of(7)],
    ['text', Buffer.from('hello world '.repeat(20_000))],
    ['mixed', mixed],
  ];

  it.each(cases)('reads what we wrote, and knows its checksum: %s', async (name, bytes) => {
    expect(await ours.store(name, bytes)).toMatchObject({ how: 'stored' });
    expect(equalBytes(await retrieved(name), bytes)).toBe(true);
    const record = await objects.record(await key(name), name);
    expect((await real('check', name)).stdout).toContain(toHex(record?.checksum ?? new Uint8Array(0)));
  });

  it.each(cases)('writes what we read: %s', async (plain, bytes) => {
    const name = `theirs-${plain}`;
    await writeFile(file(name), bytes);
    await real('store', name);
    expect(await ours.states(name)).toBe('good,good,good,good,good');
    expect(equalBytes(await ours.load(name), bytes)).toBe(true);
    // Their record, as ours would be: nothing is sent again.
    expect(await ours.store(name, bytes)).toMatchObject({ how: 'same' });
  });

  it('sees in what we wrote that nothing changed, and writes over it when something did', async () => {
    await writeFile(file('mixed'), mixed);
    await real('store', 'mixed');
    expect(await ours.states('mixed')).toBe('good,good,good,good,good');
    await writeFile(file('mixed'), mixed.subarray(5));
    await real('store', 'mixed');
    expect((await ours.load('mixed')).length).toBe(mixed.length - 5);
    await ours.store('mixed', mixed);
    expect(equalBytes(await retrieved('mixed'), mixed)).toBe(true);
  });

  it('lists what we list', async () => {
    const keys = await objects.meta.list(signal);
    expect(keys).toHaveLength(2 * cases.length);
    expect(keys).toContain(await key('theirs-text'));
  });

  it('makes shards of ours again, and we its', async () => {
    const names = ['text', 'theirs-text'];
    const holds = async (name: string, port: number): Promise<boolean> => {
      const record = await objects.record(await key(name), name);
      return record?.shards.some(({ at }) => at.address.port === port) ?? false;
    };
    // One that keeps no metadata, for all four are needed to write.
    const [, , , , fifth, sixth] = zdbs;
    const lost = (await holds('text', fifth?.port ?? 0)) ? fifth : sixth;
    if (!(await holds('theirs-text', lost?.port ?? 0))) await ours.store('theirs-text', cases[2]?.[1] ?? mixed);
    await lost?.kill();
    await real('rebuild', 'text');
    const record = await objects.record(await key('theirs-text'), 'theirs-text');
    if (record) await objects.rebuild(await key('theirs-text'), 'theirs-text', record, signal);
    for (const name of names) {
      expect(await ours.states(name)).toBe('good,good,good,good,good');
      expect(equalBytes(await retrieved(name), cases[2]?.[1] ?? mixed)).toBe(true);
    }
  });

  it('reads what we wrote, and we what it wrote, with two of five gone', async () => {
    const record = await objects.record(await key('mixed'), 'mixed');
    const theirs = await objects.record(await key('theirs-mixed'), 'theirs-mixed');
    // Each has five shards on six 0-dbs. One is gone already; of those with metadata as many more as leave three.
    const shardsLeft = (): number =>
      Math.min(...[record, theirs].map((one) => one?.shards.filter(({ at }) => up.has(at.address.port)).length ?? 0));
    const up = new Set(zdbs.filter(({ isUp }) => isUp()).map(({ port }) => port));
    for (const one of zdbs.slice(0, 2)) {
      if (shardsLeft() === 3) break;
      await one.kill();
      up.delete(one.port);
    }
    expect(shardsLeft()).toBe(3);
    expect(equalBytes(await ours.load('theirs-mixed'), mixed)).toBe(true);
    expect(equalBytes(await ours.load('mixed'), mixed)).toBe(true);
    expect(await ours.states('theirs-mixed')).toContain('unreachable');
  });
});
