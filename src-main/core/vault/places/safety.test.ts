import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, choosePlaces, devicesSurvived, type PackSpread, packSafety } from './safety.ts';

/** The oracle: try every subset of devices. */
function bruteForce(pack: PackSpread): number {
  const devices = pack.perDevice.map((n, i) => ({ n, i })).filter((d) => d.n > 0);
  const readable = (lost: number): boolean =>
    devices.filter((_, bit) => (lost & (1 << bit)) === 0).reduce((s, d) => s + d.n, 0) >= pack.k;
  if (!readable(0)) return -1;
  for (let t = 1; t <= devices.length; t++) {
    for (let lost = 0; lost < 1 << devices.length; lost++) {
      if (lost.toString(2).split('1').length - 1 === t && !readable(lost)) return t - 1;
    }
  }
  return devices.length;
}

const spread = fc.record({ k: fc.integer({ min: 1, max: 8 }), m: fc.integer({ min: 0, max: 6 }) }).chain(({ k, m }) =>
  fc.array(fc.nat(7), { minLength: k, maxLength: k + m }).map((devices) => ({
    k,
    m,
    perDevice: Array.from({ length: 8 }, (_, d) => devices.filter((x) => x === d).length),
    perOther: [],
  })),
);

describe('safety over devices', () => {
  it('equals trying every subset of devices', () => {
    fc.assert(
      fc.property(spread, (pack) => {
        expect(devicesSurvived(pack)).toBe(bruteForce(pack));
      }),
      { numRuns: 500 },
    );
  });

  it('says "only here" for any k+m on one device, and for two devices that are both needed', () => {
    expect(packSafety({ k: 4, m: 2, perDevice: [6], perOther: [] })).toBe('only-here');
    expect(packSafety({ k: 1, m: 5, perDevice: [6], perOther: [] })).toBe('only-here');
    expect(packSafety({ k: 4, m: 2, perDevice: [3, 3], perOther: [] })).toBe('only-here');
    expect(packSafety({ k: 4, m: 2, perDevice: [2, 2, 2], perOther: [] })).toBe('safe');
    expect(packSafety({ k: 4, m: 2, perDevice: [1, 1, 1, 1, 1], perOther: [] })).toBe('at-risk');
    expect(packSafety({ k: 4, m: 2, perDevice: [3], perOther: [] })).toBe('damaged');
  });

  it('never calls safe what one lost device would take', () => {
    fc.assert(
      fc.property(spread, (pack) => {
        if (packSafety(pack) === 'safe') expect(bruteForce(pack)).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  it('chooses places evenly over devices, never one twice', () => {
    const places = fc.uniqueArray(
      fc.record({
        id: fc.string({ minLength: 1, maxLength: 3 }),
        device: fc.constantFrom('a', 'b', 'c'),
        owner: fc.constantFrom('', 'Ann'),
        site: fc.constantFrom('', 'home', 'office'),
        weight: fc.integer({ min: 1, max: 100 }),
        free: fc.option(fc.nat(2 ** 31)),
      }),
      { selector: (p) => p.id, maxLength: 12 },
    );
    fc.assert(
      fc.property(places, fc.integer({ min: 1, max: 12 }), (all, n) => {
        const chosen = choosePlaces(all, n);
        expect(chosen.length).toBe(n);
        const real = chosen.filter((p) => p !== null);
        expect(new Set(real.map((p) => p.id)).size).toBe(real.length);
        expect(real.length).toBe(Math.min(n, all.length));
        const load = (d: string): number => real.filter((p) => p.device === d).length;
        const room = (d: string): number => all.filter((p) => p.device === d).length;
        for (const x of ['a', 'b', 'c']) {
          for (const y of ['a', 'b', 'c']) if (load(x) < room(x)) expect(load(y)).toBeLessThanOrEqual(load(x) + 1);
        }
      }),
    );
  });

  it('never calls safe what one other person could take along', () => {
    expect(packSafety({ k: 2, m: 2, perDevice: [1, 1, 1, 1], perOther: [2] })).toBe('safe');
    expect(packSafety({ k: 2, m: 2, perDevice: [1, 1, 1, 1], perOther: [3] })).toBe('only-here');
  });

  const at = (id: string, more: Partial<Candidate> = {}): Candidate => ({
    id,
    device: id,
    owner: '',
    site: '',
    weight: 1,
    free: 2 ** 30,
    ...more,
  });
  const ids = (chosen: readonly (Candidate | null)[]) => chosen.map((p) => p?.id);

  it('spreads over people and sites where devices leave a choice', () => {
    const home = [at('a', { site: 'home' }), at('b', { site: 'home' }), at('c', { site: 'home' })];
    expect(ids(choosePlaces([...home, at('d', { site: 'office' })], 2))).toEqual(['a', 'd']);
    expect(ids(choosePlaces([...home, at('z', { owner: 'Ann', site: 'home' })], 2))).toEqual(['a', 'z']);
  });

  it('prefers room times weight', () => {
    expect(ids(choosePlaces([at('a'), at('b', { weight: 3 })], 1))).toEqual(['b']);
    expect(ids(choosePlaces([at('a', { free: 4 * 2 ** 30 }), at('b', { weight: 3 })], 1))).toEqual(['a']);
    expect(ids(choosePlaces([at('a'), at('b', { free: null })], 1))).toEqual(['b']);
  });
});
