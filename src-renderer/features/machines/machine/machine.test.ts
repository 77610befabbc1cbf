import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Metrics, machineStateSchema, snapshotSchema } from '#shared/contract/machines.ts';
import { sparkPath } from '../../../ui/spark-path.ts';
import { branchOf, suggestSnapshotName } from '../snapshots/branch.ts';
import { addSample, keptSamples, pointsOf } from '../use/history.ts';
import { actionsIn, isAlive } from './actions.ts';
import { calledBy } from './address.ts';

const sample = (at: number, n = at): Metrics => ({
  at,
  cpuSeconds: n / 1000,
  cpu: 0.5,
  memory: 1,
  guestMemory: null,
  diskRead: n,
  diskWritten: 0,
  netReceived: 0,
  netSent: 2 * n,
  mesh: null,
});

describe('a machine', () => {
  it('can be switched off in every state that has a process, and started in every other', () => {
    for (const state of machineStateSchema.options) {
      if (state === 'preparing') continue;
      expect(actionsIn(state).includes('forceOff')).toBe(isAlive(state));
      expect(actionsIn(state).includes('start')).toBe(!isAlive(state));
    }
  });

  it('keeps five minutes of use, without repeats, and begins anew after a restart', () => {
    let history: readonly Metrics[] = [];
    for (let i = 1; i <= 400; i += 1) history = addSample(history, sample(i * 1000));
    expect(history).toHaveLength(keptSamples);
    expect(addSample(history, sample(400_000))).toBe(history);
    expect(addSample(history, sample(401_000, 5))).toHaveLength(1);
  });

  it('turns counters into rates', () => {
    const points = pointsOf([sample(1000), sample(3000)]);
    expect(points).toMatchObject([{ diskRead: 1000, netSent: 2000, diskWritten: 0 }]);
    expect(pointsOf([sample(1)])).toEqual([]);
  });

  it('draws a sparkline inside its box', () => {
    const values = fc.array(fc.double({ min: 0, max: 1e12, noNaN: true }), { minLength: 2, maxLength: 100 });
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1e9, noNaN: true }), (list, top) => {
        for (const [, x, y] of sparkPath(list, top, 80, 20, 40).matchAll(/[ML]([\d.-]+) ([\d.-]+)/g)) {
          expect(Number(x)).toBeGreaterThanOrEqual(-0.1);
          expect(Number(x)).toBeLessThanOrEqual(80.1);
          expect(Number(y)).toBeGreaterThanOrEqual(0);
          expect(Number(y)).toBeLessThanOrEqual(20);
        }
      }),
    );
  });

  it('lists snapshots newest first under now, and suggests a name that is free and allowed', () => {
    const snap = (name: string, at: number) => ({ name, at, memory: false, size: 1 });
    expect(branchOf([snap('a', 1), snap('b', 2)]).map((p) => p.key)).toEqual(['now', 's-b', 's-a']);
    const now = new Date(2026, 10, 22, 18, 30);
    const first = suggestSnapshotName(now, []);
    const second = suggestSnapshotName(now, [first]);
    expect(second).not.toBe(first);
    for (const name of [first, second]) expect(snapshotSchema.shape.name.safeParse(name).success).toBe(true);
  });
});

describe('a machine in a call', () => {
  it('goes by its name, unless that could be the id of another', () => {
    expect(calledBy({ id: 'sudrsi2bo4zs', spec: { name: 'web-1' } })).toBe('web-1');
    expect(calledBy({ id: 'sudrsi2bo4zs', spec: { name: 'abcdefgh2345' } })).toBe('sudrsi2bo4zs');
  });
});
