import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toHex } from '#core/crypto/encoding.ts';
import { seededRandom } from '#core/testing/fake-host.ts';
import type { PlaceIdentity } from '../format/place-identity.ts';
import type { ShardStore } from '../ports.ts';
import type { PlaceBackend } from './backend.ts';
import { isFull } from './places.ts';

/** Fresh, empty ground for one place of the kind under test, and what a test may do to it. */
export interface Ground {
  /** A backend on it with connections of its own; each call another. The suite closes them. */
  open(): Promise<PlaceBackend> | PlaceBackend;
  /** Let something lie there that no Hypha wrote. */
  litter?(): Promise<void>;
  /** Put these bytes where the mark of a place belongs. */
  scrawl?(bytes: Uint8Array): Promise<void>;
  /** From now on nothing of a MiB or more can be stored, until `makeRoom`. */
  fill?(): Promise<void>;
  makeRoom?(): Promise<void>;
  /** Break every connection there is now; new ones are taken. */
  cut?(): void | Promise<void>;
  end(): Promise<void>;
}

export interface Conformance {
  readonly prepare: () => Promise<Ground>;
  /** Why these tests are left out where they run; printed. */
  readonly skip?: string | undefined;
}

const identityOf = (place: string): PlaceIdentity => ({
  format: 'hypha-vault-place',
  version: 1,
  vault: '00112233445566778899aabbccddeeff',
  place,
  check: 'ffeeddccbbaa99887766554433221100',
  k: 4,
  m: 2,
  createdAt: 1_795_000_000_000,
});

const random = seededRandom(4);
const nameIn = (directory: string, index = 0): string =>
  `${directory}/${toHex(random(16))}.${String(index).padStart(2, '0')}`;

/** Bytes that tell where they are: no two ranges of 8 are alike, and none is like that of another `salt`. */
function bytesOf(length: number, salt = 1): Uint8Array {
  const out = new Uint8Array(Math.ceil(length / 8) * 8);
  const words = new Uint32Array(out.buffer);
  for (let i = 0; i < words.length; i += 2) {
    words[i] = i;
    words[i + 1] = Math.imul(salt, 0x9e3779b1) ^ i;
  }
  return out.subarray(0, length);
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

async function readAll(store: ShardStore, name: string): Promise<Uint8Array | null> {
  const size = await store.size(name);
  if (size === null) return null;
  const bytes = new Uint8Array(size);
  return (await store.read(name, 0, bytes)) ? bytes : null;
}

/** Up to the largest shard there is, 24 MiB of a pack with one piece, and around the borders where stores cut. */
const lengths = [1, 80, 4096, 65_535, 65_537, 262_144, 262_241, 1_048_576, 2_097_249, 8_388_608, 8_388_609, 25_165_920];

/**
 * One suite for what every kind of place promises: {@link PlaceBackend} and the {@link ShardStore} in it. The kinds only say how to
 * make ground for a place, and how to fill and cut it.
 */
export function backendConformance(kind: string, { prepare, skip }: Conformance): void {
  if (skip !== undefined) console.log(`skipped: a place of kind ${kind}: ${skip}`);
  describe.skipIf(skip !== undefined)(`a place of kind ${kind}`, () => {
    let ground: Ground;
    let opened: PlaceBackend[] = [];
    const open = async (): Promise<PlaceBackend> => {
      const backend = await ground.open();
      opened.push(backend);
      return backend;
    };
    const openStore = async (): Promise<ShardStore> => {
      const backend = await open();
      await backend.claim(identityOf('one'));
      return backend.store;
    };
    beforeEach(async () => {
      ground = await prepare();
      opened = [];
    });
    afterEach(async () => {
      await Promise.all(opened.map((backend) => backend.close()));
      await ground.end();
    });

    describe('its mark', () => {
      it('is written where there is none, seen by all, and only this very one counts', async () => {
        const [one, two] = [await open(), await open()];
        const before = await one.inspect();
        expect(['empty', 'absent']).toContain(before.kind);
        expect(before.identity).toBeNull();
        expect(await one.isMarked(identityOf('one').vault, 'one')).toBe(false);
        expect(await one.claim(identityOf('one'))).toBe(true);
        for (const backend of [one, two]) {
          const seen = await backend.inspect();
          expect(seen).toMatchObject({ kind: 'place', identity: identityOf('one'), writable: true });
          expect(seen.device).not.toBe('');
          if (seen.free !== null) expect(seen.free).toBeGreaterThan(0);
          expect(await backend.isMarked(identityOf('one').vault, 'one')).toBe(true);
          expect(await backend.isMarked(identityOf('one').vault, 'two')).toBe(false);
          expect(await backend.isMarked('0'.repeat(32), 'one')).toBe(false);
        }
      });

      it('is never replaced by another, and claiming one’s own again is fine', async () => {
        const backend = await open();
        expect(await backend.claim(identityOf('one'))).toBe(true);
        expect(await backend.claim(identityOf('two'))).toBe(false);
        expect(await backend.claim(identityOf('one'))).toBe(true);
        expect((await backend.inspect()).identity?.place).toBe('one');
      });

      it('is got by exactly one of many who claim at once', async () => {
        for (let round = 0; round < 5; round++) {
          const backends = await Promise.all(Array.from({ length: 5 }, open));
          const won = await Promise.all(backends.map((backend, i) => backend.claim(identityOf(`n${i}`))));
          expect(won.filter(Boolean)).toHaveLength(1);
          const winner = `n${won.indexOf(true)}`;
          for (const backend of backends) expect((await backend.inspect()).identity?.place).toBe(winner);
          await backends[0]?.unclaim(identityOf('x').vault, winner);
        }
      });

      it('is removed by its own place only', async () => {
        const backend = await open();
        await backend.claim(identityOf('one'));
        await backend.unclaim(identityOf('one').vault, 'two');
        await backend.unclaim('0'.repeat(32), 'one');
        expect((await backend.inspect()).kind).toBe('place');
        await backend.unclaim(identityOf('one').vault, 'one');
        expect(['empty', 'absent']).toContain((await backend.inspect()).kind);
        expect(await backend.isMarked(identityOf('one').vault, 'one')).toBe(false);
      });

      it('says what else lies there', async (context) => {
        if (!ground.litter) return context.skip();
        await ground.litter();
        const seen = await (await open()).inspect();
        expect(seen).toMatchObject({ kind: 'unmarked', identity: null });
      });

      it.each([
        'no mark',
        '{}',
        '',
        JSON.stringify({ ...identityOf('one'), version: 2 }),
        JSON.stringify({ ...identityOf('one'), place: 'x'.repeat(65) }),
      ])('says that it is damaged: %j', async (text) => {
        if (!ground.scrawl) return;
        await ground.scrawl(Buffer.from(text));
        const backend = await open();
        expect(await backend.inspect()).toMatchObject({ kind: 'bad-mark', identity: null });
        expect(await backend.isMarked(identityOf('one').vault, 'one')).toBe(false);
        expect(await backend.claim(identityOf('one'))).toBe(false);
      });
    });

    describe('its store', () => {
      it.each(lengths)('gives back %i bytes, whole and in ranges', async (length) => {
        const store = await openStore();
        const name = nameIn('p/00000');
        const bytes = bytesOf(length);
        const head = bytes.slice(0, Math.min(80, length - 1));
        await store.put(name, head.length === 0 ? [bytes] : [head, bytes.subarray(head.length)]);
        await store.settle();
        expect(await store.size(name)).toBe(length);
        expect(same((await readAll(store, name)) ?? head, bytes)).toBe(true);
        const ranges: [number, number][] = [
          [0, Math.min(80, length)],
          [length - 1, 1],
          [Math.floor(length / 2), Math.ceil(length / 2) % 5000],
          [Math.max(0, length - 300_000), Math.min(length, 300_000)],
          ...[65_536, 262_144, 524_288, 1_048_576, 8_388_608].map((at): [number, number] => [at - 3, 7]),
        ];
        for (const [offset, wanted] of ranges) {
          const target = new Uint8Array(wanted);
          const there = offset + wanted <= length;
          expect(await store.read(name, offset, target)).toBe(there);
          if (there) expect(same(target, bytes.subarray(offset, offset + wanted))).toBe(true);
        }
        expect(await store.read(name, length, new Uint8Array(1))).toBe(false);
        expect(await store.read(name, length - 1, new Uint8Array(2))).toBe(false);
        expect(await store.read(name, length + 10_000_000, new Uint8Array(1))).toBe(false);
      });

      it('has nothing under a name that was never written', async () => {
        const store = await openStore();
        expect(await store.size(nameIn('c'))).toBeNull();
        expect(await store.read(nameIn('c'), 0, new Uint8Array(1))).toBe(false);
        expect(await store.list('c')).toEqual([]);
        expect(await store.list('p')).toEqual([]);
        await store.remove(nameIn('c'));
        await store.settle();
      });

      it('replaces what a name had, longer or shorter or the same', async () => {
        const store = await openStore();
        const name = nameIn('c');
        for (const [i, length] of [3_000_000, 100, 9_000_000, 9_000_000, 1_048_576, 1_048_576, 5].entries()) {
          const bytes = bytesOf(length, i % 2);
          await store.put(name, [bytes]);
          expect(await store.size(name)).toBe(length);
          expect(same((await readAll(store, name)) ?? new Uint8Array(0), bytes)).toBe(true);
          expect(await store.list('c')).toEqual([name]);
        }
        const bytes = bytesOf(700_000, 9);
        await store.put(name, [bytes]);
        await store.put(name, [bytes]);
        expect(same((await readAll(store, name)) ?? new Uint8Array(0), bytes)).toBe(true);
      });

      it('says once when the parts may be used for something else, and keeps what they were', async () => {
        const store = await openStore();
        for (const length of [500, 3_000_000]) {
          const bytes = bytesOf(length);
          const lent = [bytes.slice(0, 80), bytes.slice(80)];
          const name = nameIn('p/00000');
          let taken = 0;
          await store.put(name, lent, () => {
            taken++;
            for (const part of lent) part.fill(0xee);
          });
          expect(taken).toBe(1);
          expect(same((await readAll(store, name)) ?? new Uint8Array(0), bytes)).toBe(true);
        }
      });

      it('forgets what is removed', async () => {
        const store = await openStore();
        const [gone, kept] = [nameIn('p/00000'), nameIn('p/00000')];
        for (const length of [10, 3_000_000]) {
          await store.put(gone, [bytesOf(length)]);
          await store.put(kept, [bytesOf(length)]);
          await store.remove(gone);
          await store.settle();
          expect(await store.size(gone)).toBeNull();
          expect(await store.read(gone, 0, new Uint8Array(1))).toBe(false);
          expect(await store.list('p/00000')).toEqual([kept]);
          await store.remove(gone);
        }
      });

      it('lists names by directory, and directories, also what another wrote and removed meanwhile', async () => {
        const [one, two] = [await openStore(), await openStore()];
        const names = {
          c: [nameIn('c', 1), nameIn('c', 2)],
          'p/00000': Array.from({ length: 40 }, (_, i) => nameIn('p/00000', i)),
          'p/00001': [nameIn('p/00001')],
          'p/100000': [nameIn('p/100000')],
        };
        await Promise.all(Object.values(names).flatMap((list) => list.map((name) => one.put(name, [bytesOf(100)]))));
        await one.settle();
        const check = async (): Promise<void> => {
          for (const store of [one, two]) {
            for (const [directory, list] of Object.entries(names)) {
              expect((await store.list(directory)).sort()).toEqual([...list].sort());
            }
            expect((await store.list('p')).sort()).toEqual(['p/00000', 'p/00001', 'p/100000']);
            expect(await store.list('p/0000')).toEqual([]);
          }
        };
        await check();
        const late = nameIn('c', 3);
        await two.put(late, [bytesOf(100)]);
        await two.settle();
        names.c.push(late);
        await check();
        await two.remove(names['p/00000'].pop() ?? '');
        await two.put(names['p/00000'][0] ?? '', [bytesOf(200)]);
        await two.settle();
        await check();
      });

      it('holds many at once and keeps them apart', async () => {
        const store = await openStore();
        const all = Array.from({ length: 60 }, (_, i) => ({
          name: nameIn('p/00000', i),
          bytes: bytesOf(i * 20_000 + 1, i),
        }));
        await Promise.all(all.map(({ name, bytes }) => store.put(name, [bytes.subarray(0, 1), bytes.subarray(1)])));
        await store.settle();
        const read = await Promise.all(all.map(({ name }) => readAll(store, name)));
        expect(read.map((bytes, i) => bytes !== null && same(bytes, all[i]?.bytes ?? bytes.subarray(1)))).toEqual(
          all.map(() => true),
        );
      });

      it('does what a plain map would, whatever is asked of it', async () => {
        const store = await openStore();
        const names = [nameIn('c'), nameIn('c'), nameIn('p/00000'), nameIn('p/00001')];
        const size = fc.oneof(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 2_500_000 }));
        const step = fc.record({ what: fc.constantFrom('put', 'put', 'remove', 'read', 'list'), at: fc.nat(3), size });
        await fc.assert(
          fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
            const model = new Map<string, Uint8Array>();
            for (const name of names) await store.remove(name);
            for (const [i, { what, at, size: length }] of steps.entries()) {
              const name = names[at] ?? '';
              const expected = model.get(name);
              if (what === 'put') {
                const bytes = bytesOf(length, i);
                model.set(name, bytes);
                await store.put(name, [bytes]);
              } else if (what === 'remove') {
                model.delete(name);
                await store.remove(name);
              } else if (what === 'read') {
                expect(await store.size(name)).toBe(expected?.length ?? null);
                const target = new Uint8Array(Math.min(length, 1000));
                const offset = Math.max(0, length - 1000);
                const there = expected !== undefined && offset + target.length <= expected.length;
                expect(await store.read(name, offset, target)).toBe(there);
                if (there) expect(same(target, expected.subarray(offset, offset + target.length))).toBe(true);
              } else {
                const inC = [...model.keys()].filter((key) => key.startsWith('c/'));
                expect((await store.list('c')).sort()).toEqual(inC.sort());
              }
            }
          }),
          { numRuns: 15 },
        );
      });
    });

    describe('when something goes wrong', () => {
      /** What a name may have after a write that nobody knows the end of: nothing, or one of these, whole. */
      const expectWhole = async (store: ShardStore, name: string, allowed: readonly Uint8Array[]): Promise<void> => {
        const bytes = await readAll(store, name);
        if (bytes !== null) expect(allowed.some((one) => same(one, bytes))).toBe(true);
        const listed = (await store.list('p/00000')).includes(name);
        expect(listed).toBe(bytes !== null);
      };

      it('ends what is under way when it is closed, and leaves no half', async () => {
        const backend = await open();
        await backend.claim(identityOf('one'));
        const names = Array.from({ length: 8 }, (_, i) => nameIn('p/00000', i));
        const bytes = names.map((_, i) => bytesOf(3_000_000, i));
        const puts = names.map((name, i) => backend.store.put(name, [bytes[i] ?? new Uint8Array(0)]));
        const ends = Promise.allSettled(puts);
        await Promise.race(puts).catch(() => {});
        await backend.close();
        const done = await ends;
        const { store } = await open();
        for (const [i, name] of names.entries()) {
          await expectWhole(store, name, bytes.slice(i, i + 1));
          if (done[i]?.status === 'fulfilled') expect(await store.size(name)).toBe(3_000_000);
        }
      });

      it('shows no half and no mix of old and new where connections are cut, and works again at the next call', async (context) => {
        if (!ground.cut) return context.skip();
        const store = await openStore();
        const old = bytesOf(2_800_000, 1);
        const fresh = bytesOf(3_100_000, 2);
        for (let round = 0; round < 3; round++) {
          const names = Array.from({ length: 3 }, (_, i) => nameIn('p/00000', i));
          await Promise.all(names.map((name) => store.put(name, [old])));
          const puts = names.map((name) => store.put(name, [fresh]));
          const ends = Promise.allSettled(puts);
          if (round % 2 === 0) await Promise.race(puts).catch(() => {});
          for (let turn = 0; turn < round; turn++) await new Promise(setImmediate);
          await ground.cut();
          const done = await ends;
          // The first call after a cut may be the one that notices.
          await store.size(names[0] ?? '').catch(() => {});
          for (const [i, name] of names.entries()) {
            expect(await store.size(name)).not.toBeNull();
            await expectWhole(store, name, done[i]?.status === 'fulfilled' ? [fresh] : [old, fresh]);
            await store.put(name, [fresh]);
            await expectWhole(store, name, [fresh]);
            await store.remove(name);
          }
        }
        // What was being written may be left, under a name that says so.
        expect((await store.list('p/00000')).filter((name) => !name.endsWith('.part'))).toEqual([]);
      });

      it('says so when it is full, keeps what it has, can still delete, and takes more when there is room', async (context) => {
        if (!ground.fill || !ground.makeRoom) return context.skip();
        const store = await openStore();
        const kept = nameIn('p/00000');
        await store.put(kept, [bytesOf(1_500_000, 1)]);
        await store.settle();
        await ground.fill();
        const refused = nameIn('p/00000', 1);
        const error = await store.put(refused, [bytesOf(3_000_000, 2)]).then(
          () => null,
          (reason: unknown) => reason,
        );
        expect(isFull(error)).toBe(true);
        await expectWhole(store, refused, []);
        await expectWhole(store, kept, [bytesOf(1_500_000, 1)]);
        const replacing = await store.put(kept, [bytesOf(4_000_000, 3)]).then(
          () => null,
          (reason: unknown) => reason,
        );
        expect(isFull(replacing)).toBe(true);
        await expectWhole(store, kept, [bytesOf(1_500_000, 1)]);
        await store.remove(kept);
        expect(await store.size(kept)).toBeNull();
        await ground.makeRoom();
        await store.put(refused, [bytesOf(3_000_000, 2)]);
        expect(same((await readAll(store, refused)) ?? new Uint8Array(0), bytesOf(3_000_000, 2))).toBe(true);
        expect((await store.list('p/00000')).filter((name) => !name.endsWith('.part'))).toEqual([refused]);
      });
    });
  });
}
