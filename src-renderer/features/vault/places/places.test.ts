import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlaceId } from '#shared/model/ids.ts';
import { layoutMap } from './map-geometry.ts';
import { type WhatIfPlace, type WhatIfStatus, whatIf } from './what-if.ts';

const place = (n: number, device = 'disk', health: WhatIfPlace['health'] = 'ok'): WhatIfPlace => ({
  id: `p${n}` as PlaceId,
  device,
  health,
});
const six = [0, 1, 2, 3, 4, 5].map((n) => place(n));
const status: WhatIfStatus = {
  profile: { k: 4, m: 2 },
  survivesPlaces: 2,
  survivesDevices: 0,
  damaged: 0,
  files: 9,
};
const away = (...n: number[]) => new Set(n.map((i) => `p${i}`));

describe('what if places were gone', () => {
  it('promises every file up to the number the core counted, and none below k', () => {
    expect(whatIf(six, status, away())).toMatchObject({ reads: 'all', gone: 0, spare: 2 });
    expect(whatIf(six, status, away(0, 5))).toMatchObject({ reads: 'all', gone: 2, left: 4, spare: 0 });
    expect(whatIf(six, status, away(0, 1, 2))).toMatchObject({ reads: 'none', left: 3 });
  });

  it('says "not every file" between what is sure and what is not', () => {
    const eight = [...six, place(6), place(7)];
    expect(whatIf(eight, status, away(0, 1, 2))).toMatchObject({ reads: 'some', left: 5 });
  });

  it('does not count places that hold nothing any more', () => {
    const hurt = [place(0, 'disk', 'missing'), ...six.slice(1)];
    const less = { ...status, survivesPlaces: 1 };
    expect(whatIf(hurt, less, away(0))).toMatchObject({ reads: 'all', gone: 0 });
    expect(whatIf(hurt, less, away(0, 1))).toMatchObject({ reads: 'all', gone: 1, left: 4 });
    expect(whatIf(hurt, less, away(1, 2)).reads).not.toBe('all');
  });

  it('trusts the count over devices when whole devices go', () => {
    const three = six.map((p, i) => ({ ...p, device: `d${Math.floor(i / 2)}` }));
    const over = { ...status, survivesPlaces: 2, survivesDevices: 1 };
    expect(whatIf(three, over, away(0, 1))).toMatchObject({ reads: 'all', devicesGone: 1 });
    expect(whatIf(three, over, away(0, 2))).toMatchObject({ reads: 'all', devicesGone: 0 });
    expect(whatIf(three, over, away(0, 1, 2, 3))).toMatchObject({ reads: 'none', devicesGone: 2 });
  });

  it('never promises more when more is gone', () => {
    const rank = { none: 0, some: 1, all: 2 };
    const n = fc.integer({ min: 0, max: 7 });
    fc.assert(
      fc.property(fc.array(n), n, fc.integer({ min: 0, max: 4 }), (gone, more, survives) => {
        const eight = [...six, place(6), place(7)];
        const s = { ...status, survivesPlaces: survives };
        const before = whatIf(eight, s, away(...gone));
        const after = whatIf(eight, s, away(...gone, more));
        expect(rank[after.reads]).toBeLessThanOrEqual(rank[before.reads]);
      }),
    );
  });
});

describe('the durability map', () => {
  const places = fc.array(
    fc.record({ device: fc.constantFrom('a', 'b', 'c'), used: fc.nat(), deviceName: fc.string() }),
    { minLength: 1, maxLength: 30 },
  );
  it('has a disc for every place, inside its group, and none over another', () => {
    fc.assert(
      fc.property(places, fc.integer({ min: 200, max: 1600 }), (list, width) => {
        const map = layoutMap(
          list.map((p, i) => ({ ...p, id: `p${i}` as PlaceId })),
          width,
        );
        const discs = map.groups.flatMap((g) => g.discs);
        expect(discs).toHaveLength(list.length);
        for (const group of map.groups) {
          expect(group.x + group.width).toBeLessThanOrEqual(map.width + 0.001);
          expect(group.y + group.height).toBeLessThanOrEqual(map.height + 0.001);
          for (const d of group.discs) {
            expect(d.x - d.r).toBeGreaterThanOrEqual(group.x);
            expect(d.x + d.r).toBeLessThanOrEqual(group.x + group.width);
            expect(d.y + d.r).toBeLessThanOrEqual(group.y + group.height);
            expect(d.r).toBeGreaterThanOrEqual(12);
          }
        }
        for (const [i, a] of discs.entries()) {
          for (const b of discs.slice(i + 1)) {
            expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(a.r + b.r);
          }
        }
      }),
    );
  });
});
