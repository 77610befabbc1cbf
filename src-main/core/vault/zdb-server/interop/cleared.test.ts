import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startRealZdb } from '../../zstor/interop/real-zdb.ts';
import { openServer } from '../testing/bench.ts';
import { connectRaw } from '../testing/raw-client.ts';

/* What was cleared here, in the real 0-db (2.0.7): `ZDB_BIN=FILE npm run test:interop`. */

const binary = process.env.ZDB_BIN ?? '';
if (binary === '') console.log('skipped: ZDB_BIN names no 0-db');

const value = (i: number, version: number): string => `${i}:${version};`.repeat(4000).slice(0, 20_000 + i);

it.skipIf(binary === '').each(['user', 'seq'] as const)(
  'files of which some were cleared open in a real 0-db, and here again, in %s mode',
  async (mode) => {
    const directory = await mkdtemp(join(tmpdir(), 'hypha-zdb-'));
    const options = { directory, datasize: 524_288, clearEvery: 20, mode };
    let bench = await openServer(options);
    try {
      const client = await bench.connect();
      const key = (i: number) =>
        mode === 'user' ? `key ${i}` : Buffer.from(new Uint8Array(new BigUint64Array([BigInt(i)]).buffer));
      const live = new Map<number, string>();
      for (let version = 0; version < 6; version++) {
        for (let i = 0; i < 20; i++) {
          await client.ask('SET', mode === 'seq' && version === 0 ? '' : key(i), value(i, version));
          live.set(i, value(i, version));
        }
      }
      for (const i of [3, 7, 11]) {
        await client.ask('DEL', key(i));
        live.delete(i);
      }
      const { store } = bench.server.namespaces.default;
      await expect.poll(() => store.nextToClear(0.5)).toBe(null);
      expect(store.pairs().filter(({ dataEnd }) => dataEnd === 28).length).toBeGreaterThan(2);
      await bench.server.close();
      const server = await startRealZdb(binary, directory, {});
      const theirs = await connectRaw(server.port);
      try {
        expect(await theirs.say('DBSIZE')).toBe(`:${live.size}|`);
        for (const [i, text] of live) expect(await theirs.say('GET', key(i))).toBe(`$${text.length}|${text}|`);
        for (const i of [3, 7, 11]) expect(await theirs.say('GET', key(i))).toBe('$-1|');
        for (const walk of ['SCAN', 'RSCAN']) expect(await theirs.say(walk)).toContain('|*3|');
        expect(await theirs.say('SET', key(0), 'theirs')).toMatch(/^\$[58]\|/);
      } finally {
        theirs.close();
        await server.kill();
      }
      bench = await openServer({ ...options, clearEvery: 60_000 });
      const again = await bench.connect();
      live.set(0, 'theirs');
      for (const [i, text] of live) expect(await again.say('GET', key(i))).toBe(`$${text.length}|${text}|`);
      expect(await again.say('DBSIZE')).toBe(`:${live.size}|`);
    } finally {
      await bench.server.close();
      await rm(directory, { recursive: true, force: true });
    }
  },
  60_000,
);
