import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Forwarding } from '../router/effects.ts';
import { bytes } from '../testing/arbitraries.ts';
import { contains, type Prefix, prefixOf } from '../wire/prefix.ts';
import { routerIdOf } from '../wire/router-id.ts';
import { createForwardingTable } from './forwarding-table.ts';

const route = (peer: number): Forwarding => ({ state: 'route', peer, routerId: routerIdOf(new Uint8Array(40)) });
/** Few different prefixes, so that they are met again, in chains that collide. */
const prefix = fc.tuple(fc.nat(60), fc.constantFrom(64, 64, 64, 64, 72, 128)).map(([n, length]) =>
  prefixOf(
    Uint8Array.from({ length: 16 }, (_, i) => (i === 0 ? 4 : i === 7 ? n : 0)),
    length,
  ),
);

const sameSubnet = (one: Prefix, address: Uint8Array): boolean => contains(prefixOf(one.bytes, 64), address);

describe('the forwarding table', () => {
  it('answers as a list with longest match would, through inserts and removals', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ prefix, peer: fc.integer({ min: -1, max: 5 }) }), { maxLength: 200 }),
        fc.array(bytes(16), { maxLength: 20 }),
        (changes, addresses) => {
          const table = createForwardingTable();
          const list = new Map<string, { prefix: Prefix; forwarding: Forwarding }>();
          for (const { prefix: p, peer } of changes) {
            const forwarding: Forwarding = peer < 0 ? { state: 'unknown' } : route(peer);
            const before = list.get(p.key)?.forwarding.state ?? 'unknown';
            expect(table.set(p, forwarding).before).toBe(before);
            if (peer < 0) list.delete(p.key);
            else list.set(p.key, { prefix: p, forwarding });
          }
          expect(table.size()).toBe(list.size);
          expect([...table.entries()].length).toBe(list.size);
          const probes = [...addresses, ...changes.map((change) => change.prefix.bytes)];
          for (const address of probes) {
            const best = [...list.values()]
              .filter((one) => contains(one.prefix, address))
              .sort((a, b) => b.prefix.length - a.prefix.length)[0];
            expect(table.lookup(Uint8Array.from([9, ...address]), 1)?.forwarding).toEqual(best?.forwarding);
            // Told at once where the /64 alone decides.
            const longer = [...list.values()].some((one) => one.prefix.length > 64 && sameSubnet(one.prefix, address));
            const quick = longer || best?.forwarding.state !== 'route' ? 0 : best.forwarding.peer;
            expect(table.passTo(Uint8Array.from([9, ...address]), 1)).toBe(quick);
            if (best !== undefined && quick !== 0) expect(table.takeUsed(best.prefix)).toBe(true);
            if (best !== undefined) expect(table.takeUsed(best.prefix)).toBe(false);
          }
        },
      ),
    );
  });

  it('holds many, grows and shrinks', () => {
    const table = createForwardingTable();

    const full = (i: number): Prefix => prefixOf(Uint8Array.from([4, 0, 0, 0, 0, i >> 16, i >> 8, i]), 64);
    for (let i = 0; i < 20_000; i++) table.set(full(i), route(i));
    for (let i = 0; i < 20_000; i += 2) table.set(full(i), { state: 'unknown' });
    for (let i = 0; i < 20_000; i++) {
      const found = table.lookup(full(i).bytes, 0)?.forwarding;
      expect(found?.state === 'route' ? found.peer : null).toBe(i % 2 === 0 ? null : i);
    }
    for (let i = 1; i < 20_000; i += 2) table.set(full(i), { state: 'unknown' });
    expect(table.size()).toBe(0);
  });

  it('keeps the sealing of an owner through a change of route, not through a change of key', () => {
    const table = createForwardingTable();
    const p = prefixOf(new Uint8Array(16).fill(4), 64);
    const { entry } = table.set(p, route(1));
    if (entry === null) throw new Error('no entry');
    entry.pair = null;
    expect(table.set(p, route(2)).entry?.pair).toBeNull();
    const other = { state: 'route', peer: 2, routerId: routerIdOf(new Uint8Array(40).fill(1)) } as const;
    expect(table.set(p, other).entry?.pair).toBeUndefined();
  });

  it('knows once that a route was used', () => {
    const table = createForwardingTable();
    const p = prefixOf(new Uint8Array(16).fill(4), 64);
    const { entry } = table.set(p, route(1));
    expect(table.takeUsed(p)).toBe(false);
    if (entry !== null) entry.used = true;
    expect(table.takeUsed(p)).toBe(true);
    expect(table.takeUsed(p)).toBe(false);
  });

  it('remembers that packets passed through changes of route, growth and a longer prefix beside', () => {
    const table = createForwardingTable();
    const p = (n: number): Prefix => prefixOf(Uint8Array.of(4, 0, 0, 0, 0, 0, n >> 8, n), 64);
    for (let i = 0; i < 600; i++) {
      table.set(p(i), route(i + 1));
      expect(table.passTo(p(i).bytes, 0)).toBe(i + 1);
    }
    table.set(p(1), route(7));
    expect(table.passTo(p(2).bytes, 0)).toBe(3);
    table.set(prefixOf(p(3).bytes, 72), route(9));
    expect(table.passTo(p(3).bytes, 0)).toBe(0);
    expect(table.lookup(p(3).bytes, 0)?.forwarding).toMatchObject({ peer: 9 });
    table.set(prefixOf(p(4).bytes, 72), route(9));
    table.set(prefixOf(p(4).bytes, 72), { state: 'unknown' });
    for (let i = 0; i < 600; i++) expect(table.takeUsed(p(i))).toBe(true);
    for (let i = 0; i < 600; i++) expect(table.takeUsed(p(i))).toBe(false);
    table.set(p(5), { state: 'unreachable' });
    expect(table.passTo(p(5).bytes, 0)).toBe(0);
    // A peer that no row can hold is known all the same.
    table.set(p(6), route(2 ** 40));
    expect(table.passTo(p(6).bytes, 0)).toBe(0);
    expect(table.lookup(p(6).bytes, 0)?.forwarding).toMatchObject({ peer: 2 ** 40 });
  });
});
