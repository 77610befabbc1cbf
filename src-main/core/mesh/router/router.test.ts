import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOf } from '../identity/address.ts';
import type { NodeIdentity } from '../identity/node-identity.ts';
import { anyControl, ownedSubnet } from '../testing/arbitraries.ts';
import { createDice } from '../testing/dice.ts';
import type { ControlMessage } from '../wire/control.ts';
import { type Prefix, prefixOf, subnetOf } from '../wire/prefix.ts';
import { createRouterId } from '../wire/router-id.ts';
import type { Update } from '../wire/update.ts';
import type { Effect, PeerId } from './effects.ts';
import { createRouter, type Router, type RouterDeps } from './router.ts';

const dice = createDice(1);

function identity(): NodeIdentity {
  const publicKey = dice.bytes(32);
  const address = addressOf(publicKey);
  const routerId = createRouterId(publicKey, dice.bytes(6));
  return { secret: new Uint8Array(32), publicKey, address, subnet: subnetOf(address), routerId };
}

const self = identity();
const far = identity();
const other = identity();
const second = 1000;

function make(options: Partial<RouterDeps> = {}): Router {
  return createRouter({ self, now: 0, takeUsed: () => false, ...options });
}

function update(of: NodeIdentity, metric: number, more: Partial<Update> = {}): Update {
  return { type: 'update', prefix: of.subnet, interval: 30_000, seqno: 0, metric, routerId: of.routerId, ...more };
}

/** `peer: message` of each, in order. */
const sent = (effects: readonly Effect[], type?: ControlMessage['type']): [PeerId, ControlMessage][] =>
  effects.flatMap((effect) =>
    effect.type === 'send' && (type === undefined || effect.message.type === type)
      ? effect.to.map((peer): [PeerId, ControlMessage] => [peer, effect.message])
      : [],
  );
const forwarded = (effects: readonly Effect[]): string[] =>
  effects.flatMap(({ ...effect }) =>
    effect.type === 'forward'
      ? [effect.forwarding.state === 'route' ? `route ${effect.forwarding.peer}` : effect.forwarding.state]
      : [],
  );

/** A router with links 1 to `n`, each of cost 20. */
function linked(n: number, options: Partial<RouterDeps> = {}): Router {
  const router = make(options);
  for (let peer = 1; peer <= n; peer++) router.peerUp(0, peer, 10);
  for (let peer = 1; peer <= n; peer++) router.receive(10, peer, { type: 'ihu', rxCost: 0, interval: 6000 });
  return router;
}

describe('a link', () => {
  it('begins with our own Update and a Hello', () => {
    expect(sent(make().peerUp(0, 1, 10))).toEqual([
      [1, update(self, 0)],
      [1, { type: 'hello', seqno: 0, interval: 2000 }],
    ]);
  });

  it('gets an IHU for each Hello, and no other', () => {
    const router = linked(1);
    const hello = router.receive(11, 1, { type: 'hello', seqno: 5, interval: 2000 });
    expect(sent(hello)).toEqual([[1, { type: 'ihu', rxCost: 20, interval: 6000 }]]);
    // A few quickly, then every 20 s.
    const at: number[] = [];
    for (let now = 11; now <= 50 * second; now += 500) {
      at.push(...sent(router.advance(now), 'hello').map(() => Math.floor(now / second)));
    }
    expect(at).toEqual([1, 3, 7, 27, 47]);
  });

  it('costs what its answers take as a rule; one that is late, or that was not asked for, says nothing', () => {
    const router = make();
    router.peerUp(0, 1, 15);
    const [link] = router.links();
    expect(link?.cost).toBe(1015);
    const answer = (at: number): void => void router.receive(at, 1, { type: 'ihu', rxCost: 9, interval: 0 });
    answer(30);
    expect(link?.cost).toBe(45);
    answer(900);
    expect([link?.smoothed, link?.cost]).toEqual([30, 45]);
    router.advance(1_000);
    answer(1_530);
    expect([link?.smoothed, link?.cost]).toEqual([30, 45]);
    // The first was the odd one: two that agree put it right before long.
    router.advance(3_000);
    answer(3_530);
    expect([link?.smoothed, link?.cost]).toEqual([530, 545]);
  });

  it('costs what answers take that came while we were on time; of a first one that did not, our lateness is taken off', () => {
    const router = make();
    router.peerUp(0, 1, 10);
    const [link] = router.links();
    const answer = (at: number): void => void router.receive(at, 1, { type: 'ihu', rxCost: 9, interval: 0 });
    expect(router.measuring()).toBe(true);
    // What came before the question is not the answer's.
    router.advance(100);
    router.late(200, 900);
    router.late(493, 280);
    answer(500);
    expect([link?.cost, router.measuring()]).toEqual([30, false]);
    // Late while nothing was asked: no matter.
    router.late(600, 300);
    router.advance(1_000);
    answer(1_022);
    expect(link?.samples).toEqual([20, 22]);
    // Late while it was: no sample, but a sign of life, and no lost Hello either.
    for (const [sent, late] of [
      [3_000, 300],
      [7_000, 6],
    ] as const) {
      router.advance(sent);
      router.late(sent + 400, late);
      answer(sent + 400);
      expect(link?.samples).toEqual([20, 22]);
      expect(link?.heardAt).toBe(sent + 400);
    }
    router.advance(27_000);
    router.late(27_020, 4);
    answer(27_024);
    expect(link?.samples).toEqual([20, 22, 24]);
    expect(link?.answered).toBe(0b1111);
    // A program that is always late knows at least about how far its neighbours are.
    for (let i = 0; i < 4; i++) {
      const at = 47_000 + i * 20_000;
      router.advance(at);
      router.late(at + 170, 100);
      answer(at + 170);
    }
    expect(link?.samples).toEqual([20, 22, 24, 120]);
    // Late while question or answer were on their way took nothing.
    router.advance(127_000);
    for (const ms of [30, 60, 90]) router.late(127_000 + ms, 20);
    answer(127_150);
    expect(link?.samples.at(-1)).toBe(150);
    // Nor does a Hello that leaves late make the way longer.
    router.advance(147_300);
    answer(147_330);
    expect(link?.samples.at(-1)).toBe(30);
  });

  it('costs more when its Hellos stay unanswered, four times as much at most', () => {
    const router = make();
    router.peerUp(0, 1, 10);
    const [link] = router.links();
    let hellos = 0;
    const live = (until: number, answers: (hello: number) => boolean): void => {
      for (let at = Math.floor(now / 100) * 100; at <= until; at += 100) {
        now = at;
        for (const [, { type }] of sent(router.advance(at), 'hello')) {
          if (type === 'hello' && answers(hellos++))
            router.receive(at + 40, 1, { type: 'ihu', rxCost: 9, interval: 0 });
        }
      }
    };
    let now = 0;
    router.receive(40, 1, { type: 'ihu', rxCost: 9, interval: 0 });
    live(400 * second, () => true);
    expect(link?.cost).toBe(50);
    live(1_000 * second, (hello) => hello % 2 === 0);
    expect(link?.cost).toBeGreaterThanOrEqual(80);
    expect(link?.cost).toBeLessThanOrEqual(100);
    live(1_800 * second, () => true);
    // Back, but for a difference too small to tell the network.
    expect(link?.cost).toBeLessThanOrEqual(60);
  });

  it('is dead after 43 s of silence', () => {
    const router = linked(1);
    expect(router.advance(43 * second).filter((effect) => effect.type === 'dead')).toEqual([]);
    const effects = router.advance(43 * second + 10);
    expect(effects.filter((effect) => effect.type === 'dead')).toEqual([{ type: 'dead', peer: 1 }]);
  });

  it('hears our subnet again every 300 s', () => {
    const router = linked(2);
    let announced = 0;
    for (let at = 10; at <= 600; at += 10) {
      for (const [peer] of sent(router.advance(at * second), 'update')) announced += peer;
      for (const peer of [1, 2]) router.receive(at * second, peer, { type: 'ihu', rxCost: 0, interval: 0 });
    }
    expect(announced).toBe(6);
  });

  it('is greeted out of turn, and in turn after that, unless it has a Hello to answer', () => {
    const router = linked(2);
    for (const now of [1_000, 3_000, 7_000]) {
      router.advance(now);
      for (const peer of [1, 2]) router.receive(now + 1, peer, { type: 'ihu', rxCost: 0, interval: 6000 });
    }
    expect(sent(router.probe(10_000), 'hello').map(([peer]) => peer)).toEqual([1, 2]);
    router.receive(10_001, 2, { type: 'ihu', rxCost: 0, interval: 6000 });
    expect(sent(router.probe(11_000), 'hello').map(([peer]) => peer)).toEqual([2]);
    expect(sent(router.advance(29_999), 'hello')).toEqual([]);
    expect(sent(router.advance(31_000), 'hello').map(([peer]) => peer)).toEqual([1, 2]);
  });
});

describe('an Update', () => {
  it('becomes a route, and is passed on to all but where it came from, with the link in its metric', () => {
    const router = linked(3);
    const effects = router.receive(20, 2, update(far, 100));
    expect(forwarded(effects)).toEqual(['route 2']);
    expect(sent(effects)).toEqual([
      [1, update(far, 120)],
      [3, update(far, 120)],
    ]);
  });

  it.each<[string, Update]>([
    ['for a prefix that the key does not own', update(far, 0, { prefix: other.subnet })],
    ['for a prefix shorter than a subnet', update(far, 0, { prefix: prefixOf(far.address, 63) })],
    ['for a prefix outside 400::/7', update(far, 0, { prefix: prefixOf(new Uint8Array(16).fill(0x20), 64) })],
    ['for our own subnet', update(self, 5)],
    ['for a part of our own subnet', update(self, 5, { prefix: prefixOf(self.address, 128) })],
    ['that withdraws what nobody offered', update(far, 0xffff)],
  ])('%s changes nothing', (_, message) => {
    const router = linked(2);
    expect(router.receive(20, 1, message)).toEqual([]);
    expect(router.size().prefixes).toBe(0);
  });

  it('for a longer prefix of its owner is a route of its own', () => {
    const router = linked(2);
    const effects = router.receive(20, 1, update(far, 0, { prefix: prefixOf(far.address, 128) }));
    expect(forwarded(effects)).toEqual(['route 1']);
  });

  it('that is clearly better is switched to, one that is hardly better is not; the owner always is', () => {
    const router = linked(3);
    router.receive(20, 1, update(far, 100));
    expect(forwarded(router.receive(30, 2, update(far, 91)))).toEqual([]);
    expect(forwarded(router.receive(40, 2, update(far, 89)))).toEqual(['route 2']);
    const direct = linked(3);
    direct.receive(20, 1, update(far, 5));
    expect(forwarded(direct.receive(30, 2, update(far, 0)))).toEqual(['route 2']);
  });

  it('that is worse than all we said is not taken; a newer one is asked for', () => {
    const router = linked(2);
    router.receive(20, 1, update(far, 100));
    router.receive(30, 1, update(far, 0xffff));
    const effects = router.receive(40, 2, update(far, 120));
    expect(forwarded(effects)).toEqual([]);
    expect(sent(effects)).toEqual([
      [2, { type: 'seqno-request', prefix: far.subnet, seqno: 1, hops: 64, routerId: far.routerId }],
    ]);
    expect(forwarded(router.receive(50, 2, update(far, 120, { seqno: 1 })))).toEqual(['route 2']);
  });

  it('that withdraws the route in use leads to another, or to a withdrawal in our own name', () => {
    const router = linked(3);
    router.receive(20, 1, update(far, 100));
    router.receive(30, 2, update(far, 95));
    expect(forwarded(router.receive(40, 1, update(far, 0xffff)))).toEqual(['route 2']);
    const effects = router.receive(50, 2, update(far, 0xffff));
    expect(forwarded(effects)).toEqual(['unreachable']);
    const told = sent(effects, 'update').map(([peer, message]) => [peer, message]);
    expect(told).toEqual([1, 2, 3].map((peer) => [peer, update(far, 0xffff, { routerId: self.routerId })]));
    expect(forwarded(router.advance(50 + 6 * second))).toEqual(['unknown']);
    expect(router.size().prefixes).toBe(0);
  });

  it('lives three and a half of its intervals', () => {
    const router = linked(1);
    router.receive(20, 1, update(far, 0, { interval: 100 }));
    expect(forwarded(router.advance(3519))).toEqual([]);
    expect(forwarded(router.advance(3520))).toEqual(['unreachable']);
  });

  it('is asked for again before its end when packets used it, and is not when none did', () => {
    for (const used of [true, false]) {
      const router = linked(2, { takeUsed: () => used });
      router.receive(20, 1, update(far, 7));
      const asked: [PeerId, ControlMessage][] = [];
      for (let at = 10; at < 1049; at += 10) {
        asked.push(...sent(router.advance(at * second), 'route-request'));
        for (const peer of [1, 2]) router.receive(at * second, peer, { type: 'ihu', rxCost: 0, interval: 0 });
      }
      expect(asked.map(([peer]) => peer)).toEqual(used ? [1, 1, 2, 1, 2] : []);
    }
  });

  it('that ended because nobody refreshed it is searched for anew by the next packet', () => {
    const router = linked(2, { takeUsed: () => true });
    router.receive(20, 1, update(far, 7, { interval: 6000 }));
    const end = 20 + 3.5 * 60 * second;
    for (let at = 10 * second; at < end; at += 10 * second) {
      router.advance(at);
      for (const peer of [1, 2]) router.receive(at, peer, { type: 'ihu', rxCost: 0, interval: 0 });
    }
    expect(forwarded(router.advance(end))).toEqual(['unreachable']);
    expect(sent(router.need(end + 1, far.subnet), 'route-request').map(([peer]) => peer)).toEqual([1, 2]);
  });

  it('that wobbles is passed on once in a while', () => {
    const router = linked(2);
    router.receive(20, 1, update(far, 100));
    let told = 0;
    for (let i = 0; i < 1000; i++) {
      told += sent(router.receive(21 + i * 10, 1, update(far, i % 2 === 0 ? 20 : 80, { seqno: i })), 'update').length;
    }
    expect(told).toBeLessThan(10);
  });

  it('never names a key as its source whose address lies elsewhere, not even one that a withdrawal named', () => {
    const router = linked(2);
    const forged = update(far, 3, { routerId: other.routerId });
    router.receive(20, 1, forged);
    expect(router.routesTo(far.subnet)).toBeUndefined();
    router.receive(30, 1, update(far, 3));
    router.receive(40, 1, { ...forged, metric: 0xffff });
    router.receive(50, 1, forged);
    expect(router.routesTo(far.subnet)?.selected ?? null).toBeNull();
    router.receive(60, 1, update(far, 3));
    expect(router.routesTo(far.subnet)?.selected?.routerId.key).toBe(far.routerId.key);
  });

  it('never makes us remember more than the limit', () => {
    const router = linked(1, { limits: { prefixes: 50 } });
    fc.assert(
      fc.property(ownedSubnet, (owned) => {
        router.receive(20, 1, { ...update(far, 1), ...owned });
        expect(router.size().prefixes).toBeLessThanOrEqual(50);
      }),
    );
    expect(router.size().prefixes).toBe(50);
  });
});

describe('a RouteRequest', () => {
  const ask = (prefix: Prefix | null, generation = 0): ControlMessage => ({
    type: 'route-request',
    generation,
    prefix,
  });

  it('for us or something in us is answered with our subnet', () => {
    const router = linked(2);
    for (const prefix of [self.subnet, prefixOf(self.address, 128)])
      expect(sent(router.receive(20, 2, ask(prefix)))).toEqual([[2, update(self, 0)]]);
  });

  it('for what we know is answered, unless we know it from the asker', () => {
    const router = linked(2);
    router.receive(20, 1, update(far, 100));
    expect(sent(router.receive(30, 2, ask(far.subnet)))).toEqual([[2, update(far, 120)]]);
    expect(sent(router.receive(30, 1, ask(far.subnet)))).toEqual([]);
  });

  it('for what nobody knows floods on, each neighbour once, and not for ever', () => {
    const router = linked(3);
    expect(sent(router.receive(20, 1, ask(far.subnet, 3)))).toEqual([
      [2, ask(far.subnet, 4)],
      [3, ask(far.subnet, 4)],
    ]);
    expect(router.receive(30, 2, ask(far.subnet, 3))).toEqual([]);
    expect(router.receive(40, 1, ask(other.subnet, 15))).toEqual([]);
    expect(forwarded(router.advance(15_020))).toEqual(['unknown']);
  });

  it('for everything is answered with all, now and then', () => {
    const router = linked(2);
    router.receive(20, 1, update(far, 100));
    router.receive(20, 2, update(other, 100));
    expect(sent(router.receive(30, 2, ask(null)))).toEqual([
      [2, update(far, 120)],
      [2, update(self, 0)],
    ]);
    expect(router.receive(40, 2, ask(null))).toEqual([]);
  });

  it('for what was withdrawn a moment ago floods on too: the asker may have lost it by that', () => {
    const router = linked(3);
    router.receive(20, 2, update(far, 100));
    expect(sent(router.receive(30, 2, update(far, 0xffff)), 'update').map(([peer]) => peer)).toEqual([1, 2, 3]);
    const effects = router.receive(40, 1, ask(far.subnet));
    expect(sent(effects)).toEqual([
      [2, ask(far.subnet, 1)],
      [3, ask(far.subnet, 1)],
    ]);
    expect(forwarded(effects)).toEqual(['queried']);
    expect(sent(router.receive(50, 1, ask(far.subnet)))).toEqual([]);
    expect(sent(router.receive(60, 3, update(far, 50)))).toEqual([
      [1, update(far, 70)],
      [2, update(far, 70)],
    ]);
  });

  it('of ours goes to all neighbours and to those who come; the answer ends the wait', () => {
    const router = linked(2);
    const effects = router.need(20, far.subnet);
    expect(sent(effects).map(([peer]) => peer)).toEqual([1, 2]);
    expect(forwarded(effects)).toEqual(['queried']);
    expect(router.need(30, far.subnet)).toEqual([]);
    expect(sent(router.peerUp(40, 3, 10), 'route-request')).toEqual([[3, ask(far.subnet)]]);
    expect(forwarded(router.receive(50, 3, update(far, 9)))).toEqual(['route 3']);
    expect(forwarded(router.advance(30 * second))).toEqual([]);
  });

  it('goes to all again when what it found is lost soon after, but not each time that somebody gives and takes', () => {
    const router = linked(2);
    const asked: number[] = [];
    for (let i = 0; i < 20; i++) {
      const at = 50 * i;
      asked.push(sent(router.need(at + 20, far.subnet), 'route-request').length);
      router.receive(at + 30, 1, update(far, 100, { seqno: i }));
      router.receive(at + 40, 1, update(far, 0xffff, { seqno: i }));
    }
    expect(asked.slice(0, 5)).toEqual([2, 2, 2, 2, 2]);
    expect(asked.slice(5)).toEqual(asked.slice(5).fill(0));
    // A link that breaks is no different.
    const broken = linked(2);
    broken.need(20, far.subnet);
    broken.receive(30, 1, update(far, 100));
    broken.peerDown(40, 1);
    expect(sent(broken.need(50, far.subnet), 'route-request').map(([peer]) => peer)).toEqual([2]);
  });

  it('for what is out of reach is answered when it is found, also when others have to wait for the news of it', () => {
    const router = linked(3);
    for (let i = 0; i < 10; i++) {
      router.receive(20 + i, 1, update(far, 100, { seqno: i }));
      router.receive(20 + i, 1, update(far, 0xffff, { seqno: i }));
    }
    expect(sent(router.receive(40, 2, ask(far.subnet)), 'update')).toEqual([]);
    expect(sent(router.receive(50, 1, update(far, 100, { seqno: 10 })), 'update')).toEqual([
      [2, update(far, 120, { seqno: 10 })],
    ]);
    // Once.
    expect(sent(router.receive(60, 1, update(far, 101, { seqno: 10 })), 'update')).toEqual([]);
  });

  it('for somewhere else than the overlay is not sent', () => {
    expect(forwarded(linked(1).need(20, prefixOf(new Uint8Array(16).fill(0x20), 64)))).toEqual(['unknown']);
  });

  it('floods that one peer starts are bounded', () => {
    const router = linked(2);
    let passed = 0;
    for (let i = 0; i < 5000; i++) {
      const prefix = subnetOf(addressOf(dice.bytes(32)));
      passed += sent(router.receive(20, 1, ask(prefix))).length;
    }
    expect(passed).toBe(1000);
  });
});

describe('a SeqnoRequest', () => {
  const want = (of: NodeIdentity, seqno: number, hops = 64): ControlMessage => ({
    type: 'seqno-request',
    prefix: of.subnet,
    seqno,
    hops,
    routerId: of.routerId,
  });

  it('for us moves our seqno one step, not faster than every four seconds', () => {
    const router = linked(2);
    expect(sent(router.receive(3 * second, 1, want(self, 1)), 'update')).toEqual([]);
    const told = sent(router.receive(5 * second, 1, want(self, 9)), 'update');
    expect(told).toEqual([1, 2].map((peer) => [peer, update(self, 0, { seqno: 1 })]));
    expect(sent(router.receive(6 * second, 1, want(self, 9)), 'update')).toEqual([]);
    expect(sent(router.receive(6 * second, 1, want(self, 1)))).toEqual([[1, update(self, 0, { seqno: 1 })]]);
    expect(router.seqno()).toBe(1);
  });

  it('for another is answered when we know enough, or goes on to one neighbour with fewer hops', () => {
    const router = linked(3);
    router.receive(20, 1, update(far, 100));
    expect(sent(router.receive(30, 2, want(far, 0)))).toEqual([[2, update(far, 120)]]);
    expect(sent(router.receive(40, 2, want(far, 1, 5)))).toEqual([[1, want(far, 1, 4)]]);
    expect(sent(router.receive(50, 3, want(far, 1, 5)))).toEqual([]);
    expect(sent(router.receive(60, 2, want(far, 2, 1)))).toEqual([]);
    // The answer goes to both who asked.
    expect(
      sent(router.receive(70, 1, update(far, 100, { seqno: 2 })))
        .map(([peer]) => peer)
        .sort(),
    ).toEqual([2, 3]);
  });
});

describe('a router', () => {
  it('survives any messages in any order, and remembers little of them', () => {
    const step = fc.record({ peer: fc.integer({ min: 1, max: 4 }), message: anyControl, wait: fc.nat(20_000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const router = linked(3);
        let now = 20;
        for (const { peer, message, wait } of steps) {
          now += wait;
          router.receive(now, peer, message);
          if (wait % 7 === 0) router.peerDown(now, peer);
          if (wait % 5 === 0) router.peerUp(now, peer, 10);
        }
        for (let peer = 1; peer <= 4; peer++) router.peerDown(now, peer);
        router.advance(now + 4_000_000);
        expect(router.size()).toEqual({ prefixes: 0, sources: 0, queries: 0, requests: 0, seqnoRequests: 0 });
      }),
    );
  });
});
