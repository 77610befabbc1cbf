import { describe, expect, it } from 'vitest';
import { addressOf } from '../identity/address.ts';
import type { NodeIdentity } from '../identity/node-identity.ts';
import { createDice } from '../testing/dice.ts';
import { subnetOf } from '../wire/prefix.ts';
import { createRouterId } from '../wire/router-id.ts';
import type { Update } from '../wire/update.ts';
import type { Effect } from './effects.ts';
import { createPace, nextTurn, takeTurn } from './pace.ts';
import { createRouter, type Router } from './router.ts';

/* What others are told of a neighbour that announces and withdraws without end. */

const dice = createDice(11);
const second = 1000;

function identity(): NodeIdentity {
  const publicKey = dice.bytes(32);
  const address = addressOf(publicKey);
  const routerId = createRouterId(publicKey, dice.bytes(6));
  return { secret: new Uint8Array(32), publicKey, address, subnet: subnetOf(address), routerId };
}

const gone = 0xffff;

function update(of: NodeIdentity, metric: number, more: Partial<Update> = {}): Update {
  return { type: 'update', prefix: of.subnet, interval: 30_000, seqno: 0, metric, routerId: of.routerId, ...more };
}

/** A router with links 1 to 3. */
function linked(takeUsed: () => boolean = () => false): Router {
  const router = createRouter({ self: identity(), now: 0, takeUsed });
  for (const peer of [1, 2, 3]) router.peerUp(0, peer, 10);
  for (const peer of [1, 2, 3]) router.receive(10, peer, { type: 'ihu', rxCost: 0, interval: 6000 });
  return router;
}

/** Updates that link 2 got, of somebody's subnet. */
const told = (effects: readonly Effect[], of: NodeIdentity): Update[] =>
  effects.flatMap((effect) =>
    effect.type === 'send' &&
    effect.to.includes(2) &&
    effect.message.type === 'update' &&
    effect.message.prefix.key === of.subnet.key
      ? [effect.message]
      : [],
  );

/** All that is due until then happens. */
function advance(router: Router, until: number): Effect[] {
  const effects: Effect[] = [];
  for (let at = router.next(); at <= until; at = router.next()) effects.push(...router.advance(at));
  return effects;
}

describe('a neighbour that storms', () => {
  it('and flaps one prefix has it announced a few times, then rarely; each withdrawal is passed on at once', () => {
    const router = linked();
    const far = identity();
    const heard: Update[] = [];
    for (let at = 100; at < 10 * second; at += 10) {
      const effects = router.receive(at, 1, update(far, (at / 10) % 2 === 0 ? 5 : gone, { seqno: at / 10 }));
      const [last] = told(effects, far);
      heard.push(...told(effects, far));
      // Whoever was told of the route hears in the same breath that it is gone.
      if ((at / 10) % 2 === 1 && last !== undefined) expect(last.metric).toBe(gone);
      expect(heard.at(-1)?.metric === gone || router.routesTo(far.subnet)?.selected !== null).toBe(true);
    }
    expect(heard.filter(({ metric }) => metric !== gone).length).toBeLessThanOrEqual(5);
    expect(heard.filter(({ metric }) => metric === gone).length).toBeLessThanOrEqual(5);
    // Once it is steady it is announced, before long, and needs no further word for it.
    router.receive(11 * second, 1, update(far, 5, { seqno: 2000 }));
    const after = told(advance(router, 60 * second), far);
    expect(after.map(({ metric }) => metric)).toEqual([25]);
  });

  it('is used itself all the while, and who asks is answered', () => {
    const router = linked();
    const far = identity();
    for (let at = 100, i = 0; at < 2 * second; at += 10, i++) {
      router.receive(at, 1, update(far, i % 2 === 0 ? 5 : gone, { seqno: i }));
    }
    router.receive(2 * second, 1, update(far, 5, { seqno: 1000 }));
    expect(router.routesTo(far.subnet)?.selected?.link.peer).toBe(1);
    const answer = router.receive(2_001, 2, { type: 'route-request', generation: 0, prefix: far.subnet });
    expect(told(answer, far).map(({ metric }) => metric)).toEqual([25]);
    // And hears of the end of that, too.
    expect(told(router.receive(2_010, 1, update(far, gone)), far).map(({ metric }) => metric)).toEqual([gone]);
  });

  it('and names source after source of one prefix leaves nobody with one that is not used any more', () => {
    const router = linked();
    const far = identity();
    let believed: string | null = null;
    let changes = 0;
    for (let at = 100; at < 5 * second; at += 10) {
      const routerId = createRouterId(far.publicKey, dice.bytes(6));
      for (const { metric, routerId: source } of told(router.receive(at, 1, update(far, 5, { routerId })), far)) {
        believed = metric === gone ? null : source.key;
        changes++;
      }
      if (believed !== null) expect(router.routesTo(far.subnet)?.selected?.routerId.key).toBe(believed);
    }
    expect(changes).toBeLessThan(10);
    const last = router.routesTo(far.subnet)?.selected?.routerId.key;
    expect(told(advance(router, 120 * second), far).map(({ routerId }) => routerId.key)).toEqual([last]);
  });

  it('of ever new prefixes does not keep another neighbour from being heard', () => {
    const router = linked();
    let news = 0;
    for (let i = 0; i < 10_000; i++) {
      const effects = router.receive(100 + i / 10, 1, update(identity(), 5));
      news += effects.filter((effect) => effect.type === 'send').length;
    }
    // Those it may have at once, and those of a second.
    expect(news).toBeGreaterThanOrEqual(1024);
    expect(news).toBeLessThan(1024 + 300);
    const honest = identity();
    expect(told(router.receive(1_200, 3, update(honest, 5)), honest)).toHaveLength(1);
    // The others are told of the rest as time passes.
    const later = advance(router, 12 * second).filter(
      (effect) => effect.type === 'send' && effect.message.type === 'update',
    ).length;
    expect(later).toBeGreaterThan(2_000);
    expect(later).toBeLessThan(3_000);
  });
});

describe('a neighbour that storms', () => {
  it.each([true, false])(
    'and withdraws what it names is asked for newer seqnos a bounded number of times, not at all where no packet needs them (used: %s)',
    (used) => {
      const router = linked(() => used);
      const keys = Array.from({ length: 500 }, identity);
      let asked = 0;
      for (let i = 0; i < 20_000; i++) {
        const of = keys[(i >> 1) % keys.length] as NodeIdentity;
        const metric = i % 2 === 0 ? 5 : gone;
        const routerId = createRouterId(of.publicKey, dice.bytes(6));
        const effects = router.receive(100 + i / 10, 1, update(of, metric, { routerId }));
        asked += effects.filter((effect) => effect.type === 'send' && effect.message.type === 'seqno-request').length;
      }
      expect(asked > 500).toBe(used);
      expect(asked).toBeLessThan(used ? 1000 + 300 : 1);
      expect(router.size().seqnoRequests).toBeLessThanOrEqual(asked);
    },
  );
});

describe('a pace', () => {
  it('gives a burst at once and then one an interval, and the burst again after a rest', () => {
    const rule = { interval: 10, burst: 3 };
    const pace = createPace();
    const got: number[] = [];
    for (let now = 0; now < 100; now++) {
      // As often as it may.
      while (nextTurn(pace, rule) <= now) {
        takeTurn(pace, rule, now);
        got.push(now);
      }
    }
    expect(got).toEqual([0, 0, 0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
    expect(nextTurn(pace, rule)).toBe(100);
    let burst = 0;
    for (; nextTurn(pace, rule) <= 500; burst++) takeTurn(pace, rule, 500);
    expect(burst).toBe(3);
  });
});
