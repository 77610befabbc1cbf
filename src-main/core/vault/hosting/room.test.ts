import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemRandom } from '#core/crypto/random.ts';
import { createFriendBackend } from '../remote/friend/backend.ts';
import { dialTcp } from '../remote/resp/dial.ts';
import { realClock } from '../remote/testing/real-clock.ts';
import { chargeOf } from './room-files.ts';
import { grant, type OneRoom, openOneRoom, secret } from './testing/one-room.ts';

let one: OneRoom;
beforeEach(async () => {
  one = await openOneRoom();
});
afterEach(() => one.end());

const mib = 1024 * 1024;
const nameOf = (i: number): string => `p/00000/${i.toString(16).padStart(32, '0')}.00`;
const reason = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => (error as { code?: unknown }).code,
  );

describe('a room', () => {
  it('never holds more than was agreed, whoever writes at once', async () => {
    one.state.bytes = 10 * mib;
    const backends = [one.open(), one.open(), one.open()];
    const puts = Array.from({ length: 45 }, (_, i) =>
      reason(backends[i % 3]?.store.put(nameOf(i), [systemRandom(mib - 1000)]) ?? Promise.resolve()),
    );
    const ends = await Promise.all(puts);
    expect(ends.filter((end) => end === null)).toHaveLength(10);
    expect(ends.filter((end) => end === 'ENOSPC')).toHaveLength(35);
    expect(await one.room().state()).toMatchObject({ used: 10 * mib, free: 0, count: 10 });
    // As it is counted anew after a start.
    await one.again();
    expect(await one.room().state()).toMatchObject({ used: 10 * mib, free: 0, count: 10 });
    const [backend] = backends;
    const kept = (await backend?.store.list('p/00000')) ?? [];
    await backend?.store.remove(kept[0] ?? '');
    await backend?.store.put(nameOf(100), [systemRandom(5)]);
    expect(await one.room().state()).toMatchObject({ used: 9 * mib + chargeOf(5), count: 10 });
    for (const each of backends) await each.close();
  });

  it('has no directories left of what was removed, which would be counted nowhere', async () => {
    const room = one.room();
    for (const name of ['c/one/piece', 'p/two/piece', 'c/three/piece']) {
      const piece = await room.begin(name, 1);
      await piece.take(Uint8Array.of(1));
      await piece.keep(() => true);
      await room.remove(name);
    }
    await room.settle();
    for (const level of ['s-c', 's-p']) expect(await readdir(join(one.directory, level))).toEqual([]);
  });

  it('leaves its owner’s disk what is reserved, and says so as full', async () => {
    const backend = one.open();
    one.state.free = 2 * mib;
    expect(await reason(backend.store.put(nameOf(1), [systemRandom(3 * mib)]))).toBe('ENOSPC');
    await backend.store.put(nameOf(1), [systemRandom(mib)]);
    await backend.close();
  });

  it('is away, and not empty, when its disk is not connected', async () => {
    const backend = one.open();
    await backend.store.put(nameOf(1), [systemRandom(1000)]);
    await rename(one.directory, `${one.directory}.off`);
    expect(await backend.inspect()).toMatchObject({ kind: 'silent' });
    await expect(backend.store.size(nameOf(1))).rejects.toThrow(/not connected/);
    await expect(backend.store.list('p')).rejects.toThrow(/not connected/);
    await expect(backend.store.put(nameOf(2), [systemRandom(9)])).rejects.toThrow(/not connected/);
    await rename(`${one.directory}.off`, one.directory);
    expect(await backend.store.size(nameOf(1))).toBe(1000);
    await backend.close();
  });

  it('takes nothing new once it is being given up, and can be read and emptied', async () => {
    const backend = one.open();
    await backend.store.put(nameOf(1), [systemRandom(1000)]);
    one.state.until = 1_900_000_000_000;
    expect(await backend.inspect()).toMatchObject({ writable: false });
    expect(backend.notice?.()?.text).toContain('2030-03-17');
    expect(await reason(backend.store.put(nameOf(2), [systemRandom(9)]))).toBe('EACCES');
    expect(await backend.store.size(nameOf(1))).toBe(1000);
    await backend.store.remove(nameOf(1));
    await backend.close();
  });

  it('is shut at once when it ends, also to what is under way', async () => {
    const backend = one.open();
    await backend.store.put(nameOf(1), [systemRandom(1000)]);
    const puts = Array.from({ length: 6 }, (_, i) =>
      reason(backend.store.put(nameOf(10 + i), [systemRandom(2 * mib)])),
    );
    await one.room().end();
    expect((await Promise.all(puts)).filter((end) => end === null).length).toBeLessThanOrEqual(6);
    expect(await reason(backend.store.size(nameOf(1)))).toBe('EACCES');
    await backend.close();
  });

  it('has whole what was acknowledged before its keeper was killed, and counts it right', {
    timeout: 60_000,
  }, async () => {
    const limit = 200 * mib;
    const start = async (): Promise<{ child: ChildProcess; port: number }> => {
      const entry = new URL('./testing/killed-keeper.ts', import.meta.url).pathname;
      const child = spawn(process.execPath, [entry, one.directory, String(limit)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
      const { value } = await lines[Symbol.asyncIterator]().next();
      return { child, port: Number(value) };
    };
    const backendAt = (port: number) => {
      const dial = dialTcp({ host: '127.0.0.1', port });
      return createFriendBackend({ friend: 'Ben', grant, secret, dial }, 'friend:ben', realClock, { waits: [] });
    };
    const acknowledged = new Map<string, Uint8Array>();
    for (let round = 0; round < 3; round++) {
      const { child, port } = await start();
      const backend = backendAt(port);
      const first = Promise.withResolvers<void>();
      const puts = Array.from({ length: 12 }, async (_, i) => {
        const [name, bytes] = [nameOf(round * 100 + i), systemRandom(700_000 + i * 100_000)];
        await backend.store.put(name, [bytes]);
        acknowledged.set(name, bytes);
        if (i >= round * 3) first.resolve();
      });
      const ends = Promise.allSettled(puts);
      await Promise.race([first.promise, ends]);
      child.kill('SIGKILL');
      await ends;
      await backend.close();
    }
    expect(acknowledged.size).toBeGreaterThan(0);
    const store = one.open().store;
    const listed = await store.list('p/00000');
    let used = 0;
    for (const name of listed) used += chargeOf((await store.size(name)) ?? 0);
    for (const [name, bytes] of acknowledged) {
      const read = new Uint8Array(bytes.length);
      expect(await store.read(name, 0, read)).toBe(true);
      expect(Buffer.compare(read, bytes)).toBe(0);
    }
    expect(await one.room().state()).toMatchObject({ used, count: listed.length });
  });
});
