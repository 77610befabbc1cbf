import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { noise, testContext } from '../testing/harness.ts';
import { betterMove } from './spread.ts';
import { type Ground, openGround, tallied } from './testing/ground.ts';

const MiB = 1024 * 1024;
const place = (id: string, device: string, owner = '') => ({ id, device, owner, site: '', weight: 1, free: null });

describe('which piece is moved', () => {
  it('is one off the device that holds most, to one that holds none', () => {
    const held = [0, 1, 2].map((idx) => ({ ...place(`p${idx}`, idx === 2 ? 'b' : 'a'), idx }));
    expect(betterMove(held, [place('q', 'c')], () => 0)).toMatchObject({ to: 'q' });
    const even = [0, 1, 2].map((idx) => ({ ...place(`p${idx}`, `d${idx}`), idx }));
    expect(betterMove(even, [place('q', 'c')], () => 0)).toBeNull();
  });

  it('is one of the fullest place where devices are even, if it is fuller by enough', () => {
    const held = [0, 1, 2].map((idx) => ({ ...place(`p${idx}`, `d${idx}`), idx }));
    const filled = (id: string): number => (id === 'p1' ? 900 * MiB : id === 'q' ? 0 : 300 * MiB);
    expect(betterMove(held, [place('q', 'c')], filled)).toEqual({ idx: 1, to: 'q' });
    expect(betterMove(held, [place('q', 'd0')], filled)).toEqual({ idx: 0, to: 'q' });
  });

  it('never puts more on the fullest device or person than before, and comes to an end', () => {
    const arb = fc.record({
      places: fc.array(fc.record({ device: fc.nat(4), owner: fc.nat(2), filled: fc.nat(2000) }), {
        minLength: 2,
        maxLength: 9,
      }),
      count: fc.integer({ min: 1, max: 6 }),
    });
    fc.assert(
      fc.property(arb, ({ places, count }) => {
        const all = places.map((one, i) => place(`p${i}`, `d${one.device}`, one.owner === 0 ? '' : `o${one.owner}`));
        const filled = new Map(all.map(({ id }, i) => [id, (places[i]?.filled ?? 0) * MiB]));
        let held = all.slice(0, count).map((one, idx) => ({ ...one, idx }));
        const most = (): number =>
          Math.max(...held.map((one) => held.filter((other) => other.device === one.device).length));
        for (let step = 0; ; step++) {
          expect(step).toBeLessThan(500);
          const free = all.filter(({ id }) => !held.some((one) => one.id === id));
          const move = betterMove(held, free, (id) => filled.get(id) ?? 0);
          if (!move) break;
          const before = most();
          const to = all.find(({ id }) => id === move.to);
          const from = held.find(({ idx }) => idx === move.idx);
          if (!to || !from) throw new Error('no such place');
          held = held.map((one) => (one.idx === move.idx ? { ...to, idx: one.idx } : one));
          filled.set(from.id, (filled.get(from.id) ?? 0) - 40 * MiB);
          filled.set(to.id, (filled.get(to.id) ?? 0) + 40 * MiB);
          expect(most()).toBeLessThanOrEqual(before);
        }
      }),
    );
  });
});

describe('after a place was added', () => {
  let g: Ground;
  afterEach(async () => {
    await g.close();
  });

  it('pieces move there from the device that holds too many, slowly, also over a restart, and nothing is lost', async () => {
    g = await openGround();
    await g.setUp(2, 1, 3);
    for (let i = 0; i < 6; i++) await g.put(`f${i}`, noise(2_000_000, 2 * i + 1));
    await g.tend(1);
    expect((await g.upkeep()).counts.moved).toBe(0);
    // A server is another device: of the three pieces on this disk one goes there.
    await g.addServer(1);
    await g.tend(2, 10_000);
    await g.bench.restart();
    await g.status();
    await g.tend(40);
    const { counts, spreading } = await g.upkeep();
    expect(counts.moved).toBe(6);
    expect(spreading).toBe(false);
    expect(g.keys(1)).toHaveLength(6);
    expect(await g.status()).toMatchObject({ missingShards: 0 });
    await g.readAll();
    expect(g.tally).toMatchObject({ lost: 0, wrong: 0 });
    expect(await g.verify()).toMatchObject({ missing: 0, corrupt: 0 });
    // Those that moved left nothing behind.
    const left = await Promise.all([1, 2, 3].map((n) => g.shards(n)));
    expect(left.flat()).toHaveLength(12);
    console.log(`upkeep, spread: ${tallied(g.tally)}`);
  });

  it('nothing moves when that was switched off', async () => {
    g = await openGround();
    await g.setUp(2, 1, 3);
    await g.fill(1);
    await g.h()['vault.configureUpkeep']({ spread: false }, testContext());
    await g.tend(1);
    await g.addServer(1);
    await g.tend(30);
    expect((await g.upkeep()).counts.moved).toBe(0);
  });
});
