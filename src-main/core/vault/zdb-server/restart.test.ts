import { closeSync, openSync, readFileSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createZdbServer } from './server.ts';
import { DirectoryInUse } from './store/lock.ts';
import { openServer, type ServerBench, serverDefaults } from './testing/bench.ts';

let bench: ServerBench;
afterEach(() => bench.stop());

const change = (path: string, at: number, bytes: Uint8Array): void => {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, at);
  closeSync(file);
};

describe('after a restart', () => {
  it('values, modes, settings and passwords are there', async () => {
    bench = await openServer({ datasize: 524_288 });
    let client = await bench.connect();
    await client.say('NSNEW', 'seq');
    await client.say('NSSET', 'seq', 'mode', 'seq');
    await client.say('NSSET', 'seq', 'maxsize', '5000000');
    await client.say('NSSET', 'seq', 'password', 'open sesame');
    await client.say('NSSET', 'seq', 'public', '0');
    for (let i = 0; i < 40; i++) await client.say('SET', `k${i % 10}`, `v${i}-`.padEnd(60_000, 'x'));
    await client.say('DEL', 'k3');
    await client.say('SELECT', 'seq', 'open sesame');
    for (let i = 0; i < 10; i++) await client.say('SET', '', `s${i}-`.padEnd(100_000, 'y'));
    await client.say('SET', Buffer.from('0200000000000000', 'hex'), 'again');
    bench = await bench.again();
    client = await bench.connect();
    expect(await client.say('DBSIZE')).toBe(':9|');
    expect((await client.say('GET', 'k7')).slice(0, 13)).toBe('$60000|v37-xx');
    expect(await client.say('GET', 'k3')).toBe('$-1|');
    expect(await client.say('CHECK', 'k0')).toBe(':1|');
    expect(await client.say('SELECT', 'seq')).toBe('-Namespace protected and private|');
    expect(await client.say('SELECT', 'seq', 'wrong')).toBe('-Access denied|');
    expect(await client.say('SELECT', 'seq', 'open sesame')).toBe('+OK|');
    expect(await client.say('GET', Buffer.from('0200000000000000', 'hex'))).toBe('$5|again|');
    expect((await client.say('GET', Buffer.from('0900000000000000', 'hex'))).slice(0, 11)).toBe('$100000|s9-');
    expect(await client.say('SET', '', 'next')).toBe('$8|\x0b\0\0\0\0\0\0\0|');
    expect(await client.say('NSINFO', 'seq')).toContain('data_limits_bytes: 5000000|'.replace('|', '\n'));
    expect(readFileSync(join(bench.directory, 'index/seq/zdb-namespace'), 'latin1')).not.toContain('sesame');
  });

  it('what was being written is cut off, and what was acknowledged is there', async () => {
    bench = await openServer();
    const first = await bench.connect();
    await first.say('SET', 'a', 'one');
    await first.say('SET', 'b', 'two');
    const index = join(bench.directory, 'index/default/i0');
    const data = join(bench.directory, 'data/default/d0');
    await bench.server.close();
    const before = { index: statSync(index).size, data: statSync(data).size };
    change(index, before.index, Buffer.alloc(20, 5));
    change(data, before.data, Buffer.alloc(300, 9));
    bench = await bench.again();
    expect({ index: statSync(index).size, data: statSync(data).size }).toEqual(before);
    const client = await bench.connect();
    expect(await client.say('MGET', 'a', 'b')).toBe('*2|$3|one|$3|two|');
    expect(await client.say('SET', 'c', 'three')).toBe('$1|c|');
    bench = await bench.again();
    expect(await (await bench.connect()).say('MGET', 'a', 'b', 'c')).toBe('*3|$3|one|$3|two|$5|three|');
  });

  it('an index record whose data never came is cut off, and the version before it is back', async () => {
    bench = await openServer();
    const first = await bench.connect();
    await first.say('SET', 'a', 'one');
    const data = join(bench.directory, 'data/default/d0');
    const size = statSync(data).size;
    await first.say('SET', 'a', 'two');
    const index = readFileSync(join(bench.directory, 'index/default/i0'));
    await bench.server.close();
    truncateSync(data, size);
    // As it was before what came first was marked superseded: that waits for the second to be durable.
    index[29 + 13] = 0;
    change(join(bench.directory, 'index/default/i0'), 0, index);
    bench = await bench.again();
    const client = await bench.connect();
    expect(await client.say('GET', 'a')).toBe('$3|one|');
  });

  it('a flipped bit on disk is told, never sent', async () => {
    bench = await openServer();
    const first = await bench.connect();
    await first.say('SET', 'a', 'x'.repeat(1000));
    await first.say('SET', 'b', 'whole');
    await bench.server.close();
    const data = join(bench.directory, 'data/default/d0');
    const bytes = readFileSync(data);
    bytes[500] = (bytes[500] ?? 0) ^ 4;
    change(data, 0, bytes);
    bench = await bench.again();
    const client = await bench.connect();
    expect(await client.say('GET', 'a')).toBe('-Internal Error|');
    expect(await client.say('CHECK', 'a')).toBe(':0|');
    expect(await client.say('MGET', 'a', 'b')).toBe('*2|-Internal Error|$5|whole|');
    expect(await client.say('HISTORY', 'a')).toBe('-Internal Error|');
    // The same value written again is not taken for the one that is damaged.
    expect(await client.say('SET', 'a', 'x'.repeat(1000))).toBe('$1|a|');
    expect(await client.say('CHECK', 'a')).toBe(':1|');
  });

  it('a directory is open once', async () => {
    bench = await openServer();
    await expect(createZdbServer({ ...serverDefaults, directory: bench.directory })).rejects.toThrow(DirectoryInUse);
  });
});
