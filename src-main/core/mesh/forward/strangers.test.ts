import { describe, expect, it } from 'vitest';
import { addressOf } from '../identity/address.ts';
import { createNodeIdentity } from '../identity/node-identity.ts';
import type { Effect } from '../router/effects.ts';
import { createRouter } from '../router/router.ts';
import { createNonces } from '../seal/nonces.ts';
import { createDice } from '../testing/dice.ts';
import { encodeDataPacket } from '../wire/packet.ts';
import { createForwarder } from './forwarder.ts';
import { createLookupShare } from './lookups.ts';
import type { Undelivered } from './ports.ts';

/*
 * Packets for which a route must be looked up, from far away: forwarder and router together, in a time of their own. What must hold: our
 * own lookups always begin, and strangers make us ask the network no more than they are rationed.
 */

const dice = createDice(36);
const somebody = (): Uint8Array => addressOf(dice.bytes(32));
const neighbours = [1, 2, 3];
const room = { bytes: new Uint8Array(4096), at: 0 };

function world() {
  let now = 0;
  const asked = { messages: 0 };
  const lost: Undelivered[] = [];
  const sent: number[] = [];
  const self = createNodeIdentity(dice.bytes(32), (n) => dice.bytes(n));
  const router = createRouter({ self, now, takeUsed: () => false });
  const apply = (effects: readonly Effect[]): void => {
    for (const effect of effects) {
      if (effect.type === 'forward') forwarder.settle(effect.prefix, effect.forwarding);
      else if (effect.type === 'send' && effect.message.type === 'route-request') asked.messages += effect.to.length;
    }
  };
  const forwarder = createForwarder({
    self,
    nonces: createNonces((n) => dice.bytes(n)),
    clock: () => now,
    ports: {
      transmit: (peer) => sent.push(peer),
      room: () => room,
      filled: (peer) => sent.push(peer),
      need: (subnet) => apply(router.need(now, subnet)),
      deliver() {},
      undelivered: (packet) => lost.push(packet),
    },
  });
  for (const peer of neighbours) {
    apply(router.peerUp(now, peer, 10));
    apply(router.receive(now, peer, { type: 'ihu', rxCost: 0, interval: 6000 }));
  }
  const links = neighbours.map(() => createLookupShare());
  asked.messages = 0;
  return {
    self,
    forwarder,
    router,
    asked,
    sent,
    pass(ms: number) {
      now += ms;
      apply(router.advance(now));
    },
    /** A packet comes by the link. */
    give(source: Uint8Array, destination: Uint8Array, link = 0) {
      const bytes = encodeDataPacket({ hopLimit: 60, source, destination, body: new Uint8Array(68) });
      forwarder.receive(bytes, 0, bytes.length, links[link] ?? createLookupShare());
      forwarder.flush();
    },
    /** @returns whether a packet of ours to somebody we never heard of waits for its route, which is searched for */
    lookUp(): boolean {
      const before = { lost: lost.length, asked: asked.messages };
      const taken = forwarder.send('message', somebody(), new Uint8Array(10));
      return taken && lost.length === before.lost && asked.messages - before.asked === neighbours.length;
    },
  };
}

type World = ReturnType<typeof world>;

const floods: Record<string, (w: World) => void> = {
  'to us, from made-up sources': (w) => w.give(somebody(), w.self.address),
  'through us, to nobody': (w) => w.give(somebody(), somebody()),
};

describe('strangers who have routes looked up', () => {
  for (const [what, flood] of Object.entries(floods)) {
    it(`do not keep us from looking up our own: ${what}`, () => {
      const w = world();
      let [given, begun, own] = [0, 0, 0];
      for (let ms = 1; ms <= 40_000; ms++) {
        w.pass(1);
        if (ms % 10 < 7) {
          flood(w);
          given++;
        }
        // Those that began before the flood was full would have kept their places.
        if (ms % 1000 !== 0 || ms < 20_000) continue;
        own++;
        if (w.lookUp()) begun++;
      }
      expect(begun).toBe(own);
      const lookups = w.asked.messages / neighbours.length - own;
      // What one link may have: 300 at once, and 50 a second. That much it does have.
      expect(lookups).toBeLessThanOrEqual(300 + 40 * 50);
      expect(lookups).toBeGreaterThan(300 + 35 * 50);
      expect(w.forwarder.counters.rationed).toBe(given - lookups);
      expect(w.forwarder.counters.unroutable).toBeGreaterThanOrEqual(w.forwarder.counters.rationed);
      expect(w.router.size().queries).toBeLessThan(1500);
    });
  }

  it('leave others their share, by other links and of the other kind, and have no more together', () => {
    const w = world();
    const asks = (give: () => void): boolean => {
      const before = w.asked.messages;
      give();
      return w.asked.messages > before;
    };
    const until = (give: () => void): number => {
      let count = 0;
      while (asks(give)) count++;
      return count;
    };
    expect(until(() => w.give(somebody(), somebody(), 0))).toBe(300);
    expect(until(() => w.give(somebody(), w.self.address, 0))).toBe(300);
    expect(until(() => w.give(somebody(), somebody(), 1))).toBe(300);
    // All links together have had theirs of this kind.
    expect(until(() => w.give(somebody(), somebody(), 2))).toBe(0);
    expect(until(() => w.give(somebody(), w.self.address, 2))).toBe(300);
    expect(w.lookUp()).toBe(true);
  });

  it('find honest packets on their way unhindered: those of known routes, and of a search under way, cost no ration', () => {
    const w = world();
    const known = createNodeIdentity(dice.bytes(32), (n) => dice.bytes(n));
    w.forwarder.settle(known.subnet, { state: 'route', peer: 3, routerId: known.routerId });
    const sought = somebody();
    w.give(somebody(), sought);
    for (let i = 0; i < 2000; i++) floods['through us, to nobody']?.(w);
    const { rationed } = w.forwarder.counters;
    for (let i = 0; i < 500; i++) {
      w.give(somebody(), known.address);
      w.give(somebody(), sought);
    }
    expect(w.sent.length).toBe(500);
    expect(w.forwarder.counters.rationed).toBe(rationed);
    expect(w.forwarder.waiting()).toBe(300 + 500);
  });

  it('are told that there is no route when what they cause is too much', () => {
    const w = world();
    const honest = createNodeIdentity(dice.bytes(32), (n) => dice.bytes(n));
    w.forwarder.settle(honest.subnet, { state: 'route', peer: 2, routerId: honest.routerId });
    for (let i = 0; i < 300; i++) w.give(honest.address, somebody());
    expect(w.sent).toEqual([]);
    w.give(honest.address, somebody());
    expect(w.sent).toEqual([2]);
    // A hundred such words a second, as ever.
    for (let i = 0; i < 500; i++) w.give(honest.address, somebody());
    expect(w.sent.length).toBe(100);
  });
});
