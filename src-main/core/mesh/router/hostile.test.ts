import { describe, expect, it } from 'vitest';
import { addressOf } from '../identity/address.ts';
import type { NodeIdentity } from '../identity/node-identity.ts';
import { createDice } from '../testing/dice.ts';
import type { ControlMessage } from '../wire/control.ts';
import { subnetOf } from '../wire/prefix.ts';
import { createRouterId } from '../wire/router-id.ts';
import type { Update } from '../wire/update.ts';
import type { Effect } from './effects.ts';
import { createRouter, type Router, type RouterDeps } from './router.ts';

/* What one neighbour that means harm can take from the others: room, and turns. */

const dice = createDice(12);
const second = 1000;
const gone = 0xffff;

function identity(): NodeIdentity {
  const publicKey = dice.bytes(32);
  const address = addressOf(publicKey);
  const routerId = createRouterId(publicKey, dice.bytes(6));
  return { secret: new Uint8Array(32), publicKey, address, subnet: subnetOf(address), routerId };
}

function update(of: NodeIdentity, metric: number, more: Partial<Update> = {}): Update {
  return { type: 'update', prefix: of.subnet, interval: 30_000, seqno: 0, metric, routerId: of.routerId, ...more };
}

/** A router with links 1 to 3. */
function linked(options: Partial<RouterDeps> = {}): Router {
  const router = createRouter({ self: identity(), now: 0, takeUsed: () => false, ...options });
  for (const peer of [1, 2, 3]) up(router, 0, peer);
  return router;
}

function up(router: Router, at: number, peer: number): void {
  router.peerUp(at, peer, 10);
  router.receive(at + 10, peer, { type: 'ihu', rxCost: 0, interval: 6000 });
}

const sent = (effects: readonly Effect[], type: ControlMessage['type'], to: number): ControlMessage[] =>
  effects.flatMap((effect) =>
    effect.type === 'send' && effect.message.type === type && effect.to.includes(to) ? [effect.message] : [],
  );

/** The link names so many. @returns them, with how many of them are known now */
function names(router: Router, at: number, peer: number, count: number): { all: NodeIdentity[]; known: () => number } {
  const all = Array.from({ length: count }, identity);
  for (const of of all) router.receive(at, peer, update(of, 5));
  return { all, known: () => all.filter((of) => router.routesTo(of.subnet)?.selected?.link.peer === peer).length };
}

describe('the table of prefixes', () => {
  const limits = { prefixes: 200 };

  it('is one link’s as long as nobody else wants it, and has room for others all the same', () => {
    const router = linked({ limits });
    const hostile = names(router, 20, 1, 300);
    expect(hostile.known()).toBe(200);
    const honest = names(router, 30, 2, 80);
    const another = names(router, 40, 3, 20);
    expect([hostile.known(), honest.known(), another.known()]).toEqual([100, 80, 20]);
    // They cannot be taken back.
    names(router, 50, 1, 300);
    expect([honest.known(), another.known(), router.size().prefixes]).toEqual([80, 20, 200]);
    // No more than an equal share is owed.
    const more = names(router, 60, 2, 300);
    expect([hostile.known(), honest.known() + more.known(), another.known()]).toEqual([90, 90, 20]);
  });

  it('loses those first that one link alone offers and no packet used', () => {
    const used = new Set<string>();
    const router = linked({ limits, takeUsed: (prefix) => used.delete(prefix.key) });
    const hub = names(router, 20, 1, 200);
    const [both, busy] = [hub.all.slice(0, 10), hub.all.slice(10, 20)];
    for (const of of both) router.receive(30, 2, update(of, 10));
    for (const of of busy) used.add(of.subnet.key);
    names(router, 40, 3, 90);
    for (const of of [...both, ...busy]) expect(router.routesTo(of.subnet)?.selected?.link.peer).toBe(1);
  });

  it('has room for what we need', () => {
    const router = linked({ limits });
    names(router, 20, 1, 300);
    const wanted = identity();
    const asked = router.need(30, wanted.subnet);
    expect(sent(asked, 'route-request', 2)).toHaveLength(1);
    router.receive(40, 2, update(wanted, 5));
    expect(router.routesTo(wanted.subnet)?.selected?.link.peer).toBe(2);
  });

  it('tells those who know of a route that it is gone, when it had to make room', () => {
    const router = linked({ limits: { prefixes: 10 } });
    const first = names(router, 20, 1, 10);
    const effects = router.receive(30, 2, update(identity(), 5));
    const withdrawn = sent(effects, 'update', 3).filter(
      (message) => message.type === 'update' && message.metric === gone,
    );
    expect(withdrawn).toHaveLength(1);
    expect(effects.filter((effect) => effect.type === 'forward' && effect.forwarding.state === 'unknown')).toHaveLength(
      1,
    );
    expect(first.known()).toBe(9);
  });

  it('holds what a link named for another that offers it too, when the first one is gone', () => {
    const router = linked({ limits });
    const { all } = names(router, 20, 1, 200);
    for (const of of all) router.receive(30, 2, update(of, 10));
    // None is alone now, and still one is the fullest.
    expect(names(router, 40, 3, 50).known()).toBe(50);
    router.peerDown(50, 1);
    expect(names(router, 60, 3, 100).known()).toBe(50);
    router.peerDown(70, 3);
    router.peerDown(70, 2);
    expect(router.size().prefixes).toBe(0);
  });
});

describe('requests for newer seqnos', () => {
  it('that one neighbour makes up keep neither ours from being made nor those of others from being passed on', () => {
    const router = linked({ limits: { seqnoRequests: 500 } });
    const far = identity();
    for (const peer of [2, 3]) router.receive(100, peer, update(far, 5));
    const made = identity();
    router.receive(200, 1, update(made, 5));
    router.receive(201, 1, update(made, gone));
    for (let i = 0; i < 5_000; i++) {
      const routerId = createRouterId(made.publicKey, dice.bytes(6));
      router.receive(300, 1, { type: 'seqno-request', prefix: made.subnet, seqno: 1, hops: 64, routerId });
    }
    expect(router.size().seqnoRequests).toBeLessThanOrEqual(500);
    const request = { type: 'seqno-request', prefix: far.subnet, seqno: 1, hops: 9, routerId: far.routerId } as const;
    expect(sent(router.receive(400, 3, request), 'seqno-request', 2)).toHaveLength(1);
    const lost = [...router.receive(401, 3, update(far, gone)), ...router.receive(402, 2, update(far, gone))];
    router.receive(8_000, 2, update(far, 5));
    lost.push(...router.receive(8_001, 2, update(far, 900, { seqno: 0 })));
    expect(sent(lost, 'seqno-request', 2)).toHaveLength(1);
  });

  it('of one neighbour are passed on at a pace', () => {
    const router = linked();
    const keys = Array.from({ length: 4_000 }, identity);
    for (const of of keys) router.receive(100, 2, update(of, 5));
    let passed = 0;
    const storm = (at: number): void => {
      for (const { subnet, routerId } of keys) {
        const request = { type: 'seqno-request', prefix: subnet, seqno: 1, hops: 9, routerId } as const;
        passed += sent(router.receive(at, 1, request), 'seqno-request', 2).length;
      }
    };
    storm(200);
    expect(passed).toBe(2_000);
    storm(5_200);
    expect(passed).toBeLessThanOrEqual(2_500);
    const [of] = keys;
    if (of === undefined) throw new Error('there are keys');
    // Those of another are not in their way.
    const other = { type: 'seqno-request', prefix: of.subnet, seqno: 2, hops: 9, routerId: of.routerId } as const;
    expect(sent(router.receive(5_300, 3, other), 'seqno-request', 2)).toHaveLength(1);
  });
});

describe('a prefix that flaps', () => {
  it.each([
    ['is withdrawn for longer than it is remembered', 7 * second],
    ['loses its link', 0],
  ])('does not begin anew when it %s', (_what, rest) => {
    const router = linked();
    const far = identity();
    let told = 0;
    let at = 100;
    for (let i = 0; i < 20; i++) {
      const peer = rest > 0 ? 1 : 10 + i;
      if (rest === 0) up(router, at, peer);
      const effects = router.receive(at + 20, peer, update(far, 5, { seqno: i }));
      told += sent(effects, 'update', 2).filter(
        (message) => message.type === 'update' && message.metric !== gone,
      ).length;
      at += 200;
      if (rest > 0) {
        router.receive(at, peer, update(far, gone));
        for (let next = router.next(); next <= at + rest; next = router.next()) router.advance(next);
        expect(router.routesTo(far.subnet)).toBeUndefined();
      } else router.peerDown(at, peer);
      at += rest;
    }
    // Four at once, and one in ten seconds.
    expect(told).toBeLessThanOrEqual(4 + Math.ceil(at / (10 * second)));
  });
});

describe('searches for routes', () => {
  it('that neighbours ask for leave room for those of ours', () => {
    const router = linked({ limits: { queries: 100 } });
    for (let i = 0; i < 200; i++) {
      router.receive(50, 1 + (i % 2), { type: 'route-request', generation: 0, prefix: identity().subnet });
    }
    expect(router.size().queries).toBe(75);
    const wanted = identity();
    expect(sent(router.need(60, wanted.subnet), 'route-request', 3)).toHaveLength(1);
    expect(router.size().queries).toBe(76);
  });
});
