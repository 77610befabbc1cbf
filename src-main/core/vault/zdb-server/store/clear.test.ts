import { describe, expect, it } from 'vitest';
import { silentLog } from '#core/testing/silent-log.ts';
import { dataHeaderBytes, indexHeaderBytes } from '../layout/records.ts';
import { createPowerDisk, type PowerDisk } from '../testing/power-disk.ts';
import { clearPair } from './clear.ts';
import { type DataStore, openDataStore } from './data-store.ts';
import { encodeSeqKey } from './state.ts';
import { recordsOf, scanBackward, scanForward } from './walk.ts';

/*
 * Clearing away what is dead, stopped before every single step of the disk, by a kill and by a power cut: what was acknowledged
 * is there, and nothing else.
 */

type Mode = 'user' | 'seq';
const indexDirectory = '/index';
const dataDirectory = '/data';

function open(disk: PowerDisk, mode: Mode): DataStore {
  return openDataStore({
    disk,
    indexDirectory,
    dataDirectory,
    mode,
    datasize: 1200,
    sync: { kind: 'always' },
    now: () => 1_000_000,
    setTimer: () => () => {},
    log: silentLog,
  });
}

const text = (version: number): Buffer => Buffer.alloc(60 + (version % 90), `version ${version} `);
const word = (bytes: Uint8Array) => ({ length: bytes.length, parts: [bytes] });

/** What a key may hold after the next start: first what was acknowledged last; null is deleted. */
type Possible = Map<string, (number | null)[]>;

/** Store and delete so that most is dead, and clear all the while. */
async function work(store: DataStore, mode: Mode, possible: Possible): Promise<void> {
  let version = 0;
  const keys: Uint8Array[] = [];
  const acknowledge = async (name: string, value: number | null): Promise<void> => {
    await store.acknowledged();
    possible.set(name, [value]);
  };
  const put = async (key: Uint8Array | null): Promise<void> => {
    const value = ++version;
    const name = Buffer.from(key ?? encodeSeqKey(store.stats().nextId)).toString('hex');
    const done = store.put(key, key === null ? null : store.find(key), word(text(value)), 1);
    possible.set(name, [...(possible.get(name) ?? [null]), value]);
    if (done.kind !== 'stored') return;
    if (!keys.some((known) => Buffer.compare(known, done.key) === 0)) keys.push(done.key);
    await acknowledge(name, value);
  };
  const remove = async (key: Uint8Array): Promise<void> => {
    const existing = store.find(key);
    if (existing === null) return;
    const name = Buffer.from(key).toString('hex');
    possible.set(name, [...(possible.get(name) ?? [null]), null]);
    if (store.remove(key, existing, 1) === null) await acknowledge(name, null);
  };
  const nameFor = (i: number): Uint8Array | null => (mode === 'user' ? Buffer.from(`key ${i}`) : (keys[i] ?? null));
  const clear = async (): Promise<void> => {
    const stuck = new Set<number>();
    for (;;) {
      const next = store.nextToClear(0.5, stuck);
      if (next === null) return;
      if (!(await clearPair(store, next, async () => {}))) stuck.add(next.file);
    }
  };
  try {
    for (let i = 0; i < 10; i++) await put(mode === 'user' ? nameFor(i) : null);
    for (const i of [1, 2, 3, 1, 4]) await put(nameFor(i));
    await remove(nameFor(4) ?? Buffer.alloc(8));
    await Promise.all([clear(), put(nameFor(5)), remove(nameFor(1) ?? Buffer.alloc(8))]);
    for (const i of [2, 6, 7, 2]) await put(nameFor(i));
    await Promise.all([remove(nameFor(2) ?? Buffer.alloc(8)), clear()]);
  } catch {
    // Stopped: what was not acknowledged may or may not be there.
  }
}

/** @returns what is wrong with a store: values that are not what they may be, counts and walks that do not agree with them */
function faults(store: DataStore, possible: Possible): string[] {
  const wrong: string[] = [];
  let live = 0;
  let bytes = 0;
  for (const [name, values] of possible) {
    const key = Buffer.from(name, 'hex');
    const entry = store.find(key);
    let found: Uint8Array | null = null;
    if (entry !== null) {
      found = new Uint8Array(entry.length);
      if (store.read(entry, key.length, found) !== null) wrong.push(`${name} cannot be read`);
      live++;
      bytes += found.length;
    }
    const right = values.find((value) =>
      value === null ? found === null : found !== null && text(value).equals(found),
    );
    if (right === undefined) wrong.push(`${name} is ${found === null ? 'gone' : 'another value'}`);
    possible.set(name, [right ?? null]);
  }
  const { entries, liveBytes } = store.stats();
  if (entries !== live || liveBytes !== bytes) wrong.push(`${entries} keys of ${liveBytes} bytes are counted`);
  for (const walk of [scanForward, scanBackward]) {
    if (walk(store, null, 1000).length !== live) wrong.push('a walk finds other keys');
  }
  // Versions are read whole or not at all.
  for (const { id } of store.pairs()) {
    for (const { record, position } of recordsOf(store, id)) {
      const entry = store.entryOf(record, position);
      if (!store.hasData(entry)) continue;
      if (store.read(entry, record.key.length, new Uint8Array(entry.length)) !== null) wrong.push('a version is wrong');
    }
  }
  return wrong;
}

const copy = (possible: Possible): Possible => new Map(possible);

describe.each(['user', 'seq'] as const)('clearing in %s mode', (mode) => {
  it('can be stopped before every step', async () => {
    const whole = createPowerDisk();
    await work(open(whole, mode), mode, new Map());
    const steps = whole.steps();
    let seed = 1;
    const random = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    for (let stop = 1; stop <= steps + 1; stop++) {
      const disk = createPowerDisk(stop);
      const possible: Possible = new Map();
      let store: DataStore;
      try {
        store = open(disk, mode);
      } catch {
        continue;
      }
      await work(store, mode, possible);
      for (const [how, after] of [
        ['a kill', disk.afterKill()],
        ['a power cut', disk.afterPowerCut(random)],
        ['another power cut', disk.afterPowerCut(random)],
      ] as const) {
        const when = `after ${how} before step ${stop} of ${steps}`;
        const mine = copy(possible);
        const again = open(after, mode);
        expect(faults(again, mine), when).toEqual([]);
        await work(again, mode, mine);
        expect(faults(again, mine), `${when}, gone on`).toEqual([]);
        await again.close();
        const last = open(after.afterPowerCut(random), mode);
        expect(faults(last, mine), `${when}, gone on and opened again`).toEqual([]);
      }
    }
    expect(steps).toBeGreaterThan(100);
  });
});

describe('index files', () => {
  const fill = async (store: DataStore): Promise<void> => {
    for (let round = 0; round < 30; round++) {
      for (let i = 0; i < 6; i++) {
        const key = Buffer.from(`key ${i}`);
        store.put(key, store.find(key), word(text(round * 6 + i)), 1);
      }
      await store.settled();
    }
  };
  const clearAll = async (store: DataStore): Promise<void> => {
    for (let next = store.nextToClear(0.5); next !== null; next = store.nextToClear(0.5)) {
      expect(await clearPair(store, next, async () => {})).toBe(true);
    }
  };

  it('are cut down with their data in user mode, and walks begun before go on', async () => {
    const disk = createPowerDisk();
    const store = open(disk, 'user');
    await fill(store);
    const [first] = scanForward(store, null, 1);
    const [last] = scanBackward(store, null, 1);
    const old = [...recordsOf(store, 2)][3]?.position;
    const before = store.stats().onDisk;
    await clearAll(store);
    expect(store.stats().onDisk).toBeLessThan(before / 5);
    const kept = store.pairs().filter(({ indexEnd }) => indexEnd > indexHeaderBytes);
    expect(kept.length).toBeLessThan(4);
    expect(store.pairs()[2]?.indexEnd).toBe(indexHeaderBytes);
    for (const position of [first?.position, last?.position, old]) {
      expect(scanForward(store, position ?? null, 100).length).toBeLessThanOrEqual(6);
    }
    expect(scanForward(store, old ?? null, 100).length).toBe(6);
    expect(scanBackward(store, old ?? null, 100).length).toBe(0);
    await store.close();
    expect(scanForward(open(disk, 'user'), null, 100).length).toBe(6);
  });

  it('and data files are left where there is no room to write again what counts, until there is', async () => {
    const disk = createPowerDisk();
    let full = false;
    const store = open(
      {
        ...disk,
        write(file, parts, position) {
          if (full) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
          disk.write(file, parts, position);
        },
      },
      'user',
    );
    // One key of the first file counts, so that it has to be moved.
    store.put(Buffer.from('kept'), null, word(text(7)), 1);
    await fill(store);
    await store.settledMarks();
    full = true;
    const before = store.stats();
    const stuck = new Set<number>();
    for (let next = store.nextToClear(0.5, stuck); next !== null; next = store.nextToClear(0.5, stuck)) {
      if (!(await clearPair(store, next, async () => {}))) stuck.add(next.file);
    }
    // What is wholly dead needs no room; the first file and the last full one hold something that counts.
    expect([...stuck]).toContain(0);
    expect(stuck.size).toBeLessThan(3);
    expect(store.stats().onDisk).toBeLessThan(before.onDisk / 4);
    full = false;
    await clearAll(store);
    const again = open(disk.afterKill(), 'user');
    const entry = again.find(Buffer.from('kept'));
    const value = new Uint8Array(entry?.length ?? 0);
    expect(entry !== null && again.read(entry, 4, value)).toBe(null);
    expect(text(7).equals(value)).toBe(true);
    expect(again.pairs()[0]?.dataEnd).toBe(dataHeaderBytes);
  });

  it('stay where an old version of a deleted key would come back', async () => {
    const disk = createPowerDisk();
    let refuse = false;
    const store = open(
      {
        ...disk,
        write(file, parts, position) {
          // Marks are single bytes.
          if (refuse && parts[0]?.length === 1) throw Object.assign(new Error('EIO'), { code: 'EIO' });
          disk.write(file, parts, position);
        },
      },
      'user',
    );
    refuse = true;
    await fill(store);
    const next = store.nextToClear(0.5);
    expect(next?.what).toBe('data');
    if (next !== null) expect(await clearPair(store, next, async () => {})).toBe(false);
    expect(store.pairs()[next?.file ?? 0]?.indexEnd).toBeGreaterThan(indexHeaderBytes);
    refuse = false;
    await clearAll(store);
    expect(store.pairs()[0]?.indexEnd).toBe(indexHeaderBytes);
  });
});
